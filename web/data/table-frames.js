// Many series as one table.

import { displayName } from './fields.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

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
