// Explore traces: search, the list found, and one trace as a waterfall.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import * as tempo from '../data/tempo.js';
import { setParams } from '../router.js';
import { colorOfName } from '../format/colors.js';
import { formatValue, joined } from '../format/units.js';
import { dateTime, fromNow } from '../time/format.js';
import { useTimeRange } from '../time/picker.js';
import { useLoad, useTheme } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { proxied } from '../api.js';
import { CardTools } from './card-tools.js';
import { traceql as traceqlLanguage } from './editor/languages.js';
import { ExploreFrame, useSource } from './frame.js';
import { MetricGraph } from './metric-graph.js';
import { QueryRow } from './query-row.js';
import { countsSpans, traceQLOf } from './trace-query.js';
import { Waterfall } from './waterfall.js';

/** @typedef {import('./trace-query.js').Search} Search */

/** @param {{params: URLSearchParams}} properties */
export default function TracesPage({ params }) {
    const sources = useSource('tempo', params);
    const time = useTimeRange(params, { from: 'now-1h', to: 'now' });
    const uid = sources.source?.uid ?? '';
    const traceId = params.get('trace') ?? '';
    const query = params.get('expr') ?? '';
    const search = searchOf(params);
    const traceql = query || traceQLOf(search);
    const counts = countsSpans(query);
    const mayHide = query === '' && search.service === '' && params.get('own') !== 'show';
    const found = useLoad((signal) => newest({ uid, search, traceql, mayHide, range: time.range, signal }),
        [uid, traceql, mayHide, time.range], uid !== '' && traceId === '' && !counts);
    const trace = useLoad((signal) => tempo.fetchTrace(uid, traceId, signal), [uid, traceId], uid !== '' && traceId !== '');
    return html`<${ExploreFrame} page="traces" params=${params} sources=${sources} time=${time} loading=${traceId ? trace.loading : found.loading}>
        ${traceId === '' && html`<${SearchForm} uid=${uid} search=${search} query=${query} error=${counts ? undefined : found.error} onSame=${time.reload} />`}
        ${traceId === '' && counts && html`<${MetricGraph} uid=${uid} expr=${query} range=${time.range} ask=${(/** @type {import('./metric-graph.js').Question} */ asked) => tempo.queryMetric({ uid, query: asked.expr, range: asked.range, stepMs: asked.stepMs, signal: asked.signal })} />`}
        ${traceId === '' && !counts && found.error && html`<${Message}>${found.error}</${Message}>`}
        ${traceId === '' && !counts && found.value && !found.error && html`<${TraceList} ...${found.value} range=${time.range} />`}
        ${traceId !== '' && trace.error && html`<${BackToList} /><${Message}>${trace.error}</${Message}>`}
        ${traceId !== '' && trace.value && (trace.value.length === 0
            ? html`<${BackToList} /><${Empty} title="This trace has no spans">It may not have arrived yet, or its retention is over.</${Empty}>`
            : html`<${Waterfall} key=${traceId} spans=${trace.value} traceId=${traceId} selected=${params.get('span') ?? ''} view=${params.get('view') ?? ''} download=${proxied(uid, `/api/traces/${encodeURIComponent(traceId)}`)} all=${sources.all} back=${html`<${BackToList} />`} />`)}
    </${ExploreFrame}>`;
}

/**
 * The newest traces. Where nothing else is asked for, those of Martlet's own servers are left out as long as there are others:
 * a young stack has none but these.
 * @param {{uid: string, search: Search, traceql: string, mayHide: boolean, range: import('../types/model').TimeRange, signal: AbortSignal}} wanted
 * @returns {Promise<{traces: tempo.TraceSummary[], hidesOwn: boolean}>}
 */
async function newest({ uid, search, traceql, mayHide, range, signal }) {
    const ask = (/** @type {string} */ query) => tempo.searchTraces({ uid, query, range, limit: 50, signal });
    if (mayHide) {
        const traces = await ask(traceQLOf(search, { withoutOwn: true }));
        if (traces.length > 0) return { traces, hidesOwn: true };
    }
    return { traces: await ask(traceql), hidesOwn: false };
}

function BackToList() {
    return html`<button class="button small" onClick=${() => setParams({ trace: null, span: null, view: null })}><${Icon} name="back" size="13" />Search</button>`;
}

/** @param {URLSearchParams} params @returns {Search} */
function searchOf(params) {
    const get = (/** @type {string} */ name) => params.get(name) ?? '';
    return { service: get('service'), name: get('name'), min: get('min'), max: get('max'), tags: get('tags'), status: get('status') };
}

/** @param {Search} search */
function isEmpty(search) {
    return Object.values(search).every((value) => value === '');
}

/** @param {{uid: string, search: Search, query: string, error?: string, onSame: () => void}} properties */
function SearchForm({ uid, search, query, error, onSame }) {
    const [text, setText] = useState(query || (isEmpty(search) ? '' : traceQLOf(search)));
    const language = useMemo(() => traceqlLanguage(uid), [uid]);
    const [raw, setRaw] = useState(query !== '');
    const services = useLoad((signal) => tempo.tagValues(uid, 'service.name', signal).catch(() => []), [uid], uid !== '');
    const names = useLoad((signal) => tempo.tagValues(uid, 'name', signal).catch(() => []), [uid], uid !== '');
    useEffect(() => {
        if (query === '') return;
        setRaw(true);
        setText(query);
    }, [query]);
    const submit = (/** @type {any} */ event) => {
        event.preventDefault();
        const data = new FormData(event.target);
        const value = (/** @type {string} */ name) => String(data.get(name) ?? '').trim() || null;
        const before = window.location.search;
        setParams({ expr: null, ...Object.fromEntries(['service', 'name', 'min', 'max', 'tags', 'status'].map((name) => [name, value(name)])) });
        if (window.location.search === before) onSame();
    };
    const duration = '[0-9.]+(ns|us|µs|ms|s|m|h)';
    const run = (/** @type {string} */ next) => {
        setText(next);
        if (next.trim() === query) onSame();
        else setParams({ expr: next.trim() || null, service: null, name: null, min: null, max: null, tags: null, status: null });
    };
    if (raw) {
        return html`<${QueryRow} page="traces" expr=${query} text=${text} placeholder='TraceQL, e.g. { resource.service.name = "shop" && status = error }' label="TraceQL query" language=${language} error=${error}
            onText=${setText} onRun=${run}>
            <button class="button" onClick=${() => { setParams({ expr: null }); setRaw(false); }}>Use the form</button></${QueryRow}>`;
    }
    return html`<form class="trace-search" onSubmit=${submit}>
            <label class="field">Service<input class="input" name="service" list="services" value=${search.service} placeholder="any" /></label>
            <datalist id="services">${(services.value ?? []).map((one) => html`<option value=${one}></option>`)}</datalist>
            <label class="field">Span name<input class="input" name="name" list="names" value=${search.name} placeholder="any" /></label>
            <datalist id="names">${(names.value ?? []).slice(0, 300).map((one) => html`<option value=${one}></option>`)}</datalist>
            <label class="field short">Longer than<input class="input" name="min" value=${search.min} placeholder="100ms" pattern=${duration} title="such as 100ms or 2s" /></label>
            <label class="field short">Shorter than<input class="input" name="max" value=${search.max} placeholder="2s" pattern=${duration} title="such as 100ms or 2s" /></label>
            <label class="field grow">Attributes<input class="input" name="tags" value=${search.tags} placeholder='http.route="/cart" http.status_code=500' spellcheck="false" /></label>
            <label class="field short">Status<select class="select" name="status" value=${search.status}><option value="">any</option><option value="error">error</option><option value="ok">ok</option></select></label>
        <div class="trace-search-buttons">
            <button class="button primary" type="submit"><${Icon} name="search" size="14" />Search</button>
            <button class="button quiet" type="button" onClick=${() => { setText(isEmpty(search) ? '' : traceQLOf(search)); setRaw(true); }}>Write TraceQL</button>
        </div>
    </form>`;
}

/** @param {tempo.TraceSummary} trace */
function duration({ durationMs, shorter }) {
    return shorter ? '< 1 ms' : joined(formatValue(durationMs, 'ms'));
}

/** @param {{traces: tempo.TraceSummary[], hidesOwn: boolean, range: import('../types/model').TimeRange}} properties */
function TraceList({ traces, hidesOwn, range }) {
    useTheme();
    const longest = useMemo(() => Math.max(1, ...traces.map((trace) => trace.durationMs)), [traces]);
    if (traces.length === 0) {
        return html`<section class="explore-card"><${Empty} title="No traces">Nothing matches in this time range. Applications send spans over OTLP to port 4317 (gRPC) or 4318 (HTTP).</${Empty}></section>`;
    }
    const open = (/** @type {string} */ id) => setParams({ trace: id });
    return html`<section class="explore-card"><header><h2>Traces</h2><span class="muted">${traces.length} newest${hidesOwn && ' without Martlet’s own'}</span>
            ${hidesOwn && html`<button class="button small" onClick=${() => setParams({ own: 'show' })}>Show Martlet’s own</button>`}
            <${CardTools} title="traces" frames=${() => [tracesTable(traces)]} /></header>
        <div class="trace-list" role="table">
            <div class="trace-row head" role="row"><span>Trace</span><span>Started</span><span>Spans</span><span>Duration</span></div>
            ${traces.map((trace) => html`<button class="trace-row" role="row" key=${trace.id} onClick=${() => open(trace.id)}>
                <span class="trace-name"><i style=${{ background: colorOfName(trace.service) }}></i><b>${trace.service || 'no service name'}</b> ${trace.name || html`<span class="muted">root span not yet seen</span>`}
                    ${trace.errors > 0 && html`<span class="error-badge">${trace.errors} error${trace.errors > 1 ? 's' : ''}</span>`}<span class="trace-id mono">${trace.id.slice(0, 16)}</span></span>
                <span class="muted" title=${dateTime(trace.startMs)}>${range.to - trace.startMs < 3_600_000 ? fromNow(trace.startMs) : dateTime(trace.startMs)}</span>
                <span class="muted">${trace.spans || ''}</span>
                <span class="trace-duration"><i style=${{ width: `${Math.max(1, (trace.durationMs / longest) * 100)}%` }}></i><em>${duration(trace)}</em></span>
            </button>`)}
        </div></section>`;
}

/** @param {tempo.TraceSummary[]} traces @returns {import('../types/model').Frame} */
function tracesTable(traces) {
    const column = (/** @type {string} */ name, /** @type {'time' | 'string' | 'number'} */ type, /** @type {any[]} */ values) => ({ name, type, values, config: {} });
    return {
        refId: 'A', rows: traces.length, fields: [
            column('Trace', 'string', traces.map((trace) => trace.id)), column('Start', 'time', traces.map((trace) => trace.startMs)), column('Service', 'string', traces.map((trace) => trace.service)),
            column('Name', 'string', traces.map((trace) => trace.name)), column('Duration (ms)', 'number', traces.map((trace) => trace.durationMs)),
            column('Spans', 'number', traces.map((trace) => trace.spans)), column('Errors', 'number', traces.map((trace) => trace.errors)),
        ],
    };
}
