// The legend of a plot: a list or a table with reduced values; a click shows one series alone.

import { html, useMemo, useState } from '../vendor/preact.js';
import { keepsUnit, reduce, reducerName } from '../data/reducers.js';
import { display, shortened } from '../format/display.js';
import { compareValues } from '../data/compare.js';

/** @typedef {import('./series.js').Series} Series */

/**
 * @param {{series: Series[], options: any, hidden: Set<string>, onToggle: (name: string, add: boolean) => void, onFocus: (index: number | null) => void}} properties
 */
export function Legend({ series, options, hidden, onToggle, onFocus }) {
    const calcs = Array.isArray(options.calcs) ? options.calcs.map(String) : [];
    const [sort, setSort] = useState(/** @type {{id: string, desc: boolean} | null} */ (null));
    const idle = (/** @type {Series} */ one) => (options.hideEmpty && one.raw.every((value) => value === null)) || (options.hideZero && one.raw.every((value) => !value));
    const shown = series.map((one, index) => ({ one, index })).filter(({ one }) => !one.custom.hideFrom?.legend && !idle(one));
    /** What was computed already: pointing at a name draws the legend anew. */
    const known = useMemo(() => new Map(), [series]);
    const cellOf = (/** @type {Series} */ one, /** @type {string} */ id) => {
        const cells = known.get(one) ?? {};
        known.set(one, cells);
        return cells[id] ??= computed(one, id);
    };
    const valueOf = (/** @type {Series} */ one, /** @type {string} */ id) => cellOf(one, id).value;
    const textOf = (/** @type {Series} */ one, /** @type {string} */ id) => cellOf(one, id).text;
    const by = sort ?? initialSort(options, calcs);
    if (by && (by.id === 'Name' || calcs.includes(by.id))) {
        shown.sort((a, b) => (by.id === 'Name' ? a.one.name.localeCompare(b.one.name, undefined, { numeric: true })
            : compareValues(valueOf(a.one, by.id), valueOf(b.one, by.id))) * (by.desc ? -1 : 1));
    }
    const item = (/** @type {{one: Series, index: number}} */ { one, index }, /** @type {any} */ extra) => html`<button type="button"
        class="legend-item ${hidden.has(one.name) ? 'off' : ''}" title=${shortened(one.name)} aria-pressed=${hidden.has(one.name) ? 'false' : 'true'}
        onClick=${(/** @type {MouseEvent} */ event) => onToggle(one.name, event.ctrlKey || event.metaKey || event.shiftKey)}
        onMouseEnter=${() => onFocus(index)} onMouseLeave=${() => onFocus(null)}>
        <span class="swatch" style=${{ background: one.color }}></span><span class="name">${shortened(one.name, 300)}</span>${extra}</button>`;
    if (options.displayMode === 'table' && calcs.length > 0) {
        const heading = (/** @type {string} */ id, /** @type {string} */ text) => html`<th onClick=${() => setSort(by?.id === id ? { id, desc: !by.desc } : { id, desc: id !== 'Name' })}
            aria-sort=${by?.id === id ? (by.desc ? 'descending' : 'ascending') : undefined}>${text}${by?.id === id ? (by.desc ? ' ↓' : ' ↑') : ''}</th>`;
        return html`<div class="legend"><table class="legend-table">
            <thead><tr>${heading('Name', 'Name')}${calcs.map((/** @type {string} */ id) => heading(id, reducerName(id)))}</tr></thead>
            <tbody>${shown.map((entry) => html`<tr key=${entry.index}><td>${item(entry, null)}</td>
                ${calcs.map((/** @type {string} */ id) => html`<td>${textOf(entry.one, id)}</td>`)}</tr>`)}</tbody>
        </table></div>`;
    }
    return html`<div class="legend"><div class="legend-list">${shown.map((entry) => item(entry,
        calcs.map((/** @type {string} */ id) => html`<span class="calc">${reducerName(id)}: ${textOf(entry.one, id)}</span>`)))}</div></div>`;
}

/** @param {Series} one @param {string} id of a reducer */
function computed(one, id) {
    const value = reduce(one.raw, id);
    const { prefix, text, suffix } = display(value, keepsUnit(id) ? one.field.config : { decimals: undefined });
    return { value, text: prefix + text + suffix };
}

/** @param {any} options @param {string[]} calcs */
function initialSort(options, calcs) {
    if (!options.sortBy) return null;
    const byName = calcs.find((/** @type {string} */ id) => reducerName(id) === options.sortBy);
    return { id: byName ?? options.sortBy, desc: options.sortDesc !== false };
}
