// All services: how much is asked of each, how much fails, how long it takes, and how that was in the period before.

import { html, useMemo } from '../vendor/preact.js';
import { firstOfKind } from '../data/sources.js';
import * as tempo from '../data/tempo.js';
import { paletteColor } from '../format/colors.js';
import { Spark } from '../panels/spark.js';
import { setParams, withParams } from '../router.js';
import { Grid } from '../ui/grid.js';
import { useLoad, useTheme } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { CardTools } from '../explore/card-tools.js';
import { figureColumns, figuresFrame, rowsOf } from './figure-table.js';
import { figuresFor, ratesOverTime } from './red.js';
import { ofService, spansWith } from './span-counts.js';
import { HealthDot, Waiting } from './words.js';

/** @typedef {import('./figure-table.js').Row} Row */

const sparkPoints = 40;

/** @param {import('./page.js').Context} context */
export function ServiceList({ uid, params, range, all, kind, threshold, intervalMs, keep }) {
    useTheme();
    const found = useLoad((signal) => figuresFor({ uid, by: ['service'], kind, range, threshold, signal }), [uid, kind, range, threshold], uid !== '');
    const lines = useLoad((signal) => ratesOverTime({ uid, kind, range, points: sparkPoints, intervalMs, signal }), [uid, kind, range, intervalMs], uid !== '');
    const traces = firstOfKind(all, 'tempo')?.uid;
    const filter = (params.get('q') ?? '').toLowerCase();
    const rows = useMemo(() => rowsOf(found.value), [found.value]);
    const wanted = useMemo(() => rows.filter((row) => nameOf(row).toLowerCase().includes(filter)), [rows, filter]);
    const columns = useMemo(() => columnsFor({ keep, lines: lines.value, threshold, traces }), [JSON.stringify(keep), lines.value, threshold, traces]);
    const sort = params.get('sort') ?? '-rate';
    return html`<${Waiting} load=${found} />${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value?.notice && html`<${Message} tone="warn">${found.value.notice}</${Message}>`}
        ${found.value && rows.length === 0 && html`<${NoServices} others=${found.value.others} all=${all} range=${range} />`}
        ${rows.length > 0 && html`<section class="explore-card">
            <header><h2>Services</h2><span class="muted">${wanted.length === rows.length ? rows.length : `${wanted.length} of ${rows.length}`}${(found.value?.others ?? 0) > 0
                ? html`, and ${found.value?.others} with other spans only ` : ''}</span>
                ${(found.value?.others ?? 0) > 0 && html`<button class="button small" onClick=${() => setParams({ kind: 'all' })}>All spans</button>`}
                <${CardTools} title="services" frames=${() => [figuresFrame('Service', wanted, nameOf)]} /></header>
            ${wanted.length === 0 ? html`<${Empty} title="No service has such a name" />`
                : html`<${Grid} label="Services" rows=${wanted} columns=${columns} sort=${sort} height="calc(100vh - 210px)" onSort=${(/** @type {string} */ next) => setParams({ sort: next === '-rate' ? null : next }, { replace: true })} />`}
        </section>`}`;
}

/** @param {{keep: Record<string, string | undefined>, lines: Map<string, any[]> | undefined, threshold: number, traces: string | undefined}} context @returns {import('../ui/grid.js').Column<Row>[]} */
function columnsFor({ keep, lines, threshold, traces }) {
    const { rate, rest } = figureColumns(threshold, (row) => traces && withParams('/explore/traces', { ds: traces, from: keep.from, to: keep.to, service: nameOf(row), status: 'error' }));
    return [
        {
            id: 'service', title: 'Service', width: 'minmax(104px, 2fr)', value: nameOf,
            cell: (row) => html`<${HealthDot} share=${row.errorShare} /><a class="thing-name" href=${withParams(`/services/${encodeURIComponent(nameOf(row))}`, keep)} title=${nameOf(row)}>${nameOf(row)}</a>`,
        },
        rate,
        {
            id: 'course', title: 'Rate over time', width: 'minmax(100px, 1.2fr)', wide: true, value: (row) => row.rate,
            cell: (row) => html`<span class="spark-cell in-row"><${Spark} values=${lines?.get(nameOf(row)) ?? []} width=${110} height=${24} color=${paletteColor(2)} filled=${false} config=${{ min: 0 }} /></span>`,
        },
        ...rest,
    ];
}

/** @param {Row} row */
function nameOf(row) {
    return row.labels.service;
}

/**
 * Why there is nothing: the wrong kind of spans, no metrics of spans, or nothing at all.
 * @param {{others: number, all: import('../types/model').DataSource[], range: import('../types/model').TimeRange, service?: string}} properties others: how many have spans of other kinds; service: the one that is asked for
 */
export function NoServices({ others, all, range, service }) {
    const traces = firstOfKind(all, 'tempo');
    const query = spansWith([service && ofService(service)]);
    const spans = useLoad((signal) => (traces && others === 0 ? tempo.searchTraces({ uid: traces.uid, query, range, limit: 1, signal }).catch(() => []) : Promise.resolve([])), [traces?.uid, query, range, others]);
    if (others > 0) {
        return html`<section class="explore-card"><${Empty} title="No such spans"><span>${service ? 'It has' : others === 1 ? 'One service has' : `${others} services have`} spans of other kinds in this time range. <button class="button small" onClick=${() => setParams({ kind: 'all' })}>All spans</button></span></${Empty}></section>`;
    }
    if (!spans.value) return null;
    if (spans.value.length > 0) {
        return html`<section class="explore-card"><${Empty} title="There are traces, but no metrics of spans">
            <span>Start martlet-traces with <code>--span-metrics.remote-write-url http://HOST:9090/api/v1/write</code>; <code>martlet up</code> does so. They come 15 seconds after the first spans.</span></${Empty}></section>`;
    }
    return html`<section class="explore-card"><${Empty} title=${service ? `There is nothing of ${service} in this time range` : 'No services in this time range'}>
        ${service ? 'A longer one may have it; or its spans have another service.name.'
            : 'Applications send spans over OTLP to port 4317 (gRPC) or 4318 (HTTP): any OpenTelemetry SDK does, with OTEL_EXPORTER_OTLP_ENDPOINT=http://HOST:4318.'}</${Empty}></section>`;
}
