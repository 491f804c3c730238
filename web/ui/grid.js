// A table of things: sorted by a click on a column, only the rows in sight are drawn, on a narrow page only what matters most.

import { html, useMemo } from '../vendor/preact.js';
import { compareValues } from '../data/compare.js';
import { useSize } from './hooks.js';
import { Windowed } from './windowed.js';

/**
 * `value` is what is sorted by; `cell` what is shown, where that is not the value; `wide`: left out on a narrow page; `end`: to the right.
 * @template Row
 * @typedef {{id: string, title: string, about?: string, width: string, end?: boolean, wide?: boolean, value: (row: Row) => any, cell?: (row: Row) => any}} Column
 */

const rowHeight = 36;
/** Pixels below which columns that are `wide` are left out. */
const narrow = 720;

/**
 * Upwards by a name, downwards by `-name`; what is missing comes last either way.
 * @template Row
 * @param {Row[]} rows @param {Column<Row>[]} columns @param {string} sort
 */
export function sorted(rows, columns, sort) {
    const down = sort.startsWith('-');
    const column = columns.find((one) => one.id === sort.replace(/^-/, ''));
    if (!column) return rows;
    const missing = (/** @type {any} */ value) => value === null || value === undefined || value === '' || Number.isNaN(value);
    return rows.map((row) => ({ row, value: column.value(row) })).sort((a, b) => {
        if (missing(a.value) || missing(b.value)) return Number(missing(a.value)) - Number(missing(b.value));
        return compareValues(a.value, b.value) * (down ? -1 : 1);
    }).map(({ row }) => row);
}

/**
 * The next order after a click: numbers begin with the largest.
 * @param {string} sort @param {string} id @param {boolean} numbers
 */
export function nextSort(sort, id, numbers) {
    if (sort === id) return `-${id}`;
    if (sort === `-${id}`) return id;
    return numbers ? `-${id}` : id;
}

/**
 * @param {{rows: any[], columns: Column<any>[], sort: string, onSort: (sort: string) => void, label: string, height?: string}} properties
 *   height: most that it takes, as CSS has it
 */
export function Grid({ rows, columns, sort, onSort, label, height = '520px' }) {
    const [boxRef, size] = useSize();
    const shown = useMemo(() => columns.filter((column) => !column.wide || size.width === 0 || size.width >= narrow), [columns, size.width >= narrow, size.width === 0]);
    const ordered = useMemo(() => sorted(rows, columns, sort), [rows, columns, sort]);
    const direction = (/** @type {string} */ id) => (sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : 'none');
    const header = html`<div class="grid-head" role="row">${shown.map((column) => html`<div role="columnheader" aria-sort=${direction(column.id)} key=${column.id}>
        <button class=${column.end ? 'end' : ''} title=${column.about} onClick=${() => onSort(nextSort(sort, column.id, Boolean(column.end)))}>
            <span>${column.title}</span>${sort === column.id ? ' ↑' : sort === `-${column.id}` ? ' ↓' : ''}</button></div>`)}</div>`;
    const row = (/** @type {number} */ index) => html`<div class="grid-row" role="row" aria-rowindex=${index + 2} key=${index}>
        ${shown.map((column) => html`<div class="grid-cell ${column.end ? 'end' : ''}" role="cell" key=${column.id}>${column.cell ? column.cell(ordered[index]) : html`<span title=${String(column.value(ordered[index]) ?? '')}>${column.value(ordered[index])}</span>`}</div>`)}</div>`;
    const least = shown.reduce((sum, { width }) => sum + (Number(/^minmax\((\d+)px/.exec(width)?.[1]) || 60), 0);
    const style = { '--least': `${least}px`, '--row': `${rowHeight}px`, '--columns': shown.map((column) => column.width).join(' '), height: `min(${height}, ${ordered.length * rowHeight + 34}px)` };
    return html`<div class="grid-table grid-of-things ${size.width > 0 && size.width < narrow ? 'narrow' : ''}" ref=${boxRef} role="table" aria-label=${label} aria-rowcount=${ordered.length + 1} style=${style}>
        <${Windowed} count=${ordered.length} rowHeight=${rowHeight} row=${row} header=${header} label=${label} /></div>`;
}
