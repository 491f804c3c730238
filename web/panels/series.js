// Frames → the columns that a plot draws: one time axis, aligned values, stacks.

import { displayName } from '../data/fields.js';
import { seriesColor } from '../format/display.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/**
 * @typedef {{name: string, color: string, values: (number | null)[], raw: (number | null)[], field: Field, custom: Record<string, any>, unit: string,
 *   stack: string}} Series
 */

/** More lines than this nobody tells apart, and the page would stand still. */
export const mostSeries = 500;

/**
 * @param {Frame[]} frames
 * @returns {{times: number[], series: Series[], left: number}} times in milliseconds; `left`: series beyond those that are drawn
 */
export function collectSeries(frames) {
    const all = frames.filter((frame) => frame.fields.some((field) => field.type === 'time') && frame.fields.some((field) => field.type === 'number'));
    const timed = all.slice(0, mostSeries);
    const times = commonTimes(timed);
    const position = new Map(times.map((time, index) => [time, index]));
    /** @type {Series[]} */
    const series = [];
    for (const frame of timed) {
        const clock = /** @type {Field} */ (frame.fields.find((field) => field.type === 'time'));
        for (const field of frame.fields) {
            if (field.type !== 'number') continue;
            const custom = field.config.custom ?? {};
            if (custom.hideFrom?.viz) continue;
            if (series.length >= mostSeries) break;
            const raw = withTransform(align(field.values, clock.values, times, position), custom);
            const sign = custom.transform === 'negative-Y' ? -1 : 1;
            // A logarithm knows nothing at and below zero.
            const log = custom.scaleDistribution?.type === 'log';
            const values = raw.map((value) => (value === null || !Number.isFinite(value) || (log && value <= 0) ? null : value * sign));
            const stacking = custom.stacking ?? {};
            series.push({
                name: displayName(field), color: seriesColor(field), values, raw, field, custom, unit: field.config.unit ?? '',
                stack: stacking.mode && stacking.mode !== 'none' ? `${stacking.mode}/${stacking.group ?? 'A'}/${sign}` : '',
            });
        }
    }
    return { times, series, left: all.length - timed.length };
}

/** @param {any[]} values @param {Record<string, any>} custom @returns {any[]} */
function withTransform(values, custom) {
    if (custom.transform === 'constant') {
        const first = values.find((value) => typeof value === 'number') ?? null;
        return values.map(() => first);
    }
    return custom.nullAsZero ? values.map((value) => value ?? 0) : values;
}

/** @param {Frame[]} frames @returns {number[]} */
function commonTimes(frames) {
    const first = frames[0]?.fields.find((field) => field.type === 'time')?.values ?? [];
    const same = frames.every((frame) => {
        const values = frame.fields.find((field) => field.type === 'time')?.values ?? [];
        return values === first || (values.length === first.length && values.every((/** @type {number} */ value, /** @type {number} */ index) => value === first[index]));
    });
    if (same) return first;
    const all = new Set(frames.flatMap((frame) => frame.fields.find((field) => field.type === 'time')?.values ?? []));
    return [...all].sort((a, b) => a - b);
}

/** @param {any[]} values @param {number[]} own @param {number[]} times @param {Map<number, number>} position */
function align(values, own, times, position) {
    if (own === times) return values;
    const aligned = new Array(times.length).fill(null);
    own.forEach((time, index) => {
        const at = position.get(time);
        if (at !== undefined) aligned[at] = values[index];
    });
    return aligned;
}

/** Whether a series that has no value lies, in a stack, on what is below it. Bars and points need not be drawn at all, and `spanNulls` draws on.
 * @param {Series} one
 */
function liesOnGaps({ custom }) {
    return custom?.drawStyle !== 'bars' && custom?.drawStyle !== 'points' && !custom?.spanNulls;
}

/**
 * Stacked values lie on the sum of those below them, and so do areas where they have no value, as long as another of the stack has one: what
 * lies on them goes on, on the right height. Lines are not drawn there (`linesOfValues`).
 * @param {Series[]} series
 * @param {number} count
 * @returns {{columns: (number | null)[][], below: (number | null)[], bases: (number[] | null)[]}} `below`: index of the series under each,
 *   `bases`: where each begins; null for what is not stacked
 */
export function stackSeries(series, count) {
    /** @type {Map<string, {sums: number[], last: number | null}>} */
    const stacks = new Map();
    /** @type {Map<string, number[]>} */
    const totals = new Map();
    /** @type {Map<string, boolean[]>} */
    const present = new Map();
    for (const one of series) {
        if (!one.stack) continue;
        const any = present.get(one.stack) ?? new Array(count).fill(false);
        one.values.forEach((value, index) => { any[index] ||= value !== null && value !== undefined; });
        present.set(one.stack, any);
        if (!one.stack.startsWith('percent')) continue;
        const total = totals.get(one.stack) ?? new Array(count).fill(0);
        one.values.forEach((value, index) => { total[index] += value ?? 0; });
        totals.set(one.stack, total);
    }
    /** @type {(number | null)[]} */
    const below = [];
    /** @type {(number[] | null)[]} */
    const bases = [];
    const columns = series.map((one, seriesIndex) => {
        if (!one.stack) {
            below.push(null);
            bases.push(null);
            return one.values;
        }
        const stack = stacks.get(one.stack) ?? { sums: new Array(count).fill(0), last: null };
        const total = totals.get(one.stack);
        bases.push([...stack.sums]);
        const any = liesOnGaps(one) ? present.get(one.stack) : undefined;
        const column = one.values.map((value, index) => {
            if (value === null || value === undefined) return any?.[index] ? stack.sums[index] : null;
            stack.sums[index] += total ? (total[index] === 0 ? 0 : value / total[index]) : value;
            return stack.sums[index];
        });
        below.push(stack.last);
        stack.last = seriesIndex;
        stacks.set(one.stack, stack);
        return column;
    });
    return { columns, below, bases };
}
