// A query over logs or traces that counts: its graph.

import { html, useMemo } from '../vendor/preact.js';
import { configured } from '../data/fields.js';
import * as prometheus from '../data/prometheus.js';
import { TimeSeriesPanel } from '../panels/time-series.js';
import { formatDuration, intervalFor } from '../time/range.js';
import { useLoad, useSize } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { CardTools } from './card-tools.js';

/** @type {any} */
const panel = {
    id: 0, type: 'timeseries', options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    fieldConfig: { defaults: { color: { mode: 'palette-classic' }, unit: 'short', custom: { lineWidth: 1.5, fillOpacity: 10 } }, overrides: [] },
};

/**
 * @typedef {{expr: string, range: import('../types/model').TimeRange, stepMs: number, signal: AbortSignal}} Question
 * @param {{uid: string, expr: string, range: import('../types/model').TimeRange, least?: number,
 *   ask: (question: Question) => Promise<{series: any[], start: number, end: number, step: number}>}} properties `least`: smallest step, ms
 */
export function MetricGraph({ uid, expr, range, ask, least = 1000 }) {
    const [boxRef, size] = useSize();
    const stepMs = intervalFor(range, 300, least);
    const query = expr.replace(/\$__(?:interval|auto|rate_interval)/g, formatDuration(stepMs));
    const answer = useLoad(async (signal) => {
        const found = await ask({ expr: query, range, stepMs, signal });
        return { frames: prometheus.rangeFrames(found, 'A', prometheus.legendName(undefined, expr)), range };
    }, [uid, query, range, stepMs]);
    const data = useMemo(() => answer.value && { range: answer.value.range, frames: configured(answer.value.frames, panel.fieldConfig, (text) => text) }, [answer.value]);
    return html`${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        <section class="explore-card graph-card" ref=${boxRef}>
            <header><h2>Graph</h2><span class="muted">${data ? `${data.frames.length} series, step ${formatDuration(stepMs)}` : ''}</span>
                ${data && html`<${CardTools} title="graph" frames=${() => data.frames} image=${true} />`}</header>
            <div class="graph-box">${data && (data.frames.length === 0 ? html`<${Empty} title="No data">Nothing was counted in this time range.</${Empty}>`
                : html`<${TimeSeriesPanel} panel=${panel} data=${data} zone="browser" size=${{ width: size.width, height: 360 }} range=${range} />`)}</div>
        </section>`;
}
