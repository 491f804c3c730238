// Transformations which make one frame of several.

import { displayName } from './fields.js';
import { reduce } from './reducers.js';
import { column, timeOf } from './transform-frames.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

/**
 * Rows which agree in all columns that every frame has become one.
 * @param {Frame[]} frames
 * @returns {Frame}
 */
export function mergeFrames(frames) {
    /** @type {Map<string, Field>} */
    const columns = new Map();
    for (const frame of frames) {
        for (const field of frame.fields) {
            const name = displayName(field);
            if (!columns.has(name)) columns.set(name, { ...field, values: [] });
        }
    }
    const names = [...columns.keys()];
    const keyNames = names.filter((name) => columns.get(name)?.type !== 'number'
        && frames.every((frame) => frame.fields.some((field) => displayName(field) === name)));
    /** @type {Map<string, Map<string, any>[]>} */
    const byKey = new Map();
    /** @type {Map<string, any>[]} */
    const rows = [];
    for (const frame of frames) {
        const named = frame.fields.map((field) => /** @type {[string, any[]]} */ ([displayName(field), field.values]));
        for (let index = 0; index < frame.rows; index++) {
            const row = new Map(named.map(([name, values]) => [name, values[index]]));
            const key = JSON.stringify(keyNames.map((name) => row.get(name)));
            const mates = keyNames.length > 0 ? byKey.get(key) : undefined;
            const mate = mates?.find((other) => named.every(([name]) => !other.has(name) || other.get(name) === row.get(name)));
            if (mate) {
                for (const [name, value] of row) mate.set(name, value);
            } else {
                rows.push(row);
                if (mates) mates.push(row);
                else byKey.set(key, [row]);
            }
        }
    }
    const fields = names.map((name) => ({ .../** @type {Field} */ (columns.get(name)), values: rows.map((row) => row.get(name) ?? null) }));
    return { refId: 'merge', rows: rows.length, fields };
}

/** @param {Frame[]} frames @param {string | undefined} byField @param {string} [mode] @returns {Frame[]} */
export function join(frames, byField, mode = 'outer') {
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

/**
 * One row per set of labels, one column per value of the label `value`.
 * @param {Frame[]} frames @param {any} options @returns {Frame[]}
 */
export function joinByLabels(frames, { value: valueLabel, join: wanted }) {
    const series = frames.flatMap((frame) => frame.fields.filter((field) => field.type === 'number' && field.labels));
    const keys = wanted?.length ? wanted : [...new Set(series.flatMap((field) => Object.keys(field.labels ?? {})))].filter((name) => name !== valueLabel && name !== '__name__');
    /** @type {Map<string, {labels: Record<string, string>, values: Map<string, any>}>} */
    const rows = new Map();
    /** @type {Map<string, Field>} */
    const columns = new Map();
    for (const field of series) {
        const labels = field.labels ?? {};
        const key = JSON.stringify(keys.map((/** @type {string} */ name) => labels[name]));
        const row = rows.get(key) ?? { labels, values: new Map() };
        const name = labels[valueLabel] ?? displayName(field);
        row.values.set(name, reduce(field.values, 'lastNotNull'));
        rows.set(key, row);
        if (!columns.has(name)) columns.set(name, field);
    }
    const all = [...rows.values()];
    return [{
        refId: 'join', rows: all.length,
        fields: [
            ...keys.map((/** @type {string} */ name) => column(name, all.map((row) => row.labels[name] ?? ''))),
            ...[...columns].map(([name, field]) => ({ ...field, name, labels: undefined, values: all.map((row) => row.values.get(name) ?? null), config: { ...field.config, displayNameFromDS: name } })),
        ],
    }];
}

/**
 * All fields beside each other, row by row.
 * @param {Frame[]} frames @returns {Frame[]}
 */
export function concatenate(frames) {
    const rows = frames.reduce((most, frame) => Math.max(most, frame.rows), 0);
    const filled = (/** @type {any[]} */ values) => [...values, ...new Array(rows - values.length).fill(null)];
    return [{ refId: 'concatenate', rows, fields: frames.flatMap((frame) => frame.fields.map((field) => ({ ...field, values: filled(field.values) }))) }];
}

/** @param {Frame[]} frames @returns {Frame} */
export function seriesToRows(frames) {
    /** @type {[number, string, any][]} */
    const rows = [];
    for (const frame of frames) {
        const time = timeOf(frame);
        for (const field of frame.fields) {
            if (field.type === 'number') field.values.forEach((value, row) => rows.push([time?.values[row], displayName(field), value]));
        }
    }
    rows.sort((a, b) => b[0] - a[0]);
    return {
        refId: 'rows', rows: rows.length,
        fields: [column('Time', rows.map((row) => row[0]), 'time'), column('Metric', rows.map((row) => row[1])), column('Value', rows.map((row) => row[2]), 'number')],
    };
}

/**
 * One row per series: its labels and its course, as a spark line.
 * @param {Frame[]} frames @param {any} options by refId: `{stat}` @returns {Frame[]}
 */
export function timeSeriesTable(frames, options) {
    /** @type {Map<string, {field: Field, times: number[]}[]>} */
    const byQuery = new Map();
    for (const frame of frames) {
        for (const field of frame.fields) {
            if (field.type !== 'number') continue;
            const list = byQuery.get(frame.refId) ?? [];
            list.push({ field, times: timeOf(frame)?.values ?? [] });
            byQuery.set(frame.refId, list);
        }
    }
    return [...byQuery].map(([refId, list]) => {
        const labels = [...new Set(list.flatMap(({ field }) => Object.keys(field.labels ?? {})))];
        const stat = options[refId]?.stat ?? options.refIdToStat?.[refId] ?? 'lastNotNull';
        const trends = list.map(({ field, times }) => ({ values: field.values, times, value: reduce(field.values, stat) }));
        return {
            refId, rows: list.length,
            fields: [...labels.map((name) => column(name, list.map(({ field }) => field.labels?.[name] ?? ''))), { ...column(`Trend #${refId}`, trends, 'trend'), refId }],
        };
    });
}
