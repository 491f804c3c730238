// Frames → one value per series (or per row), for stat, gauge and bar gauge.

import { displayName } from '../data/fields.js';
import { keepsUnit, reduce } from '../data/reducers.js';
import { toRegExp } from '../format/display.js';

/** @typedef {import('../types/model').Field} Field */
/**
 * @typedef {{name: string, value: any, values: any[], times: number[], config: import('../types/model').FieldConfig, index: number,
 *   labels?: Record<string, string>}} Reduced
 */

/**
 * @param {import('../types/model').Frame[]} frames
 * @param {any} reduceOptions
 * @returns {Reduced[]}
 */
export function reducedValues(frames, reduceOptions = {}) {
    const calc = reduceOptions.calcs?.[0] ?? 'lastNotNull';
    const pattern = reduceOptions.fields ? toRegExp(String(reduceOptions.fields)) : undefined;
    /** @type {Reduced[]} */
    const found = [];
    for (const frame of frames) {
        const clock = frame.fields.find((field) => field.type === 'time');
        const texts = frame.fields.filter((field) => field.type === 'string');
        for (const field of frame.fields) {
            const name = displayName(field);
            const wanted = pattern ? pattern.test(name) || reduceOptions.fields === name : field.type === 'number';
            if (!wanted || field.config.custom?.hideFrom?.viz) continue;
            const numeric = frame.fields.filter((one) => one.type === 'number').length;
            if (reduceOptions.values) {
                field.values.slice(0, reduceOptions.limit ?? 25).forEach((value, row) => {
                    const label = texts.filter((one) => one !== field).map((one) => one.values[row]).join(' ');
                    found.push({ name: [label, numeric > 1 || !label ? name : ''].filter(Boolean).join(' '), value, values: [], times: [], config: field.config, index: found.length, labels: field.labels });
                });
            } else {
                const config = keepsUnit(calc) ? field.config : { ...field.config, unit: undefined };
                found.push({ name, value: reduce(field.values, calc), values: field.values, times: clock?.values ?? [], config, index: field.index ?? 0, labels: field.labels });
            }
        }
    }
    return found;
}

/** More tiles than this cannot be told apart. */
export const mostTiles = 400;

/**
 * Rows and columns for some tiles in a box so that tiles come out wide rather than narrow.
 * @param {number} count @param {number} width @param {number} height @param {number} [aspect] wanted width over height
 */
export function tileGrid(count, width, height, aspect = 2.2) {
    // Too many for the box: tiles of a size that can be read, and the box scrolls.
    if ((width * height) / count < 2600) {
        const columns = Math.max(1, Math.floor(width / 110));
        return { columns, rows: Math.ceil(count / columns), rowHeight: 52 };
    }
    let best = { columns: 1, rows: count, score: -Infinity };
    for (let columns = 1; columns <= count; columns++) {
        const rows = Math.ceil(count / columns);
        const [tileWidth, tileHeight] = [width / columns, height / rows];
        const empty = columns * rows - count;
        const score = -Math.abs(Math.log(tileWidth / tileHeight / aspect)) - empty * 0.25;
        if (score > best.score) best = { columns, rows, score };
    }
    return { columns: best.columns, rows: best.rows, rowHeight: 0 };
}

/**
 * How a grid of tiles is laid out.
 * @param {{columns: number, rows: number, rowHeight: number}} grid
 */
export function gridStyle({ columns, rows, rowHeight }) {
    return { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gridTemplateRows: `repeat(${rows}, ${rowHeight > 0 ? `${rowHeight}px` : 'minmax(0, 1fr)'})` };
}
