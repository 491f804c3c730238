// Runs the targets of a panel and answers frames.

import { interpolate } from './interpolate.js';
import { findSource, kindOf } from '../data/sources.js';
import * as prometheus from '../data/prometheus.js';
import * as loki from '../data/loki.js';
import * as tempo from '../data/tempo.js';
import { intervalFor, parseDuration, resolveRange } from '../time/range.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('../types/model').Target} Target */
/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('../types/model').TimeRange} TimeRange */
/**
 * @typedef {{frames: Frame[], lines: import('../types/model').LogLine[], range: TimeRange, stepMs: number, queries: string[]}} PanelData
 */

/** Panel types which want the newest value only and no history. */
const tabular = new Set(['table', 'table-old']);

/**
 * The time range of a panel: its own `timeFrom` and `timeShift` over the dashboard's.
 * @param {Panel} panel
 * @param {TimeRange} range
 * @returns {TimeRange}
 */
export function panelRange(panel, range) {
    let result = range;
    if (panel.timeFrom) result = resolveRange(panel.timeFrom.startsWith('now') ? panel.timeFrom : `now-${panel.timeFrom}`, 'now', { now: range.to });
    const shift = panel.timeShift ? parseDuration(panel.timeShift) : NaN;
    if (!Number.isNaN(shift)) result = { ...result, from: result.from - shift, to: result.to - shift };
    return result;
}

/**
 * @param {{panel: Panel, scope: Scope, sources: DataSource[], width: number, signal: AbortSignal}} context
 *   width: pixels of the panel, which bound the number of points
 * @returns {Promise<PanelData>}
 */
export async function runPanel({ panel, scope, sources, width, signal }) {
    const range = panelRange(panel, scope.range);
    const targets = (panel.targets ?? []).filter((target) => !target.hide);
    const points = panel.maxDataPoints || Math.max(100, Math.min(1500, Math.round(width)));
    /** @type {PanelData} */
    const data = { frames: [], lines: [], range, stepMs: 0, queries: [] };
    const answers = await Promise.all(targets.map((target) => {
        const source = findSource(sources, target.datasource ?? panel.datasource, (text) => interpolate(text, scope));
        const leastText = target.interval || panel.interval || '';
        const least = parseDuration(interpolate(leastText, scope));
        const scrape = parseDuration(source.jsonData?.timeInterval ?? '15s') || 15_000;
        const floor = Number.isNaN(least) ? (kindOf(source.type) === 'prometheus' ? scrape : 1000) : least;
        const stepMs = intervalFor(range, points, floor) * (Number(target.intervalFactor) || 1);
        data.stepMs = Math.max(data.stepMs, stepMs);
        const inner = { ...scope, range, intervalMs: stepMs, rateIntervalMs: Math.max(stepMs + scrape, 4 * scrape) };
        return runTarget({ panel, target, source, scope: inner, stepMs, points, many: targets.length > 1, signal });
    }));
    for (const answer of answers) {
        data.frames.push(...answer.frames);
        data.lines.push(...answer.lines);
        data.queries.push(answer.query);
    }
    return data;
}

/**
 * @param {{panel: Panel, target: Target, source: DataSource, scope: Scope, stepMs: number, points: number, many: boolean, signal: AbortSignal}} context
 * @returns {Promise<{frames: Frame[], lines: any[], query: string}>}
 */
async function runTarget({ panel, target, source, scope, stepMs, points, many, signal }) {
    const expr = interpolate(target.expr ?? target.query ?? '', scope, 'promql').trim();
    const { uid } = source;
    const { refId } = target;
    const nothing = { frames: [], lines: [], query: expr };
    if (expr === '') return nothing;
    const legend = interpolate(target.legendFormat ?? '', scope, 'text');
    const name = prometheus.legendName(legend, expr);
    const timeMs = scope.range.to;
    const bounds = { uid, expr, startMs: scope.range.from, endMs: scope.range.to, stepMs, signal };
    const kind = kindOf(source.type);
    if (kind === 'prometheus') {
        const asTable = target.format === 'table';
        const instant = target.instant && !target.range;
        if (instant || (asTable && target.range !== true && target.instant !== false && tabular.has(panel.type))) {
            const answer = await prometheus.queryInstant({ uid, expr, timeMs, signal });
            const frames = asTable ? prometheus.tableFrame(answer, refId, many) : prometheus.instantFrames(answer, refId, name);
            return { ...nothing, frames };
        }
        const answer = await prometheus.queryRange(bounds);
        const frames = asTable ? prometheus.tableFrame(answer, refId, many) : prometheus.rangeFrames(answer, refId, name);
        return { ...nothing, frames };
    }
    if (kind === 'loki') {
        if (!loki.isMetricQuery(expr)) {
            const limit = Number(target.maxLines) || Math.min(1000, points);
            const { from, to } = scope.range;
            const { lines } = await loki.queryLogs({ uid, expr, limit, startNs: `${Math.floor(from)}000000`, endNs: `${Math.floor(to)}000000`, signal });
            return { ...nothing, lines, frames: [linesFrame(lines, refId)] };
        }
        if (target.queryType === 'instant' || target.instant) {
            return { ...nothing, frames: prometheus.instantFrames(await loki.queryMetricInstant({ uid, expr, timeMs, signal }), refId, name) };
        }
        return { ...nothing, frames: prometheus.rangeFrames(await loki.queryMetric(bounds), refId, name) };
    }
    if (kind === 'tempo') {
        const traces = await tempo.searchTraces({ uid, query: expr, range: scope.range, limit: target.limit ?? 20, signal });
        return { ...nothing, frames: [tracesFrame(traces, refId)] };
    }
    throw new Error(`Data sources of type “${source.type}” are not supported.`);
}

/** @param {import('../types/model').LogLine[]} lines @param {string} refId @returns {Frame} */
function linesFrame(lines, refId) {
    return {
        refId, rows: lines.length,
        fields: [
            { name: 'Time', type: 'time', values: lines.map((line) => line.timeMs), config: {} },
            { name: 'Line', type: 'string', values: lines.map((line) => line.line), config: {} },
        ],
    };
}

/** @param {import('../data/tempo.js').TraceSummary[]} traces @param {string} refId @returns {Frame} */
function tracesFrame(traces, refId) {
    return {
        refId, rows: traces.length,
        fields: [
            { name: 'Trace ID', type: 'string', values: traces.map((trace) => trace.id), config: {} },
            { name: 'Start time', type: 'time', values: traces.map((trace) => trace.startMs), config: {} },
            { name: 'Service', type: 'string', values: traces.map((trace) => trace.service), config: {} },
            { name: 'Name', type: 'string', values: traces.map((trace) => trace.name), config: {} },
            { name: 'Duration', type: 'number', values: traces.map((trace) => trace.durationMs), config: { unit: 'ms' } },
        ],
    };
}
