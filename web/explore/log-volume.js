// How many lines of each level came when.

import { html, useMemo } from '../vendor/preact.js';
import { themeVariable } from '../format/colors.js';
import * as loki from '../data/loki.js';
import { levelOf, levels, normalizeLevel } from '../data/levels.js';
import { setAbsoluteRange, zoomRange } from '../time/picker.js';
import { formatDuration, intervalFor } from '../time/range.js';
import { useTheme } from '../ui/hooks.js';
import { Plot } from '../panels/plot.js';

/** @typedef {import('../types/model').LogLine} LogLine */
/** @typedef {import('../types/model').TimeRange} TimeRange */
/** @typedef {{times: number[], byLevel: Map<string, number[]>, partial: boolean}} Volume */

/**
 * Counted by the server; undefined when it cannot, and then the loaded lines are counted instead.
 * @param {{uid: string, expr: string, range: TimeRange, signal: AbortSignal}} context
 * @returns {Promise<Volume | undefined>}
 */
export async function loadVolume({ uid, expr, range, signal }) {
    const stepMs = intervalFor(range, 70, 1000);
    const query = `sum by (level, detected_level, severity_text) (count_over_time(${expr}[${formatDuration(stepMs)}]))`;
    const answer = await loki.queryMetric({ uid, expr: query, startMs: range.from, endMs: range.to + stepMs, stepMs, signal });
    const count = Math.round((answer.end - answer.start) / answer.step) + 1;
    const times = Array.from({ length: count }, (_, index) => (answer.start + index * answer.step) * 1000 - stepMs / 2);
    /** @type {Map<string, number[]>} */
    const byLevel = new Map();
    for (const { metric, values } of answer.series) {
        const level = levelFromLabels(metric);
        const column = byLevel.get(level) ?? new Array(count).fill(0);
        for (const [time, text] of values ?? []) {
            const index = Math.round((time - answer.start) / answer.step);
            if (index >= 0 && index < count) column[index] += Number(text);
        }
        byLevel.set(level, column);
    }
    return { times, byLevel, partial: false };
}

/** @param {Record<string, string>} metric */
function levelFromLabels(metric) {
    const word = metric.level || metric.detected_level || metric.severity_text;
    return word ? normalizeLevel(word) : levelOf('', metric);
}

/** @param {LogLine[]} lines @param {TimeRange} range @returns {Volume} */
function countLines(lines, range) {
    const stepMs = intervalFor(range, 70, 1000);
    const start = Math.floor(range.from / stepMs) * stepMs;
    const count = Math.max(1, Math.ceil((range.to - start) / stepMs));
    /** @type {Map<string, number[]>} */
    const byLevel = new Map();
    for (const line of lines) {
        const column = byLevel.get(line.level) ?? new Array(count).fill(0);
        const index = Math.floor((line.timeMs - start) / stepMs);
        if (index >= 0 && index < count) column[index] += 1;
        byLevel.set(line.level, column);
    }
    return { times: Array.from({ length: count }, (_, index) => start + (index + 0.5) * stepMs), byLevel, partial: true };
}

/**
 * @param {{volume: Volume | undefined, lines: LogLine[], range: TimeRange, width: number, level: string, onLevel: (level: string) => void}} properties
 */
export function LogVolume({ volume, lines, range, level, onLevel }) {
    const theme = useTheme();
    // A server that knows no level of its lines counts them all as unknown; the loaded lines then tell more.
    const useful = volume && [...volume.byLevel.keys()].some((one) => one !== 'unknown');
    const known = lines.some((line) => line.level !== 'unknown');
    const counted = useMemo(() => (useful || (volume && !known) ? volume : lines.length > 0 || !volume ? countLines(lines, range) : volume), [volume, lines, range]);
    const series = useMemo(() => seriesOf(counted, volume, theme), [counted, volume, theme]);
    const totals = levels.filter((one) => counted.byLevel.has(one)).map((one) => [one, (counted.byLevel.get(one) ?? []).reduce((sum, value) => sum + value, 0)]);
    return html`<header><h2>Volume</h2>
            <div class="level-chips">${totals.map(([one, total]) => html`<button class="level-chip level-${one}" aria-pressed=${one === level ? 'true' : 'false'}
                title="Show lines of this level only" onClick=${() => onLevel(String(one))}><i></i>${one}<b>${Number(total).toLocaleString('en-US')}</b></button>`)}</div>
            ${counted.partial && lines.length > 0 && html`<span class="muted">levels of the lines loaded</span>`}
        </header>
        <div class="volume-box">${series.length > 0 && html`<${Plot} times=${counted.times} series=${series} hidden=${none} focused=${null} range=${range} zone="browser"
            tooltip=${{ mode: 'multi', sort: 'none', hideZeros: true }} onZoom=${setAbsoluteRange} onZoomOut=${() => zoomRange(range, 2)} />`}</div>`;
}

/** @type {Set<string>} */
const none = new Set();

/**
 * @param {Volume} counted
 * @param {Volume | undefined} _volume
 * @param {string} _theme
 * @returns {import('../panels/series.js').Series[]}
 */
function seriesOf(counted, _volume, _theme) {
    const custom = { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0, barWidthFactor: 0.86, stacking: { mode: 'normal', group: 'A' } };
    return [...levels].reverse().filter((level) => counted.byLevel.has(level)).map((level) => {
        const values = counted.byLevel.get(level) ?? [];
        return {
            name: level, color: themeVariable(`--level-${level}`), values, raw: values, custom, unit: 'short', stack: 'normal/A/1',
            field: { name: level, type: 'number', values, config: { unit: 'short', custom } },
        };
    });
}
