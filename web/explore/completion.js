// What may come next in a PromQL or LogQL text: functions, names, labels and their values.

import * as prometheus from '../data/prometheus.js';
import * as loki from '../data/loki.js';
import { bestFits } from './query-input.js';

/** @typedef {import('../types/model').TimeRange} TimeRange */

const functions = ['abs(', 'absent(', 'avg by (', 'avg_over_time(', 'bottomk(', 'ceil(', 'changes(', 'clamp_max(', 'clamp_min(', 'count by (', 'count_over_time(', 'delta(',
    'deriv(', 'floor(', 'histogram_quantile(', 'increase(', 'irate(', 'label_join(', 'label_replace(', 'last_over_time(', 'max by (', 'max_over_time(', 'min by (',
    'min_over_time(', 'predict_linear(', 'quantile(', 'quantile_over_time(', 'rate(', 'resets(', 'round(', 'scalar(', 'sort(', 'sort_desc(', 'stddev_over_time(', 'sum by (',
    'sum_over_time(', 'time()', 'timestamp(', 'topk(', 'vector('];
const logFunctions = ['avg_over_time(', 'bytes_over_time(', 'bytes_rate(', 'count_over_time(', 'quantile_over_time(', 'rate(', 'sum by (', 'sum_over_time(', 'topk('];

/** @type {Map<string, Promise<string[]>>} */
const cache = new Map();

/** @param {string} key @param {() => Promise<string[]>} load */
function cached(key, load) {
    let found = cache.get(key);
    if (!found) {
        found = load();
        found.catch(() => cache.delete(key));
        cache.set(key, found);
        setTimeout(() => cache.delete(key), 60_000);
    }
    return found;
}

/**
 * Where the cursor stands: inside braces, in a value, or elsewhere.
 * @param {string} before
 */
function contextOf(before) {
    const open = before.lastIndexOf('{');
    const inside = open > before.lastIndexOf('}');
    const value = inside ? /([\w.]+)\s*(?:=~|!~|!=|=)\s*"([^"]*)$/.exec(before.slice(open)) : null;
    if (value) return { kind: 'value', label: value[1], word: value[2], metric: metricBefore(before, open) };
    const word = /[\w:.]*$/.exec(before)?.[0] ?? '';
    if (inside || /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*$/.test(before)) return { kind: 'label', word, label: '', metric: inside ? metricBefore(before, open) : '' };
    return { kind: 'name', word, label: '', metric: '' };
}

/** @param {string} before @param {number} open */
function metricBefore(before, open) {
    return /[\w:]+$/.exec(before.slice(0, open))?.[0] ?? '';
}

/** @param {string} uid @param {TimeRange} range */
export function completePromQL(uid, range) {
    return async (/** @type {string} */ before) => {
        const { kind, word, label, metric } = contextOf(before);
        const from = before.length - word.length;
        const matchers = metric ? [metric] : [];
        if (kind === 'value') return { from, options: bestFits(await cached(`${uid}/v/${label}/${metric}`, () => prometheus.labelValues(uid, label, matchers, range)), word) };
        if (kind === 'label') return { from, options: bestFits(await cached(`${uid}/l/${metric}`, () => prometheus.labelNames(uid, matchers, range)), word) };
        if (word.length < 1 || /"[^"]*$/.test(before.replace(/"[^"]*"/g, '')) || /\[[^\]]*$/.test(before)) return { from, options: [] };
        const names = await cached(`${uid}/names`, () => prometheus.labelValues(uid, '__name__', [], range));
        return { from, options: bestFits([...functions, ...names], word) };
    };
}

/** @param {string} uid @param {TimeRange} range */
export function completeLogQL(uid, range) {
    return async (/** @type {string} */ before) => {
        const { kind, word, label } = contextOf(before);
        const from = before.length - word.length;
        if (kind === 'value') return { from, options: bestFits(await cached(`${uid}/v/${label}`, () => loki.labelValues(uid, label, range)), word) };
        if (kind === 'label') return { from, options: bestFits(await cached(`${uid}/l`, () => loki.labelNames(uid, range)), word) };
        return { from, options: word.length > 1 && !before.includes('}') ? bestFits(logFunctions, word) : [] };
    };
}
