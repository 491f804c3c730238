// Rows and columns, sorted by a click, windowed, with coloured cells and small bars.

import { html, useMemo, useState } from '../vendor/preact.js';
import { displayName } from '../data/fields.js';
import { compareValues } from '../data/compare.js';
import { keepsUnit, reduce, reducerName } from '../data/reducers.js';
import { display, shortened } from '../format/display.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { Windowed } from '../ui/windowed.js';
import { columnOf, rowStyle, tableCell } from './table-cell.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {import('./table-cell.js').Column} Column */

/**
 * @param {{panel: import('../types/model').Panel, data: any, zone: string, scope?: any, plain?: boolean}} properties
 */
export function TablePanel({ panel, data, zone, scope, plain }) {
    useTheme();
    const options = plain ? {} : panel.options;
    const [chosen, setChosen] = useState(options.frameIndex ?? 0);
    const initial = options.sortBy?.[0];
    const [sort, setSort] = useState(/** @type {Sort | undefined} */ (undefined));
    const frame = data.frames[Math.min(chosen, data.frames.length - 1)];
    const fields = useMemo(() => (frame?.fields ?? []).filter((/** @type {Field} */ field) => !field.config.custom?.hidden && !field.config.custom?.hideFrom?.viz), [frame]);
    const old = options.sortByIndex !== undefined && fields[options.sortByIndex] ? { name: displayName(fields[options.sortByIndex]), desc: options.sortDesc } : null;
    const sorting = sort !== undefined ? sort : initial ? { name: String(initial.displayName), desc: Boolean(initial.desc) } : old;
    const order = useMemo(() => {
        const rows = Array.from({ length: frame?.rows ?? 0 }, (_, index) => index);
        const by = sorting && fields.find((/** @type {Field} */ field) => displayName(field) === sorting.name);
        return by ? rows.sort((a, b) => compareValues(by.values[a], by.values[b]) * (sorting.desc ? -1 : 1)) : rows;
    }, [frame, sort, fields]);
    /** @type {Column[]} */
    const columns = useMemo(() => fields.map((/** @type {Field} */ field) => columnOf(field, zone)), [fields, zone]);
    if (!frame || fields.length === 0 || data.frames.every((/** @type {Frame} */ one) => one.rows === 0)) return html`<${Empty} title="No data">The query answers no rows in this time range.</${Empty}>`;
    const least = columns.reduce((sum, column) => sum + column.least, 0);
    const height = { md: 42, lg: 64 }[/** @type {'md'} */ (options.cellHeight)] ?? 32;
    const style = { '--row': `${height}px`, '--columns': columns.map((column) => column.width).join(' '), '--least': `${least}px` };
    const header = options.showHeader === false ? null : html`<div class="grid-head" role="row">${columns.map((column) => html`<button class=${column.align} role="columnheader"
        onClick=${() => setSort(nextSort(sorting, column.name))}
        title=${shortened(column.name)}><span>${shortened(column.name, 200)}</span>${arrow(sorting, column.name)}</button>`)}</div>`;
    const row = (/** @type {number} */ index) => html`<div class="grid-row" role="row" key=${index} style=${rowStyle(columns, order[index], zone)}>${columns.map((column) => tableCell(column, order[index], fields, zone, scope))}</div>`;
    const choice = data.frames.length > 1;
    return html`<div class="table-panel ${choice ? 'many' : ''}">
        ${choice && html`<select class="select frame-choice" aria-label="Series" value=${chosen} onChange=${(/** @type {any} */ event) => setChosen(Number(event.target.value))}>
            ${data.frames.slice(0, 1000).map((/** @type {Frame} */ one, /** @type {number} */ index) => html`<option value=${index}>${frameName(one)}</option>`)}</select>`}
        <div class="grid-table" role="table" style=${style}>
            <${Windowed} count=${order.length} rowHeight=${height} row=${row} header=${header} label=${panel.title || 'Table'} />
            ${options.footer?.show && html`<div class="grid-foot">${columns.map((column, index) => html`<div class="grid-cell ${column.align}">${footText(column, index, frame, options.footer, zone)}</div>`)}</div>`}
        </div></div>`;
}

/** @typedef {{name: string, desc: boolean} | null} Sort */

/**
 * Upwards, then downwards, then as the rows come.
 * @param {Sort} sort
 * @param {string} name
 * @returns {Sort}
 */
function nextSort(sort, name) {
    if (sort?.name !== name) return { name, desc: false };
    return sort.desc ? null : { name, desc: true };
}

/** @param {Sort} sort @param {string} name */
function arrow(sort, name) {
    if (sort?.name !== name) return '';
    return sort.desc ? ' ↓' : ' ↑';
}

/** @param {Column} column @param {number} index @param {Frame} frame @param {any} footer @param {string} zone */
function footText({ field, name }, index, frame, footer, zone) {
    const [id = 'sum'] = [footer.reducer ?? []].flat();
    if (footer.countRows && id === 'count') return index === 0 ? `${frame.rows} rows` : '';
    const wanted = [footer.fields ?? []].flat().filter(Boolean);
    if (field.type !== 'number' || (wanted.length > 0 && !wanted.includes(name))) return index === 0 ? reducerName(id) : '';
    const shown = display(reduce(field.values, id), keepsUnit(id) ? field.config : {}, { zone });
    return shown.prefix + shown.text + shown.suffix;
}

/** @param {Frame} frame */
function frameName(frame) {
    const field = frame.fields.find((one) => one.type === 'number');
    return shortened(frame.name ?? (field ? displayName(field) : frame.refId), 120);
}
