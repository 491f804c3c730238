// One trace: its spans over time, windowed, with details of the chosen one.

import { html, useMemo, useState } from '../vendor/preact.js';
import { spanTree } from '../data/tempo.js';
import { firstOfKind } from '../data/sources.js';
import { setParams, withParams } from '../router.js';
import { colorOfName, textOn } from '../format/colors.js';
import { formatValue, joined } from '../format/units.js';
import { dateTime } from '../time/format.js';
import { useTheme } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Windowed } from '../ui/windowed.js';
import { SpanDetails } from './span-details.js';
import { MiniMap } from './mini-map.js';

/** @typedef {import('../types/model').Span} Span */
/** @typedef {import('../types/model').SpanNode} SpanNode */

const rowHeight = 28;

/** @param {number} us */
export function microseconds(us) {
    return us === 0 ? '0' : joined(formatValue(us, 'µs'));
}

/**
 * @param {{spans: Span[], traceId: string, selected: string, all: import('../types/model').DataSource[], back: any}} properties
 */
export function Waterfall({ spans, traceId, selected, all, back }) {
    useTheme();
    const roots = useMemo(() => spanTree(spans), [spans]);
    const [folded, setFolded] = useState(/** @type {Set<string>} */ (new Set()));
    const [filter, setFilter] = useState('');
    const rows = useMemo(() => visibleRows(roots, folded), [roots, folded]);
    const total = useMemo(() => Math.max(1, ...spans.map((span) => span.startUs + span.durationUs)), [spans]);
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
    const startMs = Number(root.startNs / 1_000_000n);
    const ticks = [0, 0.25, 0.5, 0.75, 1];
    const header = html`<div class="fall-head"><span>Service and operation</span><div class="fall-ticks">${ticks.map((share) => html`<span style=${{ left: `${share * 100}%` }}>${microseconds(total * share)}</span>`)}</div></div>`;
    const row = (/** @type {number} */ index) => spanRow({ node: rows[index], total, folded, matches, selected, toggle, choose });
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
        <${MiniMap} spans=${spans} total=${total} />
        <div class="trace-tools">
            <input class="input" type="search" placeholder="Find spans by name, service or attribute" aria-label="Find spans" value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value)} />
            ${matches && html`<span class="muted">${matches.size} found</span>`}
            <button class="button small quiet" onClick=${() => setFolded(new Set())}>Unfold all</button>
            <button class="button small quiet" onClick=${() => setFolded(new Set(roots.flatMap((node) => node.children).filter((node) => node.children.length).map((node) => node.span.id)))}>Fold</button>
            ${logsLink(root.service, traceId, startMs, total, all)}
        </div>
        <div class="fall ${chosen ? 'split' : ''}">
            <div class="fall-box" style=${{ height: `${height}px` }}>
                <${Windowed} class="fall-rows" count=${rows.length} rowHeight=${rowHeight} row=${row} header=${header} label="Spans" reveal=${reveal} />
            </div>
            ${chosen && html`<${SpanDetails} span=${chosen} total=${total} onClose=${() => setParams({ span: null }, { replace: true })} logs=${logsLink(chosen.service, traceId, startMs, total, all)} />`}
        </div>
    </section>`;
}

/**
 * @param {{node: SpanNode, total: number, folded: Set<string>, matches: Set<string> | null, selected: string, toggle: (id: string) => void, choose: (id: string) => void}} context
 */
function spanRow({ node, total, folded, matches, selected, toggle, choose }) {
    const { span, depth } = node;
    const left = (span.startUs / total) * 100;
    const width = Math.max((span.durationUs / total) * 100, 0.15);
    const color = colorOfName(span.service);
    const dim = matches && !matches.has(span.id);
    const late = left + width > 72;
    const inside = late && left <= 22;
    /** @type {Record<string, string>} */
    const label = inside ? { left: `${left}%`, '--on-bar': textOn(color) } : late ? { right: `${100 - left}%` } : { left: `${left + width}%` };
    return html`<div class="span-row ${span.id === selected ? 'chosen' : ''} ${dim ? 'dim' : ''}" key=${span.id} onClick=${() => choose(span.id)}>
        <div class="span-name" style=${{ paddingLeft: `${8 + Math.min(depth, 40) * 12}px` }}>
            ${node.children.length > 0 ? html`<button class="fold" aria-label=${folded.has(span.id) ? 'Unfold' : 'Fold'} onClick=${(/** @type {Event} */ event) => { event.stopPropagation(); toggle(span.id); }}>
                <${Icon} name=${folded.has(span.id) ? 'right' : 'down'} size="12" /></button>` : html`<span class="fold"></span>`}
            <i style=${{ background: color }}></i>
            <button class="span-title" title="${span.service}: ${span.name}"><b>${span.service}</b> ${span.name}</button>
            ${folded.has(span.id) && html`<em>${node.descendants}</em>`}
            ${span.error && html`<span class="span-error" title=${span.statusMessage || 'error'}><${Icon} name="warn" size="13" /></span>`}
        </div>
        <div class="span-lane">
            <i class="span-bar ${span.error ? 'error' : ''}" style=${{ left: `${left}%`, width: `${width}%`, background: color }}></i>
            <span class="span-time ${inside ? 'inside' : ''}" style=${label}>${microseconds(span.durationUs)}</span>
        </div>
    </div>`;
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
