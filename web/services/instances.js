// Where a service runs: its instances, hosts, pods and versions as its spans tell, and the boards of these hosts.

import { html, useMemo } from '../vendor/preact.js';
import * as prometheus from '../data/prometheus.js';
import { firstOfKind } from '../data/sources.js';
import * as tempo from '../data/tempo.js';
import { setParams, withParams } from '../router.js';
import { Grid } from '../ui/grid.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { labelOf, ofService, readableRange, spansWith } from './span-counts.js';
import { HealthDot, Waiting, shown, shownRate } from './words.js';

/** @typedef {{instance: string, host: string, pod: string, version: string, rate: number, failedShare: number, p95: number | null}} Instance */

/** @type {[keyof Instance, string, string][]} attribute and title of each column */
const names = [['instance', 'resource.service.instance.id', 'Instance'], ['host', 'resource.host.name', 'Host'], ['pod', 'resource.k8s.pod.name', 'Pod'], ['version', 'resource.service.version', 'Version']];

/** @param {import('./page.js').Context & {service: string}} context */
export function Instances({ uid, params, range, all, service }) {
    const traces = firstOfKind(all, 'tempo')?.uid ?? '';
    const { range: readable, cut } = readableRange(range);
    const found = useLoad((signal) => instancesOf({ uid: traces, service, range: readable, signal }), [traces, service, range], traces !== '');
    const hosts = useLoad((signal) => exportersByHost(uid, range, signal).catch(() => new Map()), [uid, range], uid !== '');
    const columns = useMemo(() => columnsFor({ rows: found.value?.rows ?? [], exporters: hosts.value ?? new Map(), traces, service, range }), [found.value, hosts.value]);
    const sort = params.get('sort') ?? '-rate';
    if (traces === '') return html`<${Empty} title="No data source for traces">Instances are named by spans. Start martlet-dashboards with --datasource.traces URL.</${Empty}>`;
    return html`<${Waiting} load=${found} />${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value?.notice && html`<${Message} tone="warn">${found.value.notice}</${Message}>`}
        ${found.value && !found.error && html`<section class="explore-card"><header><h2>Instances</h2><span class="muted">${found.value.rows.length}${cut ? ', in the last 24 hours of the range' : ''}</span></header>
            ${found.value.rows.length === 0 ? html`<${Empty} title="No spans in this time range" />`
                : html`<${Grid} label="Instances" rows=${found.value.rows} columns=${columns} sort=${sort} onSort=${(/** @type {string} */ next) => setParams({ sort: next === '-rate' ? null : next }, { replace: true })} />
                    ${found.value.rows.every((row) => !row.instance && !row.host && !row.pod) && html`<p class="muted">Its spans do not say where they are from: set service.instance.id, host.name and service.version in OTEL_RESOURCE_ATTRIBUTES.</p>`}`}</section>`}`;
}

/** @param {{uid: string, service: string, range: import('../types/model').TimeRange, signal: AbortSignal}} wanted */
async function instancesOf({ uid, service, range, signal }) {
    const by = names.map(([, attribute]) => attribute).join(', ');
    const ask = (/** @type {string} */ filter, /** @type {string} */ what) => tempo.queryTotals({ uid, query: `${filter} | ${what} by (${by})`, range, signal });
    const filter = spansWith([ofService(service)]);
    const [all, failed, durations] = await Promise.all([ask(filter, 'rate()'), ask(spansWith([ofService(service), 'status = error']), 'rate()'), ask(filter, 'quantile_over_time(duration, 0.95)')]);
    return { rows: instanceRows({ all: all.series, failed: failed.series, durations: durations.series }), notice: all.notice };
}

/**
 * @param {Record<'all' | 'failed' | 'durations', {metric: Record<string, string>, value: number}[]>} answers
 * @returns {Instance[]}
 */
export function instanceRows({ all, failed, durations }) {
    const key = (/** @type {Record<string, string>} */ metric) => JSON.stringify(names.map(([, attribute]) => labelOf(metric, attribute)));
    const valueOf = (/** @type {{metric: Record<string, string>, value: number}[]} */ series) => new Map(series.map(({ metric, value }) => [key(metric), value]));
    const [errors, p95] = [valueOf(failed), valueOf(durations)];
    return all.map(({ metric, value }) => /** @type {any} */ ({
        ...Object.fromEntries(names.map(([id, attribute]) => [id, labelOf(metric, attribute)])),
        rate: value, failedShare: value > 0 ? (errors.get(key(metric)) ?? 0) / value : 0, p95: p95.get(key(metric)) ?? null,
    }));
}

/**
 * The label `instance` of the exporter on each host that has one.
 * @param {string} uid @param {import('../types/model').TimeRange} range @param {AbortSignal} signal
 * @returns {Promise<Map<string, string>>}
 */
async function exportersByHost(uid, range, signal) {
    const { series } = await prometheus.queryInstant({ uid, expr: 'group by (nodename, instance) (node_uname_info)', timeMs: range.to, signal });
    return new Map(series.map(({ metric }) => [metric.nodename ?? '', metric.instance ?? '']));
}

/**
 * @param {{rows: Instance[], exporters: Map<string, string>, traces: string, service: string, range: import('../types/model').TimeRange}} context
 * @returns {import('../ui/grid.js').Column<Instance>[]}
 */
function columnsFor({ rows, exporters, traces, service, range }) {
    const keep = { from: range.raw.from, to: range.raw.to };
    const search = (/** @type {Instance} */ row) => withParams('/explore/traces', {
        ...keep, ds: traces, expr: spansWith([ofService(service), ...names.filter(([id]) => row[id]).map(([id, attribute]) => `${attribute} = ${JSON.stringify(row[id])}`)]),
    });
    const used = names.filter(([id], index) => index === 0 || rows.some((row) => row[id]));
    const cell = (/** @type {string} */ id) => (/** @type {any} */ row) => {
        const text = row[id] || '–';
        const exporter = id === 'host' ? exporters.get(row.host) : undefined;
        const href = id === 'instance' ? search(row) : exporter ? withParams('/d/this-host/this-host', { ...keep, 'var-instance': exporter }) : undefined;
        return html`${id === 'instance' && html`<${HealthDot} share=${row.failedShare} />`}${href ? html`<a class="thing-name" href=${href} title=${id === 'instance' ? `Traces of ${text}` : `Board of ${text}`}>${text}</a>` : html`<span class="thing-name" title=${text}>${text}</span>`}`;
    };
    return [
        ...used.map(([id, , title]) => /** @type {import('../ui/grid.js').Column<Instance>} */ ({ id, title, width: 'minmax(110px, 1.4fr)', wide: id === 'pod' || id === 'version', value: (row) => row[id], cell: cell(id) })),
        { id: 'rate', title: 'Spans', width: 'minmax(76px, 0.7fr)', end: true, value: (row) => row.rate, cell: (row) => shownRate(row.rate) },
        { id: 'failed', title: 'Errors', width: 'minmax(64px, 0.6fr)', end: true, value: (row) => row.failedShare, cell: (row) => shown(row.failedShare, 'percentunit') },
        { id: 'p95', title: 'P95', width: 'minmax(64px, 0.6fr)', end: true, value: (row) => row.p95, cell: (row) => shown(row.p95, 's') },
    ];
}
