// Transformations of the columns of each frame: order, names, types, fields made from others.

import { toRegExp } from '../format/display.js';
import { dateTime } from '../time/format.js';
import { parseTime } from '../time/range.js';
import { displayName } from './fields.js';
import { reduce, reducerName } from './reducers.js';
import { column, fieldNamed, renamed, rowIndexes, timeOf, typeOf } from './transform-frames.js';
import { join } from './transform-joins.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

/** @param {Frame[]} frames @param {any} options */
export function organize(frames, options) {
    const { excludeByName = {}, indexByName = {}, renameByName = {}, includeByName = {} } = options;
    const onlyIncluded = Object.keys(includeByName).length > 0;
    return frames.map((frame) => {
        const named = frame.fields.map((field) => ({ field, name: displayName(field) }))
            .filter(({ name }) => excludeByName[name] !== true && (!onlyIncluded || includeByName[name]));
        const position = (/** @type {string} */ name) => Number(indexByName[name] ?? Number.MAX_SAFE_INTEGER);
        named.sort((a, b) => position(a.name) - position(b.name));
        return { ...frame, fields: named.map(({ field, name }) => (renameByName[name] ? renamed(field, String(renameByName[name])) : field)) };
    });
}

/** @param {Frame[]} frames @param {any} options @param {(text: string) => string} interpolate */
export function renameByRegex(frames, { regex, renamePattern }, interpolate) {
    const pattern = toRegExp(interpolate(String(regex ?? '')));
    return frames.map((frame) => ({
        ...frame, fields: frame.fields.map((field) => (pattern && field.type !== 'time'
            ? renamed(field, displayName(field).replace(pattern, String(renamePattern ?? ''))) : field)),
    }));
}

/** @param {Frame[]} frames @param {any} options @param {(text: string) => string} interpolate */
export function filterFields(frames, { include, exclude, byVariable }, interpolate) {
    const chosen = (/** @type {any} */ rule, /** @type {string} */ name) => {
        if (!rule) return undefined;
        const listed = byVariable && rule.variable ? interpolate(`${rule.variable}`).replace(/^\{|\}$/g, '').split(/,| \+ /) : rule.names;
        if (listed?.includes(name)) return true;
        return rule.pattern ? Boolean(toRegExp(interpolate(rule.pattern))?.test(name)) : false;
    };
    return frames.map((frame) => ({
        ...frame,
        fields: frame.fields.filter((field) => {
            const name = displayName(field);
            return (chosen(include, name) ?? true) && !(chosen(exclude, name) ?? false);
        }),
    })).filter((frame) => frame.fields.length > 0);
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function labelsToFields(frames, { keepLabels, mode, valueLabel }) {
    const kept = (/** @type {Field} */ field) => Object.keys(field.labels ?? {}).filter((name) => name !== '__name__' && (!keepLabels || keepLabels.includes(name)));
    if (mode === 'rows') {
        return frames.flatMap((frame) => frame.fields.filter((field) => field.labels).map((field) => {
            const names = kept(field);
            return { refId: frame.refId, name: displayName(field), rows: names.length, fields: [column('label', names), column('value', names.map((name) => field.labels?.[name]))] };
        }));
    }
    return frames.map((frame) => {
        /** @type {Map<string, Field>} */
        const columns = new Map();
        for (const field of frame.fields) {
            for (const name of kept(field)) if (name !== valueLabel) columns.set(name, column(name, new Array(frame.rows).fill(field.labels?.[name])));
        }
        const [times, rest] = [frame.fields.filter((field) => field.type === 'time'), frame.fields.filter((field) => field.type !== 'time')];
        return {
            ...frame, fields: [...times, ...columns.values(), ...rest.map((field) => ({
                ...field, labels: {}, config: { ...field.config, displayNameFromDS: field.labels?.[valueLabel] ?? field.labels?.__name__ },
            }))],
        };
    });
}

/** @type {Record<string, (a: number, b: number) => any>} */
const operators = {
    '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b, '**': (a, b) => a ** b,
    '>': (a, b) => a > b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '<=': (a, b) => a <= b, '=': (a, b) => a === b, '!=': (a, b) => a !== b,
};
/** @type {Record<string, (a: number) => number>} */
const unary = { abs: Math.abs, exp: Math.exp, ln: Math.log, floor: Math.floor, ceil: Math.ceil, round: Math.round };

/** @param {Frame[]} frames @param {any} options */
export function calculateField(frames, options) {
    const aligned = options.timeSeries !== false && frames.length > 1 && frames.every(timeOf) ? join(frames, undefined, 'outer') : frames;
    return aligned.map((frame) => {
        const made = calculated(frame, options).map(({ name, values }) => column(name, values, typeOf(values)));
        const kept = options.replaceFields ? frame.fields.filter((field) => field.type === 'time') : frame.fields;
        return { ...frame, fields: [...kept, ...made] };
    });
}

/** @param {Frame} frame @param {any} options @returns {{name: string, values: any[]}[]} */
function calculated(frame, options) {
    const { mode, alias } = options;
    const numeric = frame.fields.filter((field) => field.type === 'number');
    const included = (/** @type {string[] | undefined} */ names) => (names?.length ? numeric.filter((field) => names.includes(displayName(field))) : numeric);
    switch (mode) {
        case 'binary': {
            const { left, operator = '+', right } = options.binary ?? {};
            const operate = operators[operator] ?? operators['+'];
            const all = typeof left === 'object' && left?.matcher?.id === 'byType' ? numeric : null;
            return (all ?? [left]).map((/** @type {any} */ side) => {
                const [from, to] = [all ? (/** @type {number} */ row) => side.values[row] : operand(frame, side), operand(frame, right)];
                const sideName = all ? displayName(side) : operandName(side);
                return {
                    name: (all ? '' : alias) || `${sideName} ${operator} ${operandName(right)}`,
                    values: rowIndexes(frame).map((/** @type {number} */ row) => {
                        const [a, b] = [from(row), to(row)];
                        return a === null || a === undefined || b === null || b === undefined ? null : operate(a, b);
                    }),
                };
            });
        }
        case 'unary': {
            const { fieldName, operator } = options.unary ?? {};
            const at = operand(frame, fieldName);
            return [{ name: alias || `${operator}(${fieldName})`, values: rowIndexes(frame).map((row) => (at(row) === null ? null : (unary[operator] ?? Number)(at(row)))) }];
        }
        case 'cumulativeFunctions': {
            const { field, reducer = 'sum' } = options.cumulative ?? {};
            const at = operand(frame, field);
            let total = 0;
            return [{ name: alias || `cumulative ${reducer} ${field}`, values: rowIndexes(frame).map((row) => {
                total += Number(at(row)) || 0;
                return reducer === 'mean' ? total / (row + 1) : total;
            }) }];
        }
        case 'index': {
            const percent = options.index?.asPercentile;
            return [{ name: alias || 'Row', values: rowIndexes(frame).map((/** @type {number} */ row) => (percent ? row / frame.rows : row)) }];
        }
    }
    const { include, reducer = 'sum' } = options.reduce ?? {};
    const chosen = included(include);
    return [{ name: alias || reducerName(reducer), values: rowIndexes(frame).map((row) => reduce(chosen.map((field) => field.values[row]), reducer)) }];
}

/** @param {Frame} frame @param {any} side a field's name, a number, or `{matcher}` or `{fixed}` @returns {(row: number) => any} */
function operand(frame, side) {
    const name = typeof side === 'object' && side !== null ? side.matcher?.options ?? side.fixed : side;
    const field = fieldNamed(frame, String(name));
    if (field) return (/** @type {number} */ row) => field.values[row];
    const number = name === '' || name === undefined || name === null ? null : Number(name);
    return () => (Number.isNaN(number) ? null : number);
}

/** @param {any} side */
function operandName(side) {
    return String(typeof side === 'object' && side !== null ? side.matcher?.options ?? side.fixed ?? '' : side ?? '');
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function extractFields(frames, { source, format = 'auto', jsonPaths = [], replace, keepTime, regExp, delimiter = ',' }) {
    return frames.map((frame) => {
        const field = fieldNamed(frame, source);
        if (!field) return frame;
        /** @type {Map<string, any[]>} */
        const columns = new Map();
        field.values.forEach((value, row) => {
            for (const [name, found] of extracted(value, format, jsonPaths, regExp, delimiter)) {
                if (!columns.has(name)) columns.set(name, new Array(frame.rows).fill(null));
                /** @type {any[]} */ (columns.get(name))[row] = found;
            }
        });
        const made = [...columns].slice(0, 200).map(([name, values]) => column(name, values, typeOf(values)));
        const kept = replace ? frame.fields.filter((one) => keepTime && one.type === 'time') : frame.fields;
        return { ...frame, fields: [...kept, ...made] };
    });
}

/** @param {any} value @param {string} format @param {any[]} paths @param {string | undefined} pattern @param {string} delimiter @returns {[string, any][]} */
function extracted(value, format, paths, pattern, delimiter) {
    if (value === null || value === undefined) return [];
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (format === 'regexp') return Object.entries(toRegExp(pattern ?? '')?.exec(text)?.groups ?? {});
    if (format === 'delimiter') return text.split(delimiter).map((part) => [part.trim(), 1]);
    if (format === 'json' || format === 'auto') {
        const parsed = typeof value === 'object' ? value : parsedJson(text);
        if (parsed && typeof parsed === 'object') {
            if (paths.length > 0) return paths.filter((one) => one?.path).map((one) => [one.alias || one.path, scalar(atPath(parsed, one.path))]);
            return Object.entries(parsed).map(([name, one]) => [name, scalar(one)]);
        }
        if (format === 'json') return [];
    }
    return [...text.matchAll(/([\w.:-]+)\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]);
}

/** @param {string} text */
function parsedJson(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** @param {any} value */
function scalar(value) {
    return value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
}

/** @param {any} value @param {string} path `a.b[0].c` */
function atPath(value, path) {
    return path.replace(/\[["']?([^\]"']+)["']?\]/g, '.$1').split('.').filter(Boolean)
        .reduce((inner, key) => (inner !== null && typeof inner === 'object' && Object.hasOwn(inner, key) ? inner[key] : undefined), value);
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function convertFieldType(frames, { conversions = [] }) {
    return frames.map((frame) => ({
        ...frame, fields: frame.fields.map((field) => {
            const wanted = conversions.find((/** @type {any} */ one) => one.targetField === displayName(field) || one.targetField === field.name)?.destinationType;
            if (wanted === 'number') return { ...field, type: 'number', values: field.values.map((value) => (value === null || value === '' ? null : Number(value))) };
            if (wanted === 'time') return { ...field, type: 'time', values: field.values.map((value) => (typeof value === 'number' ? value : parseTime(String(value), false))) };
            if (wanted === 'string' || wanted === 'enum') return { ...field, type: 'string', values: field.values.map((value) => (field.type === 'time' ? dateTime(value) : value === null ? null : String(value))) };
            if (wanted === 'boolean') return { ...field, type: 'string', values: field.values.map((value) => (value === null ? null : String(Boolean(value) && value !== 'false'))) };
            return field;
        }),
    }));
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
export function formatTime(frames, { timeField, timezone }) {
    return frames.map((frame) => ({
        ...frame, fields: frame.fields.map((field) => (displayName(field) === timeField && field.type === 'time'
            ? { ...field, type: 'string', values: field.values.map((value) => dateTime(value, timezone || 'browser')) } : field)),
    }));
}
