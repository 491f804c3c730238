// Grafana's transformations, those which most dashboards use. An unknown one is named, not guessed.

import { toRegExp } from '../format/display.js';
import { displayName } from './fields.js';
import { reduce, reducerName } from './reducers.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {(frames: Frame[], options: any) => Frame[]} Transformation */

/** @type {Record<string, Transformation>} */
const transformations = {
    merge: (frames) => (frames.length < 2 ? frames : [mergeFrames(frames)]),
    organize,
    joinByField: (frames, options) => join(frames, options.byField, options.mode),
    seriesToColumns: (frames, options) => join(frames, options.byField, 'outer'),
    filterFieldsByName: filterFields,
    renameByRegex: (frames, { regex, renamePattern }) => {
        const pattern = toRegExp(String(regex ?? ''));
        return mapFields(frames, (field) => (pattern && field.type !== 'time'
            ? renamed(field, displayName(field).replace(pattern, renamePattern ?? '')) : field));
    },
    sortBy: (frames, options) => frames.map((frame) => sortFrame(frame, options.sort?.[0] ?? {})),
    limit: (frames, options) => frames.map((frame) => takeRows(frame, rowIndexes(frame).slice(0, Number(options.limitField ?? 10)))),
    reduce: reduceFrames,
    labelsToFields,
    groupBy,
    calculateField,
    seriesToRows: (frames) => [seriesToRows(frames)],
    filterByRefId: (frames, { include, exclude }) => frames.filter((frame) => (include
        ? toRegExp(include)?.test(frame.refId) : !toRegExp(exclude ?? '$^')?.test(frame.refId))),
    prepareTimeSeries: (frames) => frames,
};

/**
 * @param {Frame[]} frames
 * @param {{id: string, options: any, disabled?: boolean}[] | undefined} steps
 * @returns {{frames: Frame[], unknown: string[]}}
 */
export function transform(frames, steps) {
    /** @type {string[]} */
    const unknown = [];
    let result = frames;
    for (const step of steps ?? []) {
        if (step.disabled) continue;
        const transformation = transformations[step.id];
        if (transformation) result = transformation(result, step.options ?? {});
        else unknown.push(step.id);
    }
    return { frames: result, unknown };
}

/** @param {Field} field @param {string} name @returns {Field} */
function renamed(field, name) {
    return { ...field, config: { ...field.config, displayName: name, displayNameFromDS: undefined } };
}

/** @param {Frame[]} frames @param {(field: Field) => Field} change */
function mapFields(frames, change) {
    return frames.map((frame) => ({ ...frame, fields: frame.fields.map(change) }));
}

/** @param {Frame} frame */
function rowIndexes(frame) {
    return Array.from({ length: frame.rows }, (_, index) => index);
}

/** @param {Frame} frame @param {number[]} rows @returns {Frame} */
function takeRows(frame, rows) {
    return { ...frame, rows: rows.length, fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row]) })) };
}

/**
 * Rows which agree in all shared non-numeric columns become one.
 * @param {Frame[]} frames
 * @returns {Frame}
 */
function mergeFrames(frames) {
    /** @type {Map<string, Field>} */
    const columns = new Map();
    for (const frame of frames) {
        for (const field of frame.fields) {
            const name = displayName(field);
            if (!columns.has(name)) columns.set(name, { ...field, values: [] });
        }
    }
    const names = [...columns.keys()];
    const keyNames = names.filter((name) => frames.every((frame) => frame.fields.some((field) => displayName(field) === name))
        && columns.get(name)?.type !== 'number');
    /** @type {Map<string, Record<string, any>[]>} */
    const byKey = new Map();
    /** @type {Record<string, any>[]} */
    const rows = [];
    for (const frame of frames) {
        for (let index = 0; index < frame.rows; index++) {
            /** @type {Record<string, any>} */
            const row = {};
            for (const field of frame.fields) row[displayName(field)] = field.values[index];
            const key = JSON.stringify(keyNames.map((name) => row[name]));
            const mate = byKey.get(key)?.find((other) => Object.keys(row).every((name) => other[name] === undefined || other[name] === row[name]));
            if (mate) {
                Object.assign(mate, row);
            } else {
                rows.push(row);
                byKey.set(key, [...(byKey.get(key) ?? []), row]);
            }
        }
    }
    const fields = names.map((name) => ({ .../** @type {Field} */ (columns.get(name)), values: rows.map((row) => row[name] ?? null) }));
    return { refId: 'merge', rows: rows.length, fields };
}

/** @param {Frame[]} frames @param {any} options */
function organize(frames, options) {
    const { excludeByName = {}, indexByName = {}, renameByName = {}, includeByName = {} } = options;
    const onlyIncluded = Object.keys(includeByName).length > 0;
    return frames.map((frame) => {
        const named = frame.fields.map((field) => ({ field, name: displayName(field) }))
            .filter(({ name }) => !excludeByName[name] && (!onlyIncluded || includeByName[name]));
        const position = (/** @type {string} */ name) => indexByName[name] ?? Number.MAX_SAFE_INTEGER;
        named.sort((a, b) => position(a.name) - position(b.name));
        return { ...frame, fields: named.map(({ field, name }) => (renameByName[name] ? renamed(field, renameByName[name]) : field)) };
    });
}

/** @param {Frame[]} frames @param {string | undefined} byField @param {string} [mode] @returns {Frame[]} */
function join(frames, byField, mode = 'outer') {
    const keyed = frames.map((frame) => ({
        frame, key: frame.fields.find((field) => (byField ? displayName(field) === byField || field.name === byField : field.type === 'time')),
    })).filter(({ key }) => key);
    if (keyed.length < 2) return frames;
    const sets = keyed.map(({ key }) => new Set(key?.values));
    let keys = [...new Set(keyed.flatMap(({ key }) => key?.values ?? []))];
    if (mode === 'inner') keys = keys.filter((value) => sets.every((set) => set.has(value)));
    if (keyed[0].key?.type === 'time') keys.sort((a, b) => a - b);
    const position = new Map(keys.map((value, index) => [value, index]));
    /** @type {Field[]} */
    const fields = [{ .../** @type {Field} */ (keyed[0].key), values: keys }];
    for (const { frame, key } of keyed) {
        for (const field of frame.fields) {
            if (field === key) continue;
            const values = new Array(keys.length).fill(null);
            key?.values.forEach((value, row) => {
                const at = position.get(value);
                if (at !== undefined) values[at] = field.values[row];
            });
            fields.push({ ...field, values });
        }
    }
    return [{ refId: 'join', rows: keys.length, fields }];
}

/** @param {Frame[]} frames @param {any} options */
function filterFields(frames, { include, exclude }) {
    const chosen = (/** @type {any} */ rule, /** @type {string} */ name) => {
        if (!rule) return undefined;
        if (rule.names?.includes(name)) return true;
        return rule.pattern ? Boolean(toRegExp(rule.pattern)?.test(name)) : false;
    };
    return frames.map((frame) => ({
        ...frame,
        fields: frame.fields.filter((field) => {
            const name = displayName(field);
            return (chosen(include, name) ?? true) && !(chosen(exclude, name) ?? false);
        }),
    })).filter((frame) => frame.fields.length > 0);
}

/** @param {any} a @param {any} b */
export function compareValues(a, b) {
    const missing = (/** @type {any} */ value) => value === null || value === undefined || Number.isNaN(value);
    if (missing(a) || missing(b)) return missing(a) === missing(b) ? 0 : missing(a) ? -1 : 1;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** @param {Frame} frame @param {{field?: string, desc?: boolean}} by */
function sortFrame(frame, by) {
    const field = frame.fields.find((one) => displayName(one) === by.field);
    if (!field) return frame;
    const order = rowIndexes(frame).sort((a, b) => compareValues(field.values[a], field.values[b]) * (by.desc ? -1 : 1));
    return takeRows(frame, order);
}

/** @param {Frame[]} frames @param {any} options @returns {Frame[]} */
function reduceFrames(frames, { reducers = ['lastNotNull'], mode, labelsToFields: withLabels }) {
    if (mode === 'reduceFields') {
        return frames.map((frame) => ({
            ...frame, rows: 1,
            fields: frame.fields.filter((field) => field.type === 'number')
                .map((field) => ({ ...field, values: [reduce(field.values, reducers[0])] })),
        }));
    }
    const series = frames.flatMap((frame) => frame.fields.filter((field) => field.type === 'number'));
    const labels = withLabels ? [...new Set(series.flatMap((field) => Object.keys(field.labels ?? {})))] : [];
    /** @type {Field[]} */
    const fields = [{ name: 'Field', type: 'string', values: series.map(displayName), config: {} }];
    for (const label of labels) fields.push({ name: label, type: 'string', values: series.map((field) => field.labels?.[label] ?? ''), config: {} });
    for (const id of reducers) {
        fields.push({ name: reducerName(id), type: 'number', values: series.map((field) => reduce(field.values, id)), config: {} });
    }
    return [{ refId: 'reduce', rows: series.length, fields }];
}

/** @param {Frame[]} frames @param {any} options */
function labelsToFields(frames, { keepLabels, mode }) {
    if (mode === 'rows') return frames;
    return [mergeFrames(frames.map((frame) => ({
        ...frame,
        fields: frame.fields.flatMap((field) => {
            const names = Object.keys(field.labels ?? {}).filter((name) => name !== '__name__' && (!keepLabels || keepLabels.includes(name)));
            const columns = names.map((name) => /** @type {Field} */ ({
                name, type: 'string', values: new Array(frame.rows).fill(field.labels?.[name]), config: {},
            }));
            return [...columns, { ...field, labels: {}, config: { ...field.config, displayNameFromDS: field.labels?.__name__ } }];
        }),
    })))];
}

/** @param {Frame[]} frames @param {any} options */
function groupBy(frames, { fields: rules = {} }) {
    return frames.map((frame) => {
        const named = frame.fields.map((field) => ({ field, name: displayName(field), rule: rules[displayName(field)] }));
        const keys = named.filter(({ rule }) => rule?.operation === 'groupby');
        if (keys.length === 0) return frame;
        /** @type {Map<string, number[]>} */
        const groups = new Map();
        for (const row of rowIndexes(frame)) {
            const key = JSON.stringify(keys.map(({ field }) => field.values[row]));
            groups.set(key, [...(groups.get(key) ?? []), row]);
        }
        const rows = [...groups.values()];
        /** @type {Field[]} */
        const fields = keys.map(({ field }) => ({ ...field, values: rows.map(([first]) => field.values[first]) }));
        for (const { field, name, rule } of named) {
            if (rule?.operation !== 'aggregate') continue;
            for (const id of rule.aggregations ?? []) {
                const values = rows.map((indexes) => reduce(indexes.map((row) => field.values[row]), id));
                fields.push({ ...renamed(field, `${name} (${id})`), type: 'number', values });
            }
        }
        return { ...frame, rows: rows.length, fields };
    });
}

/** @type {Record<string, (a: number, b: number) => number>} */
const operators = { '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b };

/** @param {Frame[]} frames @param {any} options */
function calculateField(frames, { mode, binary = {}, reduce: reduction = {}, alias, replaceFields }) {
    return frames.map((frame) => {
        const numeric = frame.fields.filter((field) => field.type === 'number');
        const at = (/** @type {any} */ side, /** @type {number} */ row) => {
            const name = typeof side === 'object' ? side?.matcher?.options ?? side?.fixed : side;
            const field = frame.fields.find((one) => displayName(one) === name);
            return field ? field.values[row] : Number(name);
        };
        let name = alias;
        /** @type {number[]} */
        let values;
        if (mode === 'binary') {
            const operate = operators[binary.operator ?? '+'] ?? operators['+'];
            values = rowIndexes(frame).map((row) => operate(at(binary.left, row), at(binary.right, row)));
            name ||= `${binary.left} ${binary.operator} ${binary.right}`;
        } else {
            const chosen = reduction.include?.length ? numeric.filter((field) => reduction.include.includes(displayName(field))) : numeric;
            values = rowIndexes(frame).map((row) => reduce(chosen.map((field) => field.values[row]), reduction.reducer ?? 'sum'));
            name ||= reducerName(reduction.reducer ?? 'sum');
        }
        /** @type {Field} */
        const made = { name, type: 'number', values, config: {} };
        const kept = replaceFields ? frame.fields.filter((field) => field.type === 'time') : frame.fields;
        return { ...frame, fields: [...kept, made] };
    });
}

/** @param {Frame[]} frames @returns {Frame} */
function seriesToRows(frames) {
    /** @type {[number, string, any][]} */
    const rows = [];
    for (const frame of frames) {
        const time = frame.fields.find((field) => field.type === 'time');
        for (const field of frame.fields) {
            if (field.type === 'number') field.values.forEach((value, row) => rows.push([time?.values[row], displayName(field), value]));
        }
    }
    rows.sort((a, b) => b[0] - a[0]);
    return {
        refId: 'rows', rows: rows.length,
        fields: [
            { name: 'Time', type: 'time', values: rows.map((row) => row[0]), config: {} },
            { name: 'Metric', type: 'string', values: rows.map((row) => row[1]), config: {} },
            { name: 'Value', type: 'number', values: rows.map((row) => row[2]), config: {} },
        ],
    };
}
