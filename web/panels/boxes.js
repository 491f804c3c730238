// Frames → boxes: the spread of each series, or what opened, peaked, fell and closed in each step.

import { displayName } from '../data/fields.js';
import { seriesColor } from '../format/display.js';
import { resolveColor } from '../format/colors.js';
import { dateTime } from '../time/format.js';

/** @typedef {import('../types/model').Frame} Frame */
/**
 * @typedef {{name: string, color: string, low: number, first: number, middle: number | null, third: number, high: number, outliers: number[], texts: [string, number][]}} Box
 *   low…high: the whiskers; first…third: the box
 */

const most = 300;

/** @param {Frame[]} frames @param {string} zone @returns {Box[]} */
export function boxesOf(frames, zone) {
    return candles(frames, zone) ?? frames.flatMap((frame) => frame.fields.filter((field) => field.type === 'number'))
        .map((field) => ({ field, numbers: field.values.filter((value) => typeof value === 'number' && Number.isFinite(value)).sort((a, b) => a - b) }))
        .filter(({ numbers }) => numbers.length > 0).slice(0, most)
        .map(({ field, numbers }) => boxOf(displayName(field), seriesColor(field), numbers));
}

/**
 * Tukey's box: the quartiles, whiskers to the last value within one and a half boxes, the rest as points.
 * @param {string} name @param {string} color @param {number[]} sorted
 * @returns {Box}
 */
export function boxOf(name, color, sorted) {
    const quantile = (/** @type {number} */ share) => {
        const position = (sorted.length - 1) * share;
        const at = Math.floor(position);
        return sorted[at] + (sorted[Math.min(sorted.length - 1, at + 1)] - sorted[at]) * (position - at);
    };
    const [first, middle, third] = [quantile(0.25), quantile(0.5), quantile(0.75)];
    const reach = (third - first) * 1.5;
    const inside = sorted.filter((value) => value >= first - reach && value <= third + reach);
    const [low, high] = [inside[0], inside[inside.length - 1]];
    return {
        name, color, low, first, middle, third, high, outliers: sorted.filter((value) => value < low || value > high).slice(0, 500),
        texts: [['Greatest', sorted[sorted.length - 1]], ['Third quartile', third], ['Median', middle], ['First quartile', first], ['Least', sorted[0]]],
    };
}

/** @param {Frame[]} frames @param {string} zone @returns {Box[] | undefined} */
function candles(frames, zone) {
    for (const frame of frames) {
        const named = (/** @type {string} */ name) => frame.fields.find((field) => displayName(field).toLowerCase() === name);
        const [open, high, low, close] = ['open', 'high', 'low', 'close'].map(named);
        const time = frame.fields.find((field) => field.type === 'time');
        if (!open || !high || !low || !close) continue;
        return open.values.slice(-most).map((_, index) => {
            const row = Math.max(0, open.values.length - most) + index;
            const [o, h, l, c] = [open, high, low, close].map((field) => Number(field.values[row]));
            return {
                name: time ? dateTime(time.values[row], zone).slice(5, 16) : String(row + 1), color: resolveColor(c >= o ? 'green' : 'red'), low: l, first: Math.min(o, c), middle: null,
                third: Math.max(o, c), high: h, outliers: [], texts: /** @type {[string, number][]} */ ([['Open', o], ['High', h], ['Low', l], ['Close', c]]),
            };
        });
    }
    return undefined;
}
