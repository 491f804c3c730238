// What services throw: exceptions that spans recorded, by type and service, and one of them in full.

import { html, useMemo } from '../vendor/preact.js';
import { firstOfKind } from '../data/sources.js';
import * as tempo from '../data/tempo.js';
import { readable } from '../explore/readable.js';
import { paletteColor } from '../format/colors.js';
import { Spark } from '../panels/spark.js';
import { setParams, withParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';
import { Grid } from '../ui/grid.js';
import { useLoad, useTheme } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { countGroups, ofService, readableRange, spansWith } from './span-counts.js';
import { Waiting } from './words.js';

/** @typedef {import('../types/model').TimeRange} TimeRange */
/** @typedef {{type: string, service: string, count: number, firstMs: number, lastMs: number, line: number[]}} Group */

const [typeName, serviceName] = ['event.exception.type', 'resource.service.name'];

/** @param {import('./page.js').Context & {service: string}} context */
export function Exceptions({ params, range, all, keep, service }) {
    useTheme();
    const uid = firstOfKind(all, 'tempo')?.uid ?? '';
    const { range: readableOne, cut } = readableRange(range);
    const found = useLoad((signal) => countGroups({ uid, filter: spansWith([`${typeName} != nil`, service && ofService(service)]), by: [typeName, serviceName], range: readableOne, signal }), [uid, service, range], uid !== '');
    const filter = (params.get('q') ?? '').toLowerCase();
    const groups = useMemo(() => (found.value?.groups ?? []).map(({ labels, ...rest }) => ({ type: labels[typeName], service: labels[serviceName], ...rest })), [found.value]);
    const rows = useMemo(() => groups.filter((group) => `${group.type} ${group.service}`.toLowerCase().includes(filter)), [groups, filter]);
    const columns = useMemo(() => columnsFor({ keep, withService: !service, stepMs: found.value?.stepMs ?? 0 }), [JSON.stringify(keep), service, found.value]);
    const sort = params.get('sort') ?? '-count';
    const chosen = params.get('exception');
    const of = params.get('of') ?? service;
    if (uid === '') return html`<${Empty} title="No data source for traces">Exceptions are found in spans. Start martlet-dashboards with --datasource.traces URL.</${Empty}>`;
    return html`<${Waiting} load=${found} />${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value?.notice && html`<${Message} tone="warn">${found.value.notice}</${Message}>`}
        ${chosen !== null && html`<${Example} key=${`${chosen} ${of}`} uid=${uid} type=${chosen} service=${of} range=${range} />`}
        ${found.value && !found.error && html`<section class="explore-card"><header><h2>Exceptions</h2><span class="muted">${rows.length}${cut ? ', in the last 24 hours of the range' : ''}</span></header>
            ${rows.length === 0 ? html`<${Empty} title=${groups.length > 0 ? 'No exception has such a name' : 'No exceptions in this time range'}>${groups.length === 0 && 'Spans record them as events with exception.type: span.record_exception(error) in OpenTelemetry’s SDKs.'}</${Empty}>`
                : html`<${Grid} label="Exceptions" rows=${rows} columns=${columns} sort=${sort} height="calc(100vh - 210px)" onSort=${(/** @type {string} */ next) => setParams({ sort: next === '-count' ? null : next }, { replace: true })} />`}</section>`}`;
}

/** @param {{keep: Record<string, string | undefined>, withService: boolean, stepMs: number}} context @returns {import('../ui/grid.js').Column<Group>[]} */
function columnsFor({ keep, withService, stepMs }) {
    const open = (/** @type {Group} */ group) => setParams({ exception: group.type, of: group.service });
    const moment = (/** @type {number} */ ms) => html`<span title=${dateTime(ms)}>${fromNow(Math.min(Date.now(), ms))}</span>`;
    /** @type {import('../ui/grid.js').Column<Group>[]} */
    const columns = [
        { id: 'type', title: 'Type', width: 'minmax(100px, 2.4fr)', value: (group) => group.type, cell: (group) => html`<button class="link thing-name" title=${group.type} onClick=${() => open(group)}>${readable(group.type, 200)}</button>` },
        { id: 'count', title: 'Count', width: 'minmax(62px, 0.6fr)', end: true, value: (group) => group.count, cell: (group) => group.count.toLocaleString('en-US') },
        { id: 'course', title: 'Over time', width: 'minmax(100px, 1fr)', wide: true, value: (group) => group.count, cell: (group) => html`<span class="spark-cell in-row"><${Spark} values=${group.line} width=${110} height=${24} color=${paletteColor(4)} filled=${false} config=${{ min: 0 }} /></span>` },
        { id: 'first', title: 'First', about: `In this time range, to ${Math.round(stepMs / 1000)} s`, width: 'minmax(100px, 0.9fr)', wide: true, value: (group) => group.firstMs, cell: (group) => moment(group.firstMs) },
        { id: 'last', title: 'Last', about: `To ${Math.round(stepMs / 1000)} s`, width: 'minmax(88px, 0.9fr)', value: (group) => group.lastMs, cell: (group) => moment(group.lastMs) },
    ];
    if (withService) {
        columns.splice(1, 0, {
            id: 'service', title: 'Service', width: 'minmax(84px, 1.2fr)', value: (group) => group.service,
            cell: (group) => html`<a class="thing-name" href=${withParams(`/services/${encodeURIComponent(group.service)}`, { ...keep, view: 'exceptions' })} title=${group.service}>${group.service}</a>`,
        });
    }
    return columns;
}

/**
 * The newest one of a type.
 * @param {{uid: string, type: string, service: string, range: TimeRange}} properties
 */
function Example({ uid, type, service, range }) {
    const query = spansWith([service && ofService(service), `${typeName} = ${JSON.stringify(type)}`]);
    const found = useLoad((signal) => newestException({ uid, query, type, service, range, signal }), [uid, query, range]);
    const one = found.value;
    const keep = { ds: uid, from: range.raw.from, to: range.raw.to };
    return html`<section class="explore-card exception-example" aria-label="Newest ${type}"><header><h2>${readable(type, 200)}</h2><span class="muted">${service}${one ? `, ${dateTime(one.timeMs)}, in ${one.span}` : ''}</span>
            ${one && html`<a class="button small" href=${withParams('/explore/traces', { ...keep, trace: one.traceId, span: one.spanId })}><${Icon} name="traces" size="14" />Show trace</a>`}
            <a class="button small" href=${withParams('/explore/traces', { ...keep, expr: query })}>All traces with it</a>
            <button class="button small quiet icon" title="Close" aria-label="Close" onClick=${() => setParams({ exception: null, of: null })}><${Icon} name="close" size="14" /></button></header>
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.loading && !one && html`<p class="muted">Looking for the newest one…</p>`}
        ${!found.loading && !found.error && !one && html`<${Empty} title="None in this time range any more" />`}
        ${one && html`<p class="exception-message">${readable(one.message || 'It has no message.', 2000)}</p>
            ${one.stack ? html`<pre class="exception-stack" tabindex="0" aria-label="Stack trace">${readable(one.stack, 20_000)}</pre>` : html`<p class="muted">It has no stack trace.</p>`}`}
    </section>`;
}

/** @typedef {{traceId: string, spanId: string, span: string, timeMs: number, message: string, stack: string}} Thrown */

/**
 * @param {{uid: string, query: string, type: string, service: string, range: TimeRange, signal: AbortSignal}} wanted
 * @returns {Promise<Thrown | undefined>}
 */
async function newestException({ uid, query, type, service, range, signal }) {
    const [trace] = await tempo.searchTraces({ uid, query, range, limit: 1, signal });
    return trace && thrownIn(await tempo.fetchTrace(uid, trace.id, signal), type, service);
}

/**
 * The last exception of a type among spans.
 * @param {import('../types/model').Span[]} spans @param {string} type @param {string} service any when empty
 * @returns {Thrown | undefined}
 */
export function thrownIn(spans, type, service) {
    const origin = Number((spans[0]?.startNs ?? 0n) / 1000n);
    return spans.filter((span) => service === '' || span.service === service)
        .flatMap((span) => span.events.filter((event) => event.attributes['exception.type'] === type).map((event) => ({ span, event })))
        .sort((a, b) => b.event.timeUs - a.event.timeUs).slice(0, 1)
        .map(({ span, event }) => ({
            traceId: span.traceId, spanId: span.id, span: span.name, timeMs: (origin + event.timeUs) / 1000,
            message: event.attributes['exception.message'] ?? '', stack: event.attributes['exception.stacktrace'] ?? '',
        }))[0];
}
