// All that one span says: times, status, attributes, events, links.

import { html, useMemo } from '../vendor/preact.js';
import { Icon } from '../ui/icons.js';
import { Message } from '../ui/messages.js';
import { setParams, withParams } from '../router.js';
import { Pairs } from './pairs.js';
import { RelatedLinks } from './related.js';
import { microseconds } from './span-row.js';

/**
 * @param {{span: import('../types/model').Span, total: number, startMs: number, all: import('../types/model').DataSource[], onZoom: () => void, onClose: () => void, logs: any}} properties
 */
export function SpanDetails({ span, total, startMs, all, onZoom, onClose, logs }) {
    const range = useMemo(() => {
        const at = Math.round(startMs + span.startUs / 1000);
        const [from, to] = [at - 1_800_000, Math.min(Date.now(), at + 1_800_000)];
        return { from, to, raw: { from: String(from), to: String(to) } };
    }, [span, startMs]);
    const share = ((span.durationUs / total) * 100).toFixed(1);
    return html`<aside class="span-details" aria-label="Span details">
        <header><h2>${span.name}</h2><button class="button quiet small icon" aria-label="Close" title="Close" onClick=${onClose}><${Icon} name="close" size="14" /></button></header>
        <div class="span-facts">
            <span>Service <b><a href=${withParams(`/services/${encodeURIComponent(span.service)}`, { from: range.raw.from, to: range.raw.to })}>${span.service}</a></b></span>${span.kind && html`<span>Kind <b>${span.kind}</b></span>`}
            <span>Duration <b>${microseconds(span.durationUs)}</b> <em>${share}%</em></span><span>Starts at <b>${microseconds(span.startUs)}</b></span>
            <span>Span id <b class="mono">${span.id}</b></span>
        </div>
        ${span.error && html`<${Message}>${span.statusMessage || 'This span ended with an error.'}</${Message}>`}
        <div class="span-links"><button class="button small" onClick=${onZoom}><${Icon} name="search" size="13" />Zoom to it</button>${logs}
            <${RelatedLinks} labels=${span.resource} range=${range} all=${all} of="traces" /></div>
        <${Pairs} title="Attributes" pairs=${span.attributes} />
        ${span.events.length > 0 && html`<div class="span-events"><h3>Events</h3>${span.events.map((event) => html`<div class="span-event">
            <b>${event.name}</b> <span class="muted">at ${microseconds(Math.max(0, event.timeUs))}</span><${Pairs} title="" pairs=${event.attributes} /></div>`)}</div>`}
        ${span.links.length > 0 && html`<div class="span-events"><h3>Links</h3>${span.links.map((link) => html`<button class="button small mono" onClick=${() => setParams({ trace: link.traceId, span: link.spanId })}>${link.traceId}</button>`)}</div>`}
        <${Pairs} title="Resource" pairs=${span.resource} />
        ${span.scope && html`<p class="muted">Instrumented by ${span.scope}</p>`}
    </aside>`;
}
