// What TraceQL counts of spans: by any attributes, over a range that the server may have to look through.

import * as tempo from '../data/tempo.js';
import { intervalFor } from '../time/range.js';

/** @typedef {import('../types/model').TimeRange} TimeRange */

/** The longest range of a metrics query unless the server is told otherwise. */
export const longestMs = 24 * 3_600_000;

/**
 * The end of a range that is too long for the server to look through.
 * @param {TimeRange} range @returns {{range: TimeRange, cut: boolean}}
 */
export function readableRange(range) {
    const cut = range.to - range.from > longestMs;
    return { range: cut ? { ...range, from: range.to - longestMs } : range, cut };
}

/**
 * A filter over spans out of conditions, of which some may be missing.
 * @param {(string | false | undefined)[]} conditions
 */
export function spansWith(conditions) {
    return `{ ${conditions.filter(Boolean).join(' && ')} }`;
}

/** @param {string} service */
export function ofService(service) {
    return `resource.service.name = ${JSON.stringify(service)}`;
}

/**
 * What a group is named by: an attribute that spans have not is empty.
 * @param {Record<string, string>} metric @param {string} name as in the query
 */
export function labelOf(metric, name) {
    const value = metric[name] ?? '';
    return value === 'nil' || value === '<nil>' ? '' : value;
}

/**
 * How often spans of each group come, when the first and the last of them ended within the range, to the length of a step.
 * @param {{uid: string, filter: string, by: string[], range: TimeRange, points?: number, signal?: AbortSignal}} wanted
 * @returns {Promise<{groups: {labels: Record<string, string>, count: number, firstMs: number, lastMs: number, line: number[]}[], stepMs: number, notice?: string}>}
 */
export async function countGroups({ uid, filter, by, range, points = 60, signal }) {
    const stepMs = intervalFor(range, points, 1000);
    const { series, start, step, end, notice } = await tempo.queryMetric({ uid, query: `${filter} | count_over_time() by (${by.join(', ')})`, range, stepMs, signal });
    const groups = series.map((/** @type {{metric: Record<string, string>, values: [number, string][]}} */ one) => groupOf(one, by, { start, step, end })).filter((/** @type {{count: number}} */ group) => group.count > 0);
    return { groups, stepMs, notice };
}

/**
 * @param {{metric: Record<string, string>, values: [number, string][]}} series @param {string[]} by @param {{start: number, step: number, end: number}} times seconds
 */
export function groupOf({ metric, values }, by, { start, step, end }) {
    const line = new Array(Math.max(1, Math.round((end - start) / step) + 1)).fill(0);
    let [count, firstMs, lastMs] = [0, 0, 0];
    for (const [time, text] of values) {
        const value = Number(text);
        if (!(value > 0)) continue;
        count += value;
        if (firstMs === 0) firstMs = time * 1000;
        lastMs = time * 1000;
        const at = Math.round((time - start) / step);
        if (at >= 0 && at < line.length) line[at] += value;
    }
    return { labels: Object.fromEntries(by.map((name) => [name, labelOf(metric, name)])), count, firstMs, lastMs, line };
}
