// One span in the waterfall.

import { html } from '../vendor/preact.js';
import { colorOfName, textOn } from '../format/colors.js';
import { formatValue, joined } from '../format/units.js';
import { Icon } from '../ui/icons.js';

/** @param {number} us */
export function microseconds(us) {
    return us === 0 ? '0' : joined(formatValue(us, 'µs'));
}

/**
 * @param {{node: import('../types/model').SpanNode, shown: import('./mini-map.js').Window, folded: Set<string>, matches: Set<string> | null, selected: string,
 *   toggle: (id: string) => void, choose: (id: string) => void}} context
 */
export function spanRow({ node, shown, folded, matches, selected, toggle, choose }) {
    const { span, depth } = node;
    const length = shown.to - shown.from;
    const start = ((span.startUs - shown.from) / length) * 100;
    const end = start + Math.max((span.durationUs / length) * 100, 0.15);
    const outside = end < 0 || start > 100;
    const left = Math.min(100, Math.max(0, start));
    const width = Math.max(0.15, Math.min(100, end) - left);
    const color = colorOfName(span.service);
    const dim = matches && !matches.has(span.id);
    const late = left + width > 72;
    const inside = late && left <= 22;
    /** @type {Record<string, string>} */
    const label = inside ? { left: `${left}%`, '--on-bar': textOn(color) } : late ? { right: `${100 - left}%` } : { left: `${left + width}%` };
    return html`<div class="span-row ${span.id === selected ? 'chosen' : ''} ${dim ? 'dim' : ''}" key=${span.id} onClick=${() => choose(span.id)}>
        <div class="span-name" style=${{ paddingLeft: `${8 + Math.min(depth, 40) * 12}px` }}>
            ${node.children.length > 0 ? html`<button class="fold" tabindex="-1" aria-label=${folded.has(span.id) ? 'Unfold' : 'Fold'} onClick=${(/** @type {Event} */ event) => { event.stopPropagation(); toggle(span.id); }}>
                <${Icon} name=${folded.has(span.id) ? 'right' : 'down'} size="12" /></button>` : html`<span class="fold"></span>`}
            <i style=${{ background: color }}></i>
            <button class="span-title" tabindex="-1" title="${span.service}: ${span.name}"><b>${span.service}</b> ${span.name}</button>
            ${folded.has(span.id) && html`<em>${node.descendants}</em>`}
            ${span.error && html`<span class="span-error" title=${span.statusMessage || 'error'}><${Icon} name="warn" size="13" /></span>`}
        </div>
        <div class="span-lane">
            ${!outside && html`<i class="span-bar ${span.error ? 'error' : ''}" style=${{ left: `${left}%`, width: `${width}%`, background: color }}></i>
            <span class="span-time ${inside ? 'inside' : ''}" style=${label}>${microseconds(span.durationUs)}</span>`}
        </div>
    </div>`;
}
