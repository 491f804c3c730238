// Transformations of the rows of each frame: sort, limit, filter, group, reduce, turn.

import { toRegExp } from '../format/display.js';
import { compareValues } from './compare.js';
import { displayName } from './fields.js';
import { reduce, reducerName } from './reducers.js';
import { column, fieldNamed, renamed, rowIndexes, takeRows, typeOf } from './transform-frames.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

/** @param {Frame[]} frames @param {any} options */
export function sortBy(frames, options) {
    const by = options.sort?.[0] ?? {};
    return frames.map((frame) => {
        const field = fieldNamed(frame, by.field);
        if (!field) return frame;
        return takeRows(frame, rowIndexes(frame).sort((a, b) => compareValues(field.values[a], field.values[b]) * (by.desc ? -1 : 1)));
    });
}

/** @param {Frame[]} frames @param {any} options @param {(text: string) => string} interpolate */
export function limit(frames, options, interpolate) {
    const count = Number(interpolate(String(options.limitField ?? 10)));
    return frames.map((frame) => {
        const rows = rowIndexes(frame);
        if (!Number.isFinite(count)) return frame;
        return takeRows(frame, count < 0 ? rows.slice(count) : rows.slice(0, count));
    });
}

/** @param {Frame[]} frames @param {any} options @param {(text: string) => string} interpolate */
export function filterByValue(frames, { filters = [], type = 'include', match = 'any' }, interpolate) {
    return frames.map((frame) => {
        const tests = filters.map((/** @type {any} */ filter) => {
            const field = fieldNamed(frame, filter.fieldName);
            return field && ((/** @type {number} */ row) => passes(field.values[row], filter.config ?? {}, interpolate));
        }).filter(Boolean);
        if (tests.length === 0) return frame;
        const rows = rowIndexes(frame).filter((row) => {
            const hit = match === 'all' ? tests.every((/** @type {any} */ test) => test(row)) : tests.some((/** @type {any} */ test) => test(row));
            return hit === (type !== 'exclude');
        });
        return takeRows(frame, rows);
    });
}

/** @param {any} value @param {{id?: string, options?: any}} config @param {(text: string) => string} interpolate @returns {boolean} */
function passes(value, { id, options = {} }, interpolate) {
    const missing = value === null || value === undefined;
    const wanted = interpolate(String(options.value ?? ''));
    switch (id) {
        case 'isNull': return missing;
        case 'isNotNull': return !missing;
        case 'greater': return !missing && value > Number(wanted);
        case 'greaterOrEqual': return !missing && value >= Number(wanted);
        case 'lower': return !missing && value < Number(wanted);
        case 'lowerOrEqual': return !missing && value <= Number(wanted);
        case 'between': return !missing && value >= Number(options.from) && value <= Number(options.to);
        case 'equal': return String(value) === wanted;
        case 'notEqual': return String(value) !== wanted;
        case 'regex': return Boolean(toRegExp(wanted)?.test(String(value ?? '')));
        case 'substring': return String(value ?? '').toLowerCase().includes(wanted.toLowerCase());
        case 'notSubstring': return !String(value ?? '').toLowerCase().includes(wanted.toLowerCase());
    }
    return true;
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function reduceFrames(frames, { reducers = ['lastNotNull'], mode, labelsToFields: withLabels, includeTimeField }) {
    const counts = (/** @type {Field} */ field) => field.type === 'number' || (includeTimeField && field.type === 'time');
    if (mode === 'reduceFields') {
        return frames.map((frame) => ({
            ...frame, rows: 1,
            fields: frame.fields.filter(counts).flatMap((field) => reducers.map((/** @type {string} */ id) => {
                const made = { ...field, values: [reduce(field.values, id)] };
                return reducers.length > 1 ? renamed(made, `${displayName(field)} ${reducerName(id)}`) : made;
            })),
        }));
    }
    const series = frames.flatMap((frame) => frame.fields.filter(counts));
    const labels = withLabels ? [...new Set(series.flatMap((field) => Object.keys(field.labels ?? {})))] : [];
    const fields = [column('Field', series.map((field) => (withLabels ? field.labels?.__name__ ?? displayName(field) : displayName(field))))];
    for (const label of labels) if (label !== '__name__') fields.push(column(label, series.map((field) => field.labels?.[label] ?? '')));
    for (const id of reducers) {
        const values = series.map((field) => reduce(field.values, id));
        fields.push(column(reducerName(id), values, typeOf(values)));
    }
    return [{ refId: 'reduce', rows: series.length, fields }];
}

/** @param {Frame[]} frames @param {any} options */
export function groupBy(frames, { fields: rules = {} }) {
    return frames.map((frame) => {
        const named = frame.fields.map((field) => ({ field, name: displayName(field), rule: rules[displayName(field)] }));
        const keys = named.filter(({ rule }) => rule?.operation === 'groupby');
        if (keys.length === 0) return frame;
        /** @type {Map<string, number[]>} */
        const groups = new Map();
        for (const row of rowIndexes(frame)) {
            const key = JSON.stringify(keys.map(({ field }) => field.values[row]));
            const group = groups.get(key);
            if (group) group.push(row);
            else groups.set(key, [row]);
        }
        const rows = [...groups.values()];
        /** @type {Field[]} */
        const fields = keys.map(({ field }) => ({ ...field, values: rows.map(([first]) => field.values[first]) }));
        for (const { field, name, rule } of named) {
            if (rule?.operation !== 'aggregate') continue;
            for (const id of rule.aggregations ?? []) {
                const values = rows.map((indexes) => reduce(indexes.map((row) => field.values[row]), id));
                fields.push({ ...renamed(field, `${name} (${id})`), type: field.type === 'time' && !/count/i.test(id) ? 'time' : typeOf(values), values });
            }
        }
        return { ...frame, rows: rows.length, fields };
    });
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function groupingToMatrix(frames, { columnField = 'Time', rowField = 'Time', valueField = 'Value', emptyValue = '' }) {
    return frames.map((frame) => {
        const [across, down, cells] = [columnField, rowField, valueField].map((name) => fieldNamed(frame, name));
        if (!across || !down || !cells) return frame;
        const heads = [...new Set(across.values)];
        const sides = [...new Set(down.values)];
        const empty = emptyValue === 'null' ? null : emptyValue === 'zero' ? 0 : emptyValue === 'true' ? true : emptyValue === 'false' ? false : '';
        const at = new Map(rowIndexes(frame).map((row) => [JSON.stringify([down.values[row], across.values[row]]), cells.values[row]]));
        return {
            refId: frame.refId, rows: sides.length,
            fields: [{ ...column(`${rowField}\\${columnField}`, sides, down.type) },
                ...heads.map((head) => ({ ...cells, name: String(head), labels: undefined, config: {}, values: sides.map((side) => at.get(JSON.stringify([side, head])) ?? empty) }))],
        };
    });
}

/**
 * Rows become columns: the first text column names them, every number is one.
 * @param {Frame[]} frames @param {any} options @returns {Frame[]}
 */
export function rowsToFields(frames, { mappings = [] }) {
    return frames.map((frame) => {
        const mapped = (/** @type {string} */ handler) => mappings.find((/** @type {any} */ one) => one.handlerKey === handler)?.fieldName;
        const names = fieldNamed(frame, mapped('field.name')) ?? frame.fields.find((field) => field.type === 'string');
        const values = fieldNamed(frame, mapped('field.value')) ?? frame.fields.find((field) => field.type === 'number');
        if (!names || !values) return frame;
        return { ...frame, rows: 1, fields: rowIndexes(frame).map((row) => ({ ...values, name: String(names.values[row]), labels: undefined, config: {}, values: [values.values[row]] })) };
    });
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function transpose(frames, { firstFieldName, restFieldsName }) {
    return frames.map((frame) => {
        const [head, ...rest] = frame.fields;
        if (!head) return frame;
        return {
            ...frame, rows: rest.length,
            fields: [column(firstFieldName || 'Field', rest.map(displayName)), ...rowIndexes(frame).map((row) => {
                const values = rest.map((field) => field.values[row]);
                return column(restFieldsName ? `${restFieldsName} ${row}` : String(head.values[row]), values, typeOf(values));
            })],
        };
    });
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function partitionByValues(frames, { fields: names = [], keepFields }) {
    return frames.flatMap((frame) => {
        const keys = names.map((/** @type {string} */ name) => fieldNamed(frame, name)).filter(Boolean);
        if (keys.length === 0) return [frame];
        /** @type {Map<string, number[]>} */
        const groups = new Map();
        for (const row of rowIndexes(frame)) {
            const key = JSON.stringify(keys.map((/** @type {Field} */ field) => field.values[row]));
            groups.set(key, [...groups.get(key) ?? [], row]);
        }
        return [...groups.values()].map((rows) => {
            const labels = Object.fromEntries(keys.map((/** @type {Field} */ field) => [displayName(field), String(field.values[rows[0]])]));
            const part = takeRows(frame, rows);
            return {
                ...part, name: Object.values(labels).join(' '),
                fields: part.fields.filter((_, at) => keepFields || !keys.includes(frame.fields[at])).map((field) => (field.type === 'number' ? { ...field, labels: { ...field.labels, ...labels } } : field)),
            };
        });
    });
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function histogram(frames, { bucketSize, bucketCount = 30, bucketOffset = 0, combine }) {
    const fields = frames.flatMap((frame) => frame.fields.filter((field) => field.type === 'number'));
    const numbers = (/** @type {Field} */ field) => field.values.filter((value) => typeof value === 'number' && Number.isFinite(value));
    const counted = combine ? [{ ...column('Count', [], 'number'), all: fields.flatMap(numbers) }] : fields.map((field) => ({ ...field, all: numbers(field) }));
    const { edges, size } = histogramEdges(counted.flatMap((one) => one.all), Number(bucketSize) || 0, Number(bucketCount) || 30, Number(bucketOffset) || 0);
    return [{
        refId: 'histogram', rows: edges.length,
        fields: [column('xMin', edges, 'number'), column('xMax', edges.map((edge) => edge + size), 'number'),
            ...counted.map(({ all, ...field }) => ({ ...field, type: /** @type {'number'} */ ('number'), values: countInto(all, edges, size) }))],
    }];
}

/**
 * Lower edges of equal buckets over some numbers; the size is a round number unless it is given.
 * @param {number[]} numbers @param {number} size 0 for one that gives about `count` buckets @param {number} count @param {number} offset
 */
export function histogramEdges(numbers, size, count, offset) {
    if (numbers.length === 0) return { edges: [], size: size || 1 };
    let min = Infinity;
    let max = -Infinity;
    for (const value of numbers) {
        if (value < min) min = value;
        if (value > max) max = value;
    }
    let step = size > 0 ? size : roundUp((max - min) / count || Math.abs(max) / 10 || 1);
    // A tiny bucket over a wide range would make millions of bars.
    while ((max - min) / step > 1000) step = roundUp(step * 2);
    const first = Math.floor((min - offset) / step);
    const last = Math.floor((max - offset) / step);
    return { edges: Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step + offset), size: step };
}

/** @param {number} value to the next 1, 2, 2.5 or 5 times a power of ten */
function roundUp(value) {
    const power = 10 ** Math.floor(Math.log10(value));
    const factor = [1, 2, 2.5, 5, 10].find((one) => value <= one * power * 1.0000001) ?? 10;
    return factor * power;
}

/** @param {number[]} numbers @param {number[]} edges @param {number} size */
export function countInto(numbers, edges, size) {
    const counts = new Array(edges.length).fill(0);
    for (const value of numbers) {
        const at = Math.min(edges.length - 1, Math.max(0, Math.floor((value - edges[0]) / size + 1e-9)));
        counts[at] += 1;
    }
    return counts;
}
