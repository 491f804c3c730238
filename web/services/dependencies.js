// What a service calls and who calls it: other services by the service graph, databases and hosts outside by its own spans.

import { html, useMemo } from '../vendor/preact.js';
import { CardTools } from '../explore/card-tools.js';
import { firstOfKind } from '../data/sources.js';
import * as tempo from '../data/tempo.js';
import { setParams, withParams } from '../router.js';
import { Grid } from '../ui/grid.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { callColumns, callsFrame } from './call-table.js';
import { callsFor } from './calls.js';
import { serviceCounts } from './red.js';
import { labelOf, ofService, readableRange, spansWith } from './span-counts.js';
import { HealthDot, Waiting, shown, shownRate } from './words.js';

/** @typedef {import('../types/model').TimeRange} TimeRange */

/** @param {import('./page.js').Context & {service: string}} context */
export function Dependencies({ uid, params, range, all, keep, service }) {
    const found = useLoad((signal) => callsFor({ uid, range, service, signal }), [uid, range, service], uid !== '');
    const services = useLoad((signal) => serviceCounts({ uid, range, signal }), [uid, range], uid !== '');
    const traces = firstOfKind(all, 'tempo')?.uid;
    const sort = params.get('sort') ?? '-rate';
    const onSort = (/** @type {string} */ next) => setParams({ sort: next === '-rate' ? null : next }, { replace: true });
    const side = (/** @type {'client' | 'server'} */ name, /** @type {'client' | 'server'} */ other, /** @type {string} */ title, /** @type {string} */ none) => {
        const calls = (found.value?.calls ?? []).filter((call) => call[name] === service);
        const columns = callColumns({ sides: [other], keep, known: (one) => services.value?.has(one) ?? false });
        return html`<section class="explore-card"><header><h2>${title}</h2><span class="muted">${calls.length}</span>${calls.length > 0 && html`<${CardTools} title="calls" frames=${() => [callsFrame(calls)]} />`}</header>
            ${calls.length === 0 ? html`<${Empty} title=${none} />` : html`<${Grid} label=${title} rows=${calls} columns=${columns} sort=${sort} onSort=${onSort} />`}</section>`;
    };
    return html`<${Waiting} load=${found} />${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && html`<div class="service-sides">${side('server', 'client', 'Called by', 'Nobody calls it in this time range')}${side('client', 'server', 'Calls', 'It calls nobody in this time range')}</div>
            <a class="button small service-aside" href=${withParams('/services', { ...keep, view: 'map', focus: service })}><${Icon} name="services" size="14" />On the map</a>`}
        ${traces ? html`<${Outside} key="db" title="Databases" uid=${traces} service=${service} range=${range} what=${databases} />
            <${Outside} key="http" title="Other hosts" uid=${traces} service=${service} range=${range} what=${hosts} />`
            : html`<${Message} tone="warn">Calls to databases and other hosts are found in traces, and no data source for these is configured.</${Message}>`}`;
}

/**
 * Attributes by their names in newer and older conventions: of each `group` the first that a span has.
 * @typedef {{condition: string, groups: string[][], titles: string[], none: string}} What
 */

/** @type {What} */
const databases = {
    condition: '(span.db.system != nil || span.db.system.name != nil)',
    groups: [['span.db.system.name', 'span.db.system'], ['span.db.namespace', 'span.db.name'], ['name']], titles: ['System', 'Database', 'Statement'],
    none: 'No spans with db.system in this time range',
};

/** @type {What} */
const hosts = {
    condition: 'kind = client && span.db.system = nil && span.db.system.name = nil && (span.server.address != nil || span.net.peer.name != nil || span.http.host != nil || span.peer.service != nil)',
    groups: [['span.server.address', 'span.net.peer.name', 'span.http.host', 'span.peer.service'], ['name']], titles: ['Host', 'Operation'],
    none: 'No spans of calls with server.address in this time range',
};

/** @typedef {{names: string[], rate: number, failedShare: number, p95: number | null}} OutsideCall */

/**
 * @param {{title: string, uid: string, service: string, range: TimeRange, what: What}} properties
 */
function Outside({ title, uid, service, range, what }) {
    const { range: readable, cut } = readableRange(range);
    const found = useLoad((signal) => outsideCalls({ uid, service, range: readable, what, signal }), [uid, service, range, what]);
    const columns = useMemo(() => outsideColumns(what, uid, service, range), [what, uid, service, range]);
    const rows = found.value?.rows ?? [];
    return html`<section class="explore-card"><header><h2>${title}</h2><span class="muted">${found.value ? rows.length : ''}${cut ? ', in the last 24 hours of the range' : ''}</span></header>
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value?.notice && html`<${Message} tone="warn">${found.value.notice}</${Message}>`}
        ${found.value && (rows.length === 0 ? html`<${Empty} title=${what.none} />` : html`<${SortedGrid} label=${title} rows=${rows} columns=${columns} />`)}</section>`;
}

/** @param {{label: string, rows: any[], columns: any[]}} properties */
function SortedGrid({ label, rows, columns }) {
    const name = `sort-${label.toLowerCase().replace(/\W/g, '-')}`;
    const sort = new URLSearchParams(window.location.search).get(name) ?? '-rate';
    return html`<${Grid} label=${label} rows=${rows} columns=${columns} sort=${sort} onSort=${(/** @type {string} */ next) => setParams({ [name]: next === '-rate' ? null : next }, { replace: true })} />`;
}

/**
 * @param {{uid: string, service: string, range: TimeRange, what: What, signal: AbortSignal}} wanted
 * @returns {Promise<{rows: OutsideCall[], notice?: string}>}
 */
async function outsideCalls({ uid, service, range, what, signal }) {
    const by = what.groups.flat().slice(0, 5);
    const filter = (/** @type {string} */ more) => spansWith([ofService(service), what.condition, more]);
    const ask = (/** @type {string} */ query) => tempo.queryTotals({ uid, query: `${query} by (${by.join(', ')})`, range, signal });
    const [all, failed, durations] = await Promise.all([
        ask(`${filter('')} | rate()`), ask(`${filter('status = error')} | rate()`), ask(`${filter('')} | quantile_over_time(duration, 0.95)`),
    ]);
    return { rows: outsideRows({ all: all.series, failed: failed.series, durations: durations.series }, what.groups), notice: all.notice };
}

/**
 * @param {{all: {metric: Record<string, string>, value: number}[], failed: {metric: Record<string, string>, value: number}[], durations: {metric: Record<string, string>, value: number}[]}} answers
 * @param {string[][]} groups
 * @returns {OutsideCall[]}
 */
export function outsideRows({ all, failed, durations }, groups) {
    const namesOf = (/** @type {Record<string, string>} */ metric) => groups.map((group) => group.map((name) => labelOf(metric, name)).find(Boolean) ?? '');
    /** @type {Map<string, OutsideCall & {errors: number}>} */
    const rows = new Map();
    for (const { metric, value } of all) {
        const names = namesOf(metric);
        const row = rows.get(JSON.stringify(names)) ?? { names, rate: 0, errors: 0, failedShare: 0, p95: null };
        row.rate += value;
        rows.set(JSON.stringify(names), row);
    }
    for (const { metric, value } of failed) {
        const row = rows.get(JSON.stringify(namesOf(metric)));
        if (row) row.errors += value;
    }
    for (const { metric, value } of durations) {
        const row = rows.get(JSON.stringify(namesOf(metric)));
        if (row) row.p95 = Math.max(row.p95 ?? 0, value);
    }
    return [...rows.values()].map(({ errors, ...row }) => ({ ...row, failedShare: row.rate > 0 ? errors / row.rate : 0 }));
}

/** @param {What} what @param {string} uid @param {string} service @param {TimeRange} range @returns {import('../ui/grid.js').Column<OutsideCall>[]} */
function outsideColumns(what, uid, service, range) {
    const last = what.titles.length - 1;
    const href = (/** @type {OutsideCall} */ row) => withParams('/explore/traces', {
        ds: uid, from: range.raw.from, to: range.raw.to,
        expr: spansWith([ofService(service), `name = ${JSON.stringify(row.names[last])}`, row.names[0] !== '' && `(${what.groups[0].map((name) => `${name} = ${JSON.stringify(row.names[0])}`).join(' || ')})`]),
    });
    return [
        ...what.titles.map((title, index) => /** @type {import('../ui/grid.js').Column<OutsideCall>} */ ({
            id: title.toLowerCase(), title, width: index === last ? 'minmax(140px, 2fr)' : 'minmax(90px, 1fr)', wide: index !== 0 && index !== last, value: (row) => row.names[index],
            cell: (row) => html`${index === 0 && html`<${HealthDot} share=${row.failedShare} />`}${index === last ? html`<a class="thing-name" href=${href(row)} title=${row.names[index]}>${row.names[index]}</a>` : html`<span class="thing-name" title=${row.names[index]}>${row.names[index] || '–'}</span>`}`,
        })),
        { id: 'rate', title: 'Rate', width: 'minmax(76px, 0.7fr)', end: true, value: (row) => row.rate, cell: (row) => shownRate(row.rate) },
        { id: 'failed', title: 'Errors', width: 'minmax(64px, 0.6fr)', end: true, value: (row) => row.failedShare, cell: (row) => shown(row.failedShare, 'percentunit') },
        { id: 'p95', title: 'P95', width: 'minmax(64px, 0.6fr)', end: true, value: (row) => row.p95, cell: (row) => shown(row.p95, 's') },
    ];
}
