// A legend of names only; a click switches one off and on.

import { html } from '../vendor/preact.js';
import { shortened } from '../format/display.js';

/**
 * @param {{items: {name: string, color: string}[], hidden: Set<string>, onChange: (hidden: Set<string>) => void}} properties
 */
export function NameLegend({ items, hidden, onChange }) {
    const toggle = (/** @type {string} */ name) => {
        const next = new Set(hidden);
        if (!next.delete(name)) next.add(name);
        onChange(next);
    };
    return html`<div class="legend"><div class="legend-list">${items.slice(0, 500).map(({ name, color }) => html`<button type="button" class="legend-item ${hidden.has(name) ? 'off' : ''}"
        aria-pressed=${hidden.has(name) ? 'false' : 'true'} onClick=${() => toggle(name)} title=${shortened(name)}>
        <span class="swatch" style=${{ background: color }}></span><span class="name">${shortened(name, 300)}</span></button>`)}</div></div>`;
}
