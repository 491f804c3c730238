// An alert's expression over time, with the line that it must not cross.

import { html, useMemo } from '../vendor/preact.js';
import { configured } from '../data/fields.js';
import * as loki from '../data/loki.js';
import * as prometheus from '../data/prometheus.js';
import { thresholdOf, thresholdSteps } from '../data/threshold.js';
import { TimeSeriesPanel } from '../panels/time-series.js';
import { formatDuration, intervalFor } from '../time/range.js';
import { useLoad, useSize } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { languageOf } from './expression.js';

/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('../types/model').TimeRange} TimeRange */
/** Series that are drawn: beyond that nobody tells them apart. */
const most = 100;

/** @param {DataSource} source @param {{expr: string, range: TimeRange, stepMs: number, signal: AbortSignal}} question */
function ask(source, { expr, range, stepMs, signal }) {
    const query = { uid: source.uid, expr, startMs: range.from, endMs: range.to, stepMs, signal };
    return languageOf(source) === 'logql' ? loki.queryMetric(query) : prometheus.queryRange(query);
}

/** @param {{source: DataSource, expr: string, range: TimeRange}} properties */
export function RuleGraph({ source, expr, range }) {
    const [boxRef, size] = useSize();
    const threshold = useMemo(() => thresholdOf(languageOf(source), expr), [source, expr]);
    const watched = threshold?.expr ?? expr;
    const stepMs = intervalFor(range, 400, 15_000);
    const answer = useLoad(async (signal) => {
        const [found, line] = await Promise.all([ask(source, { expr: watched, range, stepMs, signal }), threshold?.against ? ask(source, { expr: threshold.against, range, stepMs, signal }) : undefined]);
        const named = prometheus.legendName('__auto', watched);
        const frames = prometheus.rangeFrames({ ...found, series: found.series.slice(0, most) }, 'A', named);
        return { frames, lines: line ? prometheus.rangeFrames({ ...line, series: line.series.slice(0, most) }, 'T', prometheus.legendName(undefined, 'threshold')) : [], count: found.series.length, range };
    }, [source.uid, watched, threshold?.against, range, stepMs], expr.trim() !== '');
    const panel = useMemo(() => graphPanel(threshold), [threshold]);
    const data = useMemo(() => answer.value && { range: answer.value.range, frames: configured([...answer.value.frames, ...answer.value.lines, ...constant(threshold, answer.value.frames)], panel.fieldConfig, (text) => text) }, [answer.value, panel]);
    return html`<section class="explore-card graph-card" ref=${boxRef}><header><h2>Expression</h2>
            <span class="muted">${answer.value ? `${answer.value.count.toLocaleString('en-US')} series${answer.value.count > most ? `, the first ${most} drawn` : ''}, step ${formatDuration(stepMs)}` : ''}${threshold?.value !== undefined ? `, alerts ${threshold.operator} ${threshold.value}` : threshold?.against ? `, alerts ${threshold.operator} the dashed line` : ''}</span></header>
        ${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        <div class="rule-graph">${data && size.width > 0 && (answer.value?.count === 0 ? html`<${Empty} title="No data">The expression finds nothing in this time range${threshold ? '' : ', which for an alert is good news'}.</${Empty}>`
            : html`<${TimeSeriesPanel} panel=${panel} data=${data} zone="browser" size=${{ width: size.width, height: 280 }} range=${range} />`)}</div>
    </section>`;
}

/**
 * The threshold as a series of its own, so that it is seen and named.
 * @param {import('../data/threshold.js').Threshold | undefined} threshold @param {import('../types/model').Frame[]} frames
 * @returns {import('../types/model').Frame[]}
 */
function constant(threshold, frames) {
    const [first] = frames;
    if (threshold?.value === undefined || !first) return [];
    const times = first.fields[0].values;
    return [{ refId: 'T', rows: times.length, step: first.step, fields: [prometheus.timeField(times), prometheus.valueField(`threshold ${threshold.value}`, {}, times.map(() => threshold.value ?? null), 'T')] }];
}

/** @param {import('../data/threshold.js').Threshold | undefined} threshold @returns {any} */
function graphPanel(threshold) {
    const dashed = [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 5] } }, { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } }, { id: 'custom.fillOpacity', value: 0 }, { id: 'custom.lineWidth', value: 1.5 }];
    const constantLine = threshold?.value !== undefined;
    return {
        id: 0, type: 'timeseries', gridPos: { x: 0, y: 0, w: 24, h: 8 }, options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
        fieldConfig: {
            defaults: {
                color: { mode: 'palette-classic' }, unit: 'short', thresholds: constantLine ? thresholdSteps(threshold) : undefined,
                custom: { drawStyle: 'line', lineWidth: 1.5, fillOpacity: 0, thresholdsStyle: { mode: constantLine && /[<>]/.test(threshold.operator) ? 'area' : 'off' } },
            },
            overrides: [{ matcher: { id: 'byFrameRefID', options: 'T' }, properties: dashed }],
        },
    };
}
