// What the metrics consist of: which names and labels have the most series and values, and what is in one of them.

import { html, useMemo } from '../vendor/preact.js';
import { proxied, request } from '../api.js';
import { labelNames, parseNumber, queryInstant } from '../data/prometheus.js';
import { setParams, withParams } from '../router.js';
import { shown } from '../services/words.js';
import { dateTime } from '../time/format.js';
import { Grid } from '../ui/grid.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';

/** @typedef {{name: string, value: number}} Entry */
/** @typedef {import('../types/model').TimeRange} TimeRange */

/** Names of each list, labels of one metric that are looked at, and values of one label. */
const [mostNames, mostLabels, mostValues] = [200, 40, 500];
/** What a date can hold; a server without samples tells of times beyond it. */
const latestMs = 8.64e15;

/** @param {import('./page.js').Context} context */
export function Cardinality({ uid, params, range }) {
    const found = useLoad((signal) => request(proxied(uid, '/api/v1/status/tsdb', { limit: mostNames }), { signal }), [uid, range]);
    const head = found.value?.data?.headStats;
    const [metric, label] = [params.get('metric') ?? '', params.get('label') ?? ''];
    const open = (/** @type {Record<string, string | null>} */ patch) => setParams(patch);
    const list = (/** @type {string} */ key) => /** @type {Entry[]} */ (found.value?.data?.[key] ?? []);
    return html`${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${head && html`<dl class="facts explore-card"><div><dt>Series</dt><dd>${count(head.numSeries)}</dd></div><div><dt>Pairs of label and value</dt><dd>${count(head.numLabelPairs)}</dd></div>
            <div><dt>Chunks in memory</dt><dd>${count(head.chunkCount)}</dd></div><div><dt>In memory since</dt><dd>${Math.abs(head.minTime) < latestMs ? dateTime(head.minTime) : '–'}</dd></div></dl>`}
        <form class="service-choices" role="search" onSubmit=${(/** @type {any} */ event) => { event.preventDefault(); open({ metric: String(new FormData(event.target).get('metric') ?? '').trim() || null, label: null }); }}>
            <input class="input mono" name="metric" type="search" list="largest-metrics" key=${metric} defaultValue=${metric} placeholder="Name of a metric" aria-label="Name of a metric" spellcheck="false" />
            <datalist id="largest-metrics">${list('seriesCountByMetricName').map(({ name }) => html`<option value=${name}></option>`)}</datalist>
            <button class="button" type="submit"><${Icon} name="search" size="14" />Its labels</button></form>
        ${metric && html`<${LabelsOf} key=${metric} uid=${uid} metric=${metric} label=${label} range=${range} onLabel=${(/** @type {string} */ name) => open({ label: name })} />`}
        ${label && html`<${ValuesOf} key=${`${metric} ${label}`} uid=${uid} metric=${metric} label=${label} range=${range} />`}
        ${head && html`<div class="service-sides">
            <${List} title="Metrics by series" unit="Series" sortName="sort-metrics" rows=${list('seriesCountByMetricName')} params=${params} onOpen=${(/** @type {string} */ name) => open({ metric: name, label: null })} />
            <${List} title="Labels by values" unit="Values" sortName="sort-labels" rows=${list('labelValueCountByLabelName')} params=${params} onOpen=${(/** @type {string} */ name) => open({ metric: null, label: name })} />
            <${List} title="Labels by memory" unit="Memory" sortName="sort-memory" rows=${list('memoryInBytesByLabelName')} params=${params} bytes=${true} onOpen=${(/** @type {string} */ name) => open({ metric: null, label: name })} />
            <${List} title="Pairs by series" unit="Series" sortName="sort-pairs" rows=${list('seriesCountByLabelValuePair')} params=${params} /></div>`}`;
}

/** @param {{title: string, unit: string, sortName: string, rows: Entry[], params: URLSearchParams, bytes?: boolean, onOpen?: (name: string) => void}} properties */
function List({ title, unit, sortName, rows, params, bytes, onOpen }) {
    const columns = useMemo(() => entryColumns(unit, onOpen, bytes), [unit, bytes, window.location.search]);
    const sort = params.get(sortName) ?? '-value';
    return html`<section class="explore-card"><header><h2>${title}</h2><span class="muted">${rows.length === mostNames ? `${mostNames} largest` : rows.length}</span></header>
        ${rows.length === 0 ? html`<${Empty} title="None" />` : html`<${Grid} label=${title} rows=${rows} columns=${columns} sort=${sort} height="400px" onSort=${(/** @type {string} */ next) => setParams({ [sortName]: next === '-value' ? null : next }, { replace: true })} />`}</section>`;
}

/** @param {string} unit @param {((name: string) => void) | undefined} onOpen @param {boolean} [bytes] @returns {import('../ui/grid.js').Column<Entry>[]} */
function entryColumns(unit, onOpen, bytes) {
    return [
        { id: 'name', title: 'Name', width: 'minmax(140px, 3fr)', value: (entry) => entry.name, cell: (entry) => (onOpen ? html`<button class="link thing-name" title=${entry.name} onClick=${() => onOpen(entry.name)}>${entry.name || '(empty)'}</button>` : html`<span class="thing-name" title=${entry.name}>${entry.name || '(empty)'}</span>`) },
        { id: 'value', title: unit, width: 'minmax(80px, 1fr)', end: true, value: (entry) => entry.value, cell: (entry) => (bytes ? shown(entry.value, 'bytes') : count(entry.value)) },
    ];
}

/**
 * A selector of a name which may be any text.
 * @param {string} metric @param {string} [label] that must be there
 */
export function selectorOf(metric, label) {
    const matchers = [metric && `__name__=${JSON.stringify(metric)}`, label && `${nameOf(label)}!=""`].filter(Boolean);
    return `{${matchers.join(', ')}}`;
}

/** @param {string} label */
function nameOf(label) {
    return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : JSON.stringify(label);
}

/** @param {{uid: string, metric: string, label: string, range: TimeRange, onLabel: (name: string) => void}} properties */
function LabelsOf({ uid, metric, label, range, onLabel }) {
    const found = useLoad((signal) => labelsOf({ uid, metric, range, signal }), [uid, metric, range]);
    const columns = useMemo(() => entryColumns('Values', onLabel), [window.location.search]);
    const explore = withParams('/explore/metrics', { ds: uid, from: range.raw.from, to: range.raw.to, expr: metric });
    return html`<section class="explore-card"><header><h2 class="mono">${metric}</h2><span class="muted">${found.value ? `${count(found.value.series)} series now, ${found.value.left > 0 ? `the first ${mostLabels} of ${mostLabels + found.value.left} labels` : `${found.value.labels.length} labels`}` : ''}</span>
            <a class="button small" href=${explore}><${Icon} name="metrics" size="14" />Explore</a>
            <button class="button small quiet icon" title="Close" aria-label="Close" onClick=${() => setParams({ metric: null, label: label || null })}><${Icon} name="close" size="14" /></button></header>
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && (found.value.labels.length === 0 ? html`<${Empty} title="No series of this name in this time range" />` : html`<${Grid} label="Labels of ${metric}" rows=${found.value.labels} columns=${columns} sort="-value" height="300px" onSort=${() => {}} />`)}</section>`;
}

/** @param {{uid: string, metric: string, range: TimeRange, signal: AbortSignal}} wanted */
async function labelsOf({ uid, metric, range, signal }) {
    const selector = selectorOf(metric);
    const names = (await labelNames(uid, [selector], range, signal)).filter((name) => name !== '__name__');
    const ask = (/** @type {string} */ expr) => queryInstant({ uid, expr, timeMs: range.to, signal }).then(({ series }) => parseNumber(series[0]?.value?.[1] ?? '0'));
    const [series, ...values] = await Promise.all([ask(`count(${selector})`), ...names.slice(0, mostLabels).map((name) => ask(`count(group by (${nameOf(name)}) (${selector}))`))]);
    return { series, left: Math.max(0, names.length - mostLabels), labels: values.map((value, index) => ({ name: names[index], value })) };
}

/** @param {{uid: string, metric: string, label: string, range: TimeRange}} properties */
function ValuesOf({ uid, metric, label, range }) {
    const expr = `topk(${mostValues}, count by (${nameOf(label)}) (${selectorOf(metric, label)}))`;
    const found = useLoad((signal) => queryInstant({ uid, expr, timeMs: range.to, signal }).then(({ series }) => series.map((one) => ({ name: one.metric[label] ?? '', value: parseNumber(one.value?.[1] ?? '0') }))), [uid, expr, range]);
    const columns = useMemo(() => entryColumns('Series', undefined), []);
    const rows = found.value ?? [];
    return html`<section class="explore-card"><header><h2>Values of <span class="mono">${label}</span></h2><span class="muted">${found.value ? (rows.length === mostValues ? `${mostValues} with the most series` : rows.length) : ''}${metric ? ` in ${metric}` : ''}</span>
            <button class="button small quiet icon" title="Close" aria-label="Close" onClick=${() => setParams({ label: null })}><${Icon} name="close" size="14" /></button></header>
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.loading && !found.value && html`<p class="muted">Counting…</p>`}
        ${found.value && (rows.length === 0 ? html`<${Empty} title="No series has this label at the end of the time range" />` : html`<${Grid} label="Values of ${label}" rows=${rows} columns=${columns} sort="-value" height="300px" onSort=${() => {}} />`)}</section>`;
}

/** @param {any} value */
function count(value) {
    return Number(value ?? 0).toLocaleString('en-US');
}
