// One service: its figures against those before, its graphs with the versions that came in, its operations.

import { html, useMemo } from '../vendor/preact.js';
import { CardTools } from '../explore/card-tools.js';
import { firstOfKind } from '../data/sources.js';
import { setParams, withParams } from '../router.js';
import { Grid } from '../ui/grid.js';
import { useLoad, useTheme } from '../ui/hooks.js';
import { Message } from '../ui/messages.js';
import { apdexText, figureColumns, figuresFrame, rowsOf } from './figure-table.js';
import { GraphCard } from './graph-card.js';
import { NoServices } from './list.js';
import { equals, figuresFor, graphQueries } from './red.js';
import { countGroups, ofService, readableRange, spansWith } from './span-counts.js';
import { Change, HealthDot, Waiting, shown, shownRate } from './words.js';

/** @typedef {import('./figure-table.js').Row} Row */

/** @param {import('./page.js').Context & {service: string}} context */
export function Overview({ uid, params, range, all, kind, threshold, intervalMs, service }) {
    useTheme();
    const wanted = { uid, matchers: [equals('service', service)], kind, range, threshold };
    const whole = useLoad((signal) => figuresFor({ ...wanted, by: ['service'], signal }), [uid, service, kind, range, threshold], uid !== '');
    const operations = useLoad((signal) => figuresFor({ ...wanted, by: ['span_name'], signal }), [uid, service, kind, range, threshold], uid !== '');
    const traces = firstOfKind(all, 'tempo')?.uid ?? '';
    const versions = useLoad((signal) => versionMarks(traces, service, range, signal).catch(() => []), [traces, service, range], traces !== '');
    const rows = useMemo(() => rowsOf(operations.value), [operations.value]);
    const columns = useMemo(() => operationColumns({ service, range, traces, threshold }), [service, range, traces, threshold]);
    const [now, before] = [whole.value?.now.get(service), whole.value?.before.get(service)];
    const lines = (/** @type {'rate' | 'errors' | 'duration'} */ which) => (/** @type {string} */ window) => graphQueries(service, kind, window)[which];
    const graph = { uid, range, intervalMs, marks: versions.value ?? [], group: `service ${service}` };
    const sort = params.get('sort') ?? '-rate';
    return html`<${Waiting} load=${whole} />${whole.error && html`<${Message}>${whole.error}</${Message}>`}
        ${whole.value && !now && html`<${NoServices} others=${whole.value.others} all=${all} range=${range} service=${service} />`}
        ${now && html`<div class="service-tiles">
            <${Tile} title="Rate" text=${shownRate(now.rate)} now=${now.rate} before=${before?.rate} />
            <${Tile} title="Errors" text=${shown(now.errorShare, 'percentunit')} dot=${html`<${HealthDot} share=${now.errorShare} />`} now=${now.errorShare} before=${before?.errorShare} bad="more" />
            <${Tile} title="P50" text=${shown(now.p50, 's')} now=${now.p50} before=${before?.p50} bad="more" />
            <${Tile} title="P95" text=${shown(now.p95, 's')} now=${now.p95} before=${before?.p95} bad="more" />
            <${Tile} title="P99" text=${shown(now.p99, 's')} now=${now.p99} before=${before?.p99} bad="more" />
            <${Tile} title="Apdex" text=${now.apdex === null ? '–' : now.apdex.toFixed(2)} about=${apdexText(threshold)} />
        </div>
        <div class="service-graphs">
            <${GraphCard} ...${graph} title="Rate" unit="reqps" color="blue" lines=${lines('rate')} />
            <${GraphCard} ...${graph} title="Errors" unit="percentunit" color="red" lines=${lines('errors')} />
            <${GraphCard} ...${graph} title="Duration" unit="s" lines=${lines('duration')} />
        </div>
        ${(versions.value ?? []).length > 0 && html`<p class="muted version-note">Dashed lines: ${(versions.value ?? []).map((mark) => mark.text).join(', ')}.</p>`}
        ${operations.error && html`<${Message}>${operations.error}</${Message}>`}
        ${rows.length > 0 && html`<section class="explore-card"><header><h2>Operations</h2><span class="muted">${rows.length}</span><${CardTools} title="operations" frames=${() => [figuresFrame('Operation', rows, operationOf)]} /></header>
            <${Grid} label="Operations" rows=${rows} columns=${columns} sort=${sort} onSort=${(/** @type {string} */ next) => setParams({ sort: next === '-rate' ? null : next }, { replace: true })} /></section>`}`}`;
}

/** @param {{title: string, text: string, about?: string, dot?: any, now?: number | null, before?: number | null, bad?: 'more' | 'less'}} properties */
function Tile({ title, text, about, dot, now, before, bad }) {
    return html`<div class="service-tile" title=${about}><span class="muted">${title}</span><b>${dot}${text}</b><${Change} now=${now} before=${before} bad=${bad} /></div>`;
}

/** @param {{service: string, range: import('../types/model').TimeRange, traces: string, threshold: number}} context @returns {import('../ui/grid.js').Column<Row>[]} */
function operationColumns({ service, range, traces, threshold }) {
    const link = (/** @type {Row} */ row, /** @type {string | undefined} */ status) => (traces ? withParams('/explore/traces', { ds: traces, from: range.raw.from, to: range.raw.to, service, name: operationOf(row), status }) : undefined);
    const { rate, rest } = figureColumns(threshold, (row) => link(row, 'error'));
    return [{
        id: 'operation', title: 'Operation', width: 'minmax(104px, 2.4fr)', value: operationOf,
        cell: (row) => html`<${HealthDot} share=${row.errorShare} /><a class="thing-name" href=${link(row, undefined)} title="Traces of ${operationOf(row)}">${operationOf(row)}</a>`,
    }, rate, ...rest];
}

/** @param {Row} row */
function operationOf(row) {
    return row.labels.span_name;
}

/**
 * When versions came that were not there at the beginning of the range.
 * @param {string} uid of a source of traces @param {string} service @param {import('../types/model').TimeRange} range @param {AbortSignal} signal
 * @returns {Promise<import('../dashboard/annotations.js').Annotation[]>}
 */
async function versionMarks(uid, service, range, signal) {
    const name = 'resource.service.version';
    const { groups, stepMs } = await countGroups({ uid, filter: spansWith([ofService(service), `${name} != nil`]), by: [name], range: readableRange(range).range, signal });
    return marksOf(groups.map(({ labels, firstMs }) => ({ version: labels[name], firstMs })), stepMs);
}

/**
 * @param {{version: string, firstMs: number}[]} versions @param {number} stepMs
 * @returns {import('../dashboard/annotations.js').Annotation[]}
 */
export function marksOf(versions, stepMs) {
    const first = Math.min(...versions.map(({ firstMs }) => firstMs));
    return versions.filter(({ firstMs }) => firstMs > first + stepMs).sort((a, b) => a.firstMs - b.firstMs).map(({ version, firstMs }) => ({
        from: firstMs, to: firstMs, title: `Version ${version}`, text: `version ${version} came`, tags: [], color: '#b58cf0', panels: null,
    }));
}
