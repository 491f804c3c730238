// A card with lines of one kind over time.

import { html, useMemo } from '../vendor/preact.js';
import { configured } from '../data/fields.js';
import * as prometheus from '../data/prometheus.js';
import { TimeSeriesPanel } from '../panels/time-series.js';
import { intervalFor } from '../time/range.js';
import { withParams } from '../router.js';
import { useLoad, useSize } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { stepWindow } from './red.js';

/** @typedef {{name: string, expr: string}} Line */

/**
 * @param {{title: string, uid: string, range: import('../types/model').TimeRange, intervalMs: number, unit: string, lines: (window: string) => Line[], color?: string, max?: number,
 *   marks?: import('../dashboard/annotations.js').Annotation[], group: string}} properties group: graphs with the same one share their crosshair
 */
export function GraphCard({ title, uid, range, intervalMs, unit, lines, color, max, marks = none, group }) {
    const [boxRef, size] = useSize();
    const stepMs = intervalFor(range, 240, intervalMs);
    const asked = lines(stepWindow(stepMs, intervalMs));
    const key = JSON.stringify(asked);
    const answer = useLoad(async (signal) => {
        const all = await Promise.all(asked.map(({ expr }) => prometheus.queryRange({ uid, expr, startMs: range.from, endMs: range.to, stepMs, signal })));
        return { range, frames: all.flatMap((one, index) => prometheus.rangeFrames(one, `${index}`, () => asked[index].name)) };
    }, [uid, key, range, stepMs], uid !== '');
    const panel = useMemo(() => panelOf(unit, color, max), [unit, color, max]);
    const data = useMemo(() => answer.value && { range: answer.value.range, frames: configured(answer.value.frames, panel.fieldConfig, (text) => text) }, [answer.value, panel]);
    const explore = withParams('/explore/metrics', { ds: uid, from: range.raw.from, to: range.raw.to, expr: asked[asked.length - 1].expr });
    return html`<section class="explore-card service-graph" aria-label=${title}>
        <header><h2>${title}</h2><span class="muted"></span><a class="button small quiet icon" href=${explore} title="Explore" aria-label="Explore ${title}"><${Icon} name="compass" size="14" /></a></header>
        ${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        <div class="service-graph-box" ref=${boxRef}>${data && (data.frames.length === 0 ? html`<${Empty} title="No requests">None were counted in this time range.</${Empty}>`
            : html`<${TimeSeriesPanel} panel=${panel} data=${data} zone="browser" size=${size} range=${range} annotations=${marks} dashboard=${{ uid: group, graphTooltip: 1 }} />`)}</div>
    </section>`;
}

/** @type {import('../dashboard/annotations.js').Annotation[]} */
const none = [];

/** @param {string} unit @param {string | undefined} color @param {number | undefined} max @returns {any} */
function panelOf(unit, color, max) {
    const custom = { lineWidth: 1.5, fillOpacity: 9 };
    return {
        id: 0, type: 'timeseries', options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
        fieldConfig: { defaults: { unit, min: 0, max, color: color ? { mode: 'fixed', fixedColor: color } : { mode: 'palette-classic' }, custom }, overrides: [] },
    };
}
