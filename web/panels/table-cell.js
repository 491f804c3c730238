// One cell of a table: text, colour, bar, spark line, picture or links, as its field asks.

import { html } from '../vendor/preact.js';
import { isSafe, resolveLink } from '../dashboard/links.js';
import { displayName } from '../data/fields.js';
import { textOn, withAlpha } from '../format/colors.js';
import { display, shortened } from '../format/display.js';
import { navigate } from '../router.js';
import { dateTime } from '../time/format.js';
import { Bar } from './bar.js';
import { Spark } from './spark.js';

/** @typedef {import('../types/model').Field} Field */
/** @typedef {ReturnType<typeof columnOf>} Column */

/**
 * Cell kinds of versions 8 and 9 by one word.
 * @type {Record<string, {type: string, mode?: string}>}
 */
const oldModes = {
    'color-background-solid': { type: 'color-background', mode: 'basic' }, basic: { type: 'gauge', mode: 'basic' }, 'gradient-gauge': { type: 'gauge', mode: 'gradient' }, 'lcd-gauge': { type: 'gauge', mode: 'lcd' },
};

/** @param {Field} field @param {string} zone */
export function columnOf(field, zone) {
    const custom = field.config.custom ?? {};
    const name = displayName(field);
    const mode = String(custom.displayMode ?? 'auto');
    const options = custom.cellOptions ?? oldModes[mode] ?? { type: mode };
    const type = field.type === 'trend' ? 'sparkline' : String(options.type ?? 'auto');
    const numeric = field.type === 'number';
    const align = custom.align && custom.align !== 'auto' ? { left: '', center: 'middle', right: 'end' }[/** @type {'left'} */ (custom.align)] ?? '' : numeric ? 'end' : '';
    const sample = type === 'image' || type === 'sparkline' ? [] : field.values.slice(0, 60).map((value) => textOf(field, value, zone).length);
    const letters = Math.min(46, Math.max(Math.min(30, name.length) + 2, 5, ...sample));
    const wide = type === 'gauge' || type === 'sparkline';
    const least = Number(custom.width) || Math.max(Number(custom.minWidth) || 56, letters * 7.7 + 20 + (wide ? 90 : 0));
    const bounds = { min: 0, max: 0 };
    if (numeric) for (const value of field.values) if (typeof value === 'number' && Number.isFinite(value)) [bounds.min, bounds.max] = [Math.min(bounds.min, value), Math.max(bounds.max, value)];
    return {
        field, name, align, type, mode: String(options.mode ?? ''), applyToRow: Boolean(options.applyToRow), least, wide,
        bounds: { min: field.config.min ?? bounds.min, max: field.config.max ?? bounds.max },
        width: Number(custom.width) > 0 ? `${Number(custom.width)}px` : `minmax(${Math.round(least)}px, ${wide ? 3 : Math.max(1, Math.round(letters / 8))}fr)`,
    };
}

/** @param {Field} field @param {any} value @param {string} zone @returns {string} */
export function textOf(field, value, zone) {
    if (field.type === 'time' && typeof value === 'number' && !field.config.unit) return dateTime(value, zone);
    if (field.type === 'trend') return textOf({ ...field, type: 'number' }, value?.value ?? null, zone);
    const shown = display(value, field.config, { zone });
    return shown.prefix + shown.text + shown.suffix;
}

/**
 * The ground of a whole row, when one of its cells asks for it.
 * @param {Column[]} columns @param {number} row @param {string} zone
 */
export function rowStyle(columns, row, zone) {
    const ruling = columns.find((column) => column.applyToRow && column.type === 'color-background');
    if (!ruling) return undefined;
    const { color } = display(ruling.field.values[row], ruling.field.config, { zone, index: ruling.field.index, ...ruling.bounds });
    return { background: color, color: textOn(color) };
}

/**
 * @param {Column} column @param {number} row @param {Field[]} fields of the row @param {string} zone @param {any} scope
 */
export function tableCell(column, row, fields, zone, scope) {
    const { field, align, type } = column;
    const value = field.values[row];
    const text = textOf(field, value, zone);
    const mapped = (field.config.mappings ?? []).length > 0;
    const shown = (type === 'auto' && !mapped) || field.type === 'time' ? null : display(field.type === 'trend' ? value?.value : value, field.config, { zone, index: field.index, ...column.bounds });
    /** @type {Record<string, string>} */
    const style = {};
    if (shown && type === 'color-background' && !column.applyToRow) {
        Object.assign(style, { background: column.mode === 'gradient' ? `linear-gradient(120deg, ${shown.color}, ${withAlpha(shown.color, 0.72)})` : shown.color, color: textOn(shown.color) });
    }
    if (shown && (type === 'color-text' || (type === 'auto' && shown.mapped))) style.color = shown.color;
    const links = scope ? (field.config.links ?? []).flatMap((link) => resolveLink(link, scope, { field, name: column.name, value, text, row, fields }) ?? []) : [];
    return html`<div class="grid-cell ${align}" role="cell" style=${style} title=${text}>${content(column, value, text, shown, links)}</div>`;
}

/**
 * @param {Column} column @param {any} value @param {string} text @param {import('../format/display.js').Display | null} shown
 * @param {import('../dashboard/links.js').Link[]} links
 */
function content(column, value, text, shown, links) {
    switch (column.type) {
        case 'gauge':
            return shown && html`<span class="mini">${typeof value === 'number' && html`<${Bar} share=${shown.share} color=${shown.color} mode=${column.mode} config=${column.field.config} bounds=${column.bounds} />`}</span>
                <span style=${{ color: shown.color }}>${linked(text, links)}</span>`;
        case 'sparkline':
            if (!Array.isArray(value?.values)) return linked(text, links);
            return html`<span class="mini spark-cell"><${Spark} values=${value.values} width=${120} height=${24} color=${shown?.color ?? 'currentColor'} filled=${false} config=${column.field.config} /></span><span>${linked(text, links)}</span>`;
        case 'image': return /^(data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]|\/(?![/\\]))/i.test(String(value)) ? html`<img src=${String(value)} alt="" />` : linked(text, links);
        case 'json-view': return html`<code>${linked(jsonText(value), links)}</code>`;
        case 'data-links': return links.map((link) => anchor(link, link.title));
    }
    return html`<span>${linked(text, links)}</span>`;
}

/** @param {any} value */
function jsonText(value) {
    if (typeof value !== 'string') return shortened(JSON.stringify(value) ?? '');
    return shortened(value);
}

/** @param {string} text @param {import('../dashboard/links.js').Link[]} links */
function linked(text, links) {
    return links.length > 0 ? anchor(links[0], text) : text;
}

/** @param {import('../dashboard/links.js').Link} link @param {string} text */
function anchor({ href, title, blank }, text) {
    if (!isSafe(href)) return text;
    return html`<a href=${href} title=${title} target=${blank ? '_blank' : undefined} rel="noreferrer"
        onClick=${blank ? undefined : (/** @type {Event} */ event) => { event.preventDefault(); navigate(href); }}>${text}</a>`;
}
