// One trace: its spans over time, as a list or as a flame graph, with details of the chosen one.

import { html, useMemo, useState } from '../vendor/preact.js';
import { spanTree } from '../data/tempo.js';
import { firstOfKind } from '../data/sources.js';
import { setParams, withParams } from '../router.js';
import { colorOfName } from '../format/colors.js';
import { dateTime } from '../time/format.js';
import { useTheme } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Windowed } from '../ui/windowed.js';
import { FlameGraph } from './flame-graph.js';
import { MiniMap } from './mini-map.js';
import { SpanDetails } from './span-details.js';
import { microseconds, spanRow } from './span-row.js';

/** @typedef {import('../types/model').Span} Span */
/** @typedef {import('../types/model').SpanNode} SpanNode */

const rowHeight = 28;

/**
 * @param {{spans: Span[], traceId: string, selected: string, view?: string, all: import('../types/model').DataSource[], back: any, download?: string}} properties
 *   `view`: `flame` for the flame graph; `download`: address of the trace as the server tells it
 */
export function Waterfall({ spans, traceId, selected, view, all, back, download }) {
    useTheme();
    const roots = useMemo(() => spanTree(spans), [spans]);
    const [folded, setFolded] = useState(/** @type {Set<string>} */ (new Set()));
    const [filter, setFilter] = useState('');
    const rows = useMemo(() => visibleRows(roots, folded), [roots, folded]);
    const total = useMemo(() => Math.max(1, ...spans.map((span) => span.startUs + span.durationUs)), [spans]);
    const whole = useMemo(() => ({ from: 0, to: total }), [total]);
    const [shown, setShown] = useState(whole);
    const zoomed = shown.from > 0 || shown.to < total;
    const services = useMemo(() => countBy(spans), [spans]);
    const errors = spans.filter((span) => span.error).length;
    const root = roots[0].span;
    const chosen = spans.find((span) => span.id === selected);
    const wanted = filter.trim().toLowerCase();
    const matches = useMemo(() => (wanted ? new Set(spans.filter((span) => matchesText(span, wanted)).map((span) => span.id)) : null), [spans, wanted]);
    const reveal = rows.findIndex((node) => node.span.id === selected);
    const toggle = (/** @type {string} */ id) => {
        const next = new Set(folded);
        if (!next.delete(id)) next.add(id);
        setFolded(next);
    };
    const choose = (/** @type {string} */ id) => setParams({ span: id === selected ? null : id }, { replace: true });
    const show = (/** @type {string} */ id) => setParams({ span: id }, { replace: true });
    const next = (/** @type {number} */ step) => {
        if (!matches || matches.size === 0) return;
        const found = rows.filter((node) => matches.has(node.span.id));
        const at = found.findIndex((node) => node.span.id === selected);
        if (found.length > 0) show(found[(at + step + found.length) % found.length].span.id);
    };
    const onKey = (/** @type {KeyboardEvent} */ event) => {
        const at = rows.findIndex((node) => node.span.id === selected);
        const node = rows[at];
        const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0, End: rows.length - 1 }[event.key];
        if (to !== undefined && rows[to]) show(rows[to].span.id);
        else if (node && ((event.key === 'ArrowLeft' && !folded.has(node.span.id) && node.children.length > 0) || (event.key === 'ArrowRight' && folded.has(node.span.id)))) toggle(node.span.id);
        else if (node?.parent && event.key === 'ArrowLeft') show(node.parent.span.id);
        else return;
        event.preventDefault();
    };
    const startMs = Number(root.startNs / 1_000_000n);
    const ticks = [0, 0.25, 0.5, 0.75, 1];
    const header = html`<div class="fall-head"><span>Service and operation</span><div class="fall-ticks">${ticks.map((share) => html`<span style=${{ left: `${share * 100}%` }}>${microseconds(shown.from + (shown.to - shown.from) * share)}</span>`)}</div></div>`;
    const row = (/** @type {number} */ index) => spanRow({ node: rows[index], shown, folded, matches, selected, toggle, choose });
    const height = Math.min(rows.length * rowHeight + 34, 620);
    return html`<section class="explore-card trace-card">
        <header class="trace-head">
            ${back}
            <h2><span>${root.service}</span> ${root.name}</h2>
            ${errors > 0 && html`<span class="error-badge">${errors} error${errors > 1 ? 's' : ''}</span>`}
            <span class="muted mono trace-full-id" title="Trace id">${traceId}</span>
        </header>
        <div class="trace-facts">
            <span>Started <b>${dateTime(startMs)}</b></span><span>Duration <b>${microseconds(total)}</b></span>
            <span>Spans <b>${spans.length.toLocaleString('en-US')}</b></span>
            <span class="trace-services">${services.map(([name, count]) => html`<span><i style=${{ background: colorOfName(name) }}></i>${name} <em>${count}</em></span>`)}</span>
        </div>
        <${MiniMap} spans=${spans} total=${total} shown=${shown} onShow=${setShown} />
        <div class="trace-tools">
            <input class="input" type="search" placeholder="Find spans by name, service or attribute" aria-label="Find spans" value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value)}
                onKeyDown=${(/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter') next(event.shiftKey ? -1 : 1); }} />
            ${matches && html`<span class="muted" role="status">${matches.size} found</span><button class="button small" onClick=${() => next(-1)}>Previous</button><button class="button small" onClick=${() => next(1)}>Next</button>`}
            <div class="joined">${[['', 'Waterfall'], ['flame', 'Flame graph']].map(([id, name]) => html`<button class="button small" aria-pressed=${id === (view ?? '') ? 'true' : 'false'}
                onClick=${() => setParams({ view: id || null }, { replace: true })}>${name}</button>`)}</div>
            ${zoomed && html`<button class="button small" onClick=${() => setShown(whole)}><${Icon} name="zoomOut" size="13" />Whole trace</button>`}
            ${view !== 'flame' && html`
            <button class="button small quiet" onClick=${() => setFolded(new Set())}>Unfold all</button>
            <button class="button small quiet" onClick=${() => setFolded(new Set(roots.flatMap((node) => node.children).filter((node) => node.children.length).map((node) => node.span.id)))}>Fold</button>`}
            <span class="push"></span>
            ${download && html`<a class="button small" href=${download} download=${`${traceId}.json`}><${Icon} name="download" size="14" />JSON</a>`}
            ${logsLink(root.service, traceId, startMs, total, all)}
        </div>
        <div class="fall ${chosen ? 'split' : ''}">
            ${view === 'flame' ? html`<div class="fall-box"><div class="flame-ticks fall-ticks">${ticks.map((share) => html`<span style=${{ left: `${share * 100}%` }}>${microseconds(shown.from + (shown.to - shown.from) * share)}</span>`)}</div>
                <${FlameGraph} roots=${roots} shown=${shown} matches=${matches} selected=${selected} onChoose=${choose} onShow=${setShown} /></div>`
                : html`<div class="fall-box" style=${{ height: `${height}px` }} onKeyDown=${onKey}>
                <${Windowed} class="fall-rows" count=${rows.length} rowHeight=${rowHeight} row=${row} header=${header} label="Spans" reveal=${reveal} />
            </div>`}
            ${chosen && html`<${SpanDetails} span=${chosen} total=${total} startMs=${startMs} all=${all} onZoom=${() => setShown({ from: chosen.startUs, to: chosen.startUs + Math.max(1, chosen.durationUs) })} onClose=${() => setParams({ span: null }, { replace: true })} logs=${logsLink(chosen.service, traceId, startMs, total, all)} />`}
        </div>
    </section>`;
}

/**
 * The spans to list, in order, without those under a folded one.
 * @param {SpanNode[]} roots
 * @param {Set<string>} folded
 * @returns {SpanNode[]}
 */
function visibleRows(roots, folded) {
    /** @type {SpanNode[]} */
    const rows = [];
    const stack = [...roots].reverse();
    for (let node = stack.pop(); node; node = stack.pop()) {
        rows.push(node);
        if (!folded.has(node.span.id)) for (let index = node.children.length - 1; index >= 0; index--) stack.push(node.children[index]);
    }
    return rows;
}

/** @param {Span[]} spans @returns {[string, number][]} */
function countBy(spans) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const span of spans) counts.set(span.service, (counts.get(span.service) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]);
}

/** @param {Span} span @param {string} text */
function matchesText(span, text) {
    if (`${span.service} ${span.name} ${span.id} ${span.kind}`.toLowerCase().includes(text)) return true;
    return Object.entries(span.attributes).some(([name, value]) => `${name}=${value}`.toLowerCase().includes(text));
}

/**
 * @param {string} service
 * @param {string} traceId
 * @param {number} startMs
 * @param {number} totalUs
 * @param {import('../types/model').DataSource[]} all
 */
function logsLink(service, traceId, startMs, totalUs, all) {
    const source = firstOfKind(all, 'loki');
    if (!source) return null;
    const margin = 15 * 60_000;
    const href = withParams('/explore/logs', {
        ds: source.uid, expr: `{service_name=${JSON.stringify(service)}} | trace_id=${JSON.stringify(traceId)}`,
        from: String(Math.round(startMs - margin)), to: String(Math.round(startMs + totalUs / 1000 + margin)),
    });
    return html`<a class="button small" href=${href}><${Icon} name="logs" size="14" />Logs of this trace</a>`;
}
