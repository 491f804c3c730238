// Frames → the bars of a bar chart: a name per category and one bar per series in it.

import { displayName } from '../data/fields.js';
import { display, seriesColor } from '../format/display.js';
import { join } from '../data/transform-joins.js';
import { dateTime } from '../time/format.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {{name: string, color: string, field: Field, values: (number | null)[], colors: string[] | null}} BarSeries `colors`: one per category, where they differ */
/** @typedef {{categories: string[], series: BarSeries[], left: number}} BarGroups `left`: categories beyond those that are drawn */

const most = 300;

/**
 * @param {Frame[]} frames @param {any} options of the panel @param {string} zone
 * @returns {BarGroups}
 */
export function barGroups(frames, options, zone) {
    const frame = oneFrame(frames);
    if (!frame) return { categories: [], series: [], left: 0 };
    const wanted = options.xField ? frame.fields.find((field) => displayName(field) === options.xField || field.name === options.xField) : undefined;
    const x = wanted ?? frame.fields.find((field) => field.type === 'string') ?? frame.fields.find((field) => field.type === 'time');
    const numbers = frame.fields.filter((field) => field !== x && field.type === 'number' && !field.config.custom?.hideFrom?.viz);
    const colorField = options.colorByField ? frame.fields.find((field) => displayName(field) === options.colorByField) : undefined;
    const count = Math.min(frame.rows, most);
    const categories = Array.from({ length: count }, (_, row) => categoryText(x, row, zone));
    const byValue = (/** @type {Field} */ field) => !['palette-classic', 'palette-classic-by-name', 'fixed', 'shades'].includes(field.config.color?.mode ?? 'palette-classic') || (field.config.mappings ?? []).length > 0;
    const series = numbers.map((field) => {
        const values = field.values.slice(0, count).map((value) => (typeof value === 'number' && Number.isFinite(value) ? value : null));
        const own = seriesColor(field);
        const by = colorField ?? (byValue(field) ? field : undefined);
        const colors = by ? Array.from({ length: count }, (_, row) => display(by.values[row], by.config, { index: row }).color) : null;
        return { name: displayName(field), color: own, field, values, colors };
    });
    return { categories, series, left: frame.rows - count };
}

/**
 * Series over time are one table by their moments; single values are one category each.
 * @param {Frame[]} frames
 * @returns {Frame | undefined}
 */
function oneFrame(frames) {
    const used = frames.filter((frame) => frame.rows > 0);
    if (used.length < 2) return used[0];
    if (used.some((frame) => frame.fields.some((field) => field.type === 'string')) || used.some((frame) => !frame.fields.some((field) => field.type === 'time'))) return used[0];
    if (used.every((frame) => frame.rows === 1)) {
        const fields = used.flatMap((frame) => frame.fields.filter((field) => field.type === 'number'));
        const [first] = fields;
        return { refId: used[0].refId, rows: fields.length, fields: [
            { name: 'Series', type: 'string', values: fields.map(displayName), config: {} },
            { ...first, values: fields.map((field) => field.values[0]), config: { ...first.config, displayName: 'Value', displayNameFromDS: undefined } },
        ] };
    }
    return join(used, undefined, 'outer')[0];
}

/** @param {Field | undefined} field @param {number} row @param {string} zone */
function categoryText(field, row, zone) {
    if (!field) return String(row + 1);
    const value = field.values[row];
    if (field.type === 'time') return dateTime(value, zone).slice(5, 16);
    const shown = display(value, field.config, { zone });
    return shown.prefix + shown.text + shown.suffix;
}

/**
 * Where each bar begins and ends.
 * @param {BarSeries[]} series @param {number} count of categories @param {string} stacking none, normal or percent
 * @returns {{from: number, to: number}[][]} by series and category
 */
export function barSpans(series, count, stacking) {
    if (stacking === 'none') return series.map(({ values }) => values.map((value) => ({ from: 0, to: value ?? 0 })));
    const totals = Array.from({ length: count }, (_, at) => series.reduce((sum, { values }) => sum + Math.abs(values[at] ?? 0), 0));
    const up = new Array(count).fill(0);
    const down = new Array(count).fill(0);
    return series.map(({ values }) => values.map((value, at) => {
        const part = stacking === 'percent' ? (totals[at] === 0 ? 0 : (value ?? 0) / totals[at]) : value ?? 0;
        const side = part < 0 ? down : up;
        const from = side[at];
        side[at] += part;
        return { from, to: side[at] };
    }));
}
