// Rows and columns, sorted by a click, windowed, with coloured cells and small bars.

import { html, useMemo, useState } from '../vendor/preact.js';
import { displayName } from '../data/fields.js';
import { compareValues } from '../data/transformations.js';
import { reduce } from '../data/reducers.js';
import { textOn, withAlpha } from '../format/colors.js';
import { display } from '../format/display.js';
import { dateTime } from '../time/format.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { Windowed } from '../ui/windowed.js';
import { navigate } from '../router.js';
import { interpolate } from '../dashboard/interpolate.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {ReturnType<typeof columnOf>} Column */

/**
 * Many series as one table: by time when they share it, else one row per series.
 * @param {Frame[]} frames
 * @returns {Frame[]}
 */
export function framesAsTable(frames) {
    const clocks = frames.map((frame) => frame.fields.find((field) => field.type === 'time'));
    if (frames.length < 2 || clocks.some((clock) => !clock)) return frames;
    if (frames.every((frame) => frame.rows <= 1)) return [rowPerSeries(frames)];
    const times = [...new Set(clocks.flatMap((clock) => clock?.values ?? []))].sort((a, b) => b - a);
    const position = new Map(times.map((time, index) => [time, index]));
    /** @type {Field[]} */
    const fields = [{ .../** @type {Field} */ (clocks[0]), values: times }];
    frames.forEach((frame, at) => {
        for (const field of frame.fields) {
            if (field === clocks[at]) continue;
            const values = new Array(times.length).fill(null);
            clocks[at]?.values.forEach((time, row) => { values[/** @type {number} */ (position.get(time))] = field.values[row]; });
            fields.push({ ...field, values });
        }
    });
    return [{ refId: frames[0].refId, rows: times.length, fields }];
}

/** @param {Frame[]} frames @returns {Frame} */
function rowPerSeries(frames) {
    const series = frames.map((frame) => frame.fields.find((field) => field.type === 'number')).filter(Boolean);
    const found = /** @type {Field[]} */ (series);
    return {
        refId: frames[0].refId, rows: found.length,
        fields: [
            { name: 'Series', type: 'string', values: found.map(displayName), config: {} },
            { name: 'Value', type: 'number', values: found.map((field) => field.values[0]), config: { ...found[0]?.config, displayName: undefined, displayNameFromDS: undefined } },
        ],
    };
}

/**
 * @param {{panel: import('../types/model').Panel, data: any, zone: string, scope?: any, plain?: boolean}} properties
 */
export function TablePanel({ panel, data, zone, scope, plain }) {
    useTheme();
    const options = plain ? {} : panel.options;
    const [chosen, setChosen] = useState(options.frameIndex ?? 0);
    const initial = options.sortBy?.[0];
    const [sort, setSort] = useState(/** @type {{name: string, desc: boolean} | null} */ (initial ? { name: initial.displayName, desc: initial.desc } : null));
    const frame = data.frames[Math.min(chosen, data.frames.length - 1)];
    const fields = useMemo(() => (frame?.fields ?? []).filter((/** @type {Field} */ field) => !field.config.custom?.hidden && !field.config.custom?.hideFrom?.viz), [frame]);
    const order = useMemo(() => {
        const rows = Array.from({ length: frame?.rows ?? 0 }, (_, index) => index);
        const by = sort && fields.find((/** @type {Field} */ field) => displayName(field) === sort.name);
        return by ? rows.sort((a, b) => compareValues(by.values[a], by.values[b]) * (sort.desc ? -1 : 1)) : rows;
    }, [frame, sort, fields]);
    if (!frame || fields.length === 0) return html`<${Empty} title="No data">The query answers no rows in this time range.</${Empty}>`;
    /** @type {Column[]} */
    const columns = fields.map((/** @type {Field} */ field) => columnOf(field, zone));
    const least = columns.reduce((sum, column) => sum + column.least, 0);
    const style = { '--columns': columns.map((column) => column.width).join(' '), '--least': `${least}px` };
    const header = options.showHeader === false ? null : html`<div class="grid-head" role="row">${columns.map((column) => html`<button class=${column.align} role="columnheader"
        onClick=${() => setSort(nextSort(sort, column.name))}
        title=${column.name}>${column.name}${arrow(sort, column.name)}</button>`)}</div>`;
    const row = (/** @type {number} */ index) => html`<div class="grid-row" role="row" key=${index}>${columns.map((column) => cell(column, order[index], zone, scope))}</div>`;
    const choice = data.frames.length > 1;
    return html`<div class="table-panel ${choice ? 'many' : ''}">
        ${choice && html`<select class="select frame-choice" aria-label="Series" value=${chosen} onChange=${(/** @type {any} */ event) => setChosen(Number(event.target.value))}>
            ${data.frames.map((/** @type {Frame} */ one, /** @type {number} */ index) => html`<option value=${index}>${frameName(one)}</option>`)}</select>`}
        <div class="grid-table" role="table" style=${style}>
            <${Windowed} count=${order.length} rowHeight=${32} row=${row} header=${header} label=${panel.title || 'Table'} />
            ${options.footer?.show && html`<div class="grid-foot">${columns.map((column, index) => html`<div class="grid-cell ${column.align}">${index === 0 && column.field.type !== 'number' ? 'Total'
                : column.field.type === 'number' ? joinedText(display(reduce(column.field.values, options.footer.reducer?.[0] ?? 'sum'), column.field.config, { zone })) : ''}</div>`)}</div>`}
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

/** @param {any} shown */
function joinedText(shown) {
    return shown.prefix + shown.text + shown.suffix;
}

/** @param {Frame} frame */
function frameName(frame) {
    const field = frame.fields.find((one) => one.type === 'number');
    return frame.name ?? (field ? displayName(field) : frame.refId);
}

/** @param {Field} field @param {string} zone */
function columnOf(field, zone) {
    const custom = field.config.custom ?? {};
    const name = displayName(field);
    const options = custom.cellOptions ?? { type: custom.displayMode ?? 'auto' };
    const align = custom.align && custom.align !== 'auto' ? { left: '', center: 'middle', right: 'end' }[/** @type {'left'} */ (custom.align)] ?? '' : field.type === 'number' ? 'end' : '';
    const sample = field.values.slice(0, 60).map((value) => textOf(field, value, zone).length);
    const letters = Math.min(46, Math.max(name.length + 2, 5, ...sample));
    const isBar = /gauge/.test(options.type ?? '');
    const least = custom.width ?? Math.max(custom.minWidth ?? 56, letters * 7.1 + 20 + (isBar ? 90 : 0));
    const numbers = field.type === 'number' ? field.values.filter((value) => typeof value === 'number' && Number.isFinite(value)) : [];
    const bounds = { min: field.config.min ?? Math.min(0, ...numbers.slice(0, 5000)), max: field.config.max ?? Math.max(0, ...numbers.slice(0, 5000)) };
    return { field, name, align, options, least, bounds, isBar, width: custom.width ? `${custom.width}px` : `minmax(${Math.round(least)}px, ${isBar ? 3 : Math.max(1, Math.round(letters / 8))}fr)` };
}

/** @param {Field} field @param {any} value @param {string} zone */
function textOf(field, value, zone) {
    if (field.type === 'time' && typeof value === 'number' && !field.config.unit) return dateTime(value, zone);
    return joinedText(display(value, field.config, { zone }));
}

/** @param {Column} column @param {number} index @param {string} zone @param {any} scope */
function cell(column, index, zone, scope) {
    const { field, align, options } = column;
    const value = field.values[index];
    const text = textOf(field, value, zone);
    const type = String(options.type ?? 'auto');
    const plain = type === 'auto' && !(field.config.mappings ?? []).length;
    const shown = plain || field.type === 'time' ? null : display(value, field.config, { zone, index: field.index, ...column.bounds });
    /** @type {Record<string, string>} */
    const style = {};
    if (shown && type === 'color-background') Object.assign(style, { background: shown.color, color: textOn(shown.color) });
    if (shown && (type === 'color-text' || (type === 'auto' && shown.mapped))) style.color = shown.color;
    const link = linkOf(field, text, value, scope);
    const content = link ? html`<a href=${link.href} target=${link.blank ? '_blank' : undefined} rel="noreferrer" onClick=${link.blank ? undefined : (/** @type {Event} */ event) => { event.preventDefault(); navigate(link.href); }}>${text}</a>` : text;
    return html`<div class="grid-cell ${align}" role="cell" style=${style} title=${text}>
        ${column.isBar && shown && html`<span class="mini"><i style=${{ width: `${shown.share * 100}%`, background: withAlpha(shown.color, 0.9) }}></i></span>`}
        <span style=${column.isBar && shown ? { color: shown.color } : undefined}>${content}</span></div>`;
}

/**
 * The first data link of a cell; only http and our own pages.
 * @param {Field} field
 * @param {string} text
 * @param {any} value
 * @param {any} scope
 */
function linkOf(field, text, value, scope) {
    const link = field.config.links?.[0];
    if (!link?.url) return undefined;
    let href = String(link.url).replace(/\$\{__(value|field|series)\.([^}]+)\}/g, (_, kind, part) => {
        if (kind === 'value') return encodeURIComponent(part.startsWith('text') ? text : String(value));
        return encodeURIComponent(part.startsWith('labels.') ? field.labels?.[part.slice(7)] ?? '' : field.name);
    });
    if (scope) href = interpolate(href, scope);
    if (!/^(https?:\/\/|\/(?!\/))/.test(href)) return undefined;
    return { href, blank: Boolean(link.targetBlank) || /^https?:/.test(href) };
}
