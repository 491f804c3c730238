// Rate, errors and duration out of the metrics of spans: the queries, and what their answers say of each service or operation.

import { parseNumber, queryInstant, queryRange } from '../data/prometheus.js';
import { formatDuration, intervalFor, parseDuration } from '../time/range.js';

/** @typedef {import('../types/model').TimeRange} TimeRange */
/** @typedef {import('../data/prometheus.js').Series} Series */
/**
 * Upper bounds in ascending order, the last of them infinite, and how much lies at or below each.
 * @typedef {[number, number][]} Buckets
 */
/**
 * Rates are per second, durations seconds; null where nothing was counted.
 * @typedef {{labels: Record<string, string>, rate: number, errors: number, errorShare: number | null,
 *   p50: number | null, p95: number | null, p99: number | null, apdex: number | null}} Figures
 */
/** @typedef {'incoming' | 'outgoing' | 'all'} Kind */

/**
 * Which spans count: those that answer somebody, those that ask somebody, or all.
 * @type {Record<Kind, string>}
 */
const kindPattern = {
    incoming: 'SPAN_KIND_SERVER|SPAN_KIND_CONSUMER', outgoing: 'SPAN_KIND_CLIENT|SPAN_KIND_PRODUCER', all: '',
};

const failed = 'STATUS_CODE_ERROR';

/** @param {string | null} text @returns {Kind} */
export function kindOfParam(text) {
    return text === 'outgoing' || text === 'all' ? text : 'incoming';
}

/**
 * A selector with matchers that are there.
 * @param {string} metric @param {(string | false | undefined)[]} matchers
 */
export function selecting(metric, matchers) {
    const all = matchers.filter(Boolean);
    return all.length > 0 ? `${metric}{${all.join(', ')}}` : metric;
}

/** @param {string} name @param {string} value */
export function equals(name, value) {
    return `${name}=${JSON.stringify(value)}`;
}

/** @param {Kind} kind */
function kindMatcher(kind) {
    return kindPattern[kind] && `span_kind=~"${kindPattern[kind]}"`;
}

/**
 * The whole range as the window of a rate, and never too short for two samples: the generator collects every 15 seconds.
 * @param {TimeRange} range
 */
export function windowOf(range) {
    return formatDuration(Math.max(60_000, Math.round((range.to - range.from) / 1000) * 1000));
}

/**
 * The window of a rate in a graph.
 * @param {number} stepMs @param {number} intervalMs between two samples
 */
export function stepWindow(stepMs, intervalMs) {
    return formatDuration(Math.max(stepMs, 4 * intervalMs));
}

/**
 * How far apart samples are, as the data source is configured.
 * @param {import('../types/model').DataSource | undefined} source
 */
export function intervalOf(source) {
    return parseDuration(source?.jsonData?.timeInterval ?? '15s') || 15_000;
}

/**
 * @param {{by: string[], matchers: string[], kind: Kind, window: string}} wanted
 * @returns {{counts: string, buckets: string, failedBuckets: string}}
 */
export function queriesFor({ by, matchers, kind, window }) {
    const calls = selecting('traces_spanmetrics_calls_total', matchers);
    const of = (/** @type {string[]} */ more) => selecting('traces_spanmetrics_latency_bucket', [...matchers, kindMatcher(kind), ...more]);
    return {
        counts: `sum by (${[...by, 'span_kind', 'status_code'].join(', ')}) (rate(${calls}[${window}]))`,
        buckets: `sum by (${[...by, 'le'].join(', ')}) (rate(${of([])}[${window}]))`,
        failedBuckets: `sum by (${[...by, 'le'].join(', ')}) (rate(${of([equals('status_code', failed)])}[${window}]))`,
    };
}

/**
 * @param {{uid: string, by: string[], matchers?: string[], kind: Kind, range: TimeRange, threshold: number, signal?: AbortSignal}} wanted
 *   threshold: seconds within which a reader is content, for the Apdex
 * @returns {Promise<{now: Map<string, Figures>, before: Map<string, Figures>, others: number, notice?: string}>}
 *   `before`: of the period of the same length before the range; `others`: how many have spans of other kinds only
 */
export async function figuresFor({ uid, by, matchers = [], kind, range, threshold, signal }) {
    const queries = queriesFor({ by, matchers, kind, window: windowOf(range) });
    const ask = (/** @type {string} */ expr, /** @type {number} */ timeMs) => queryInstant({ uid, expr, timeMs, signal });
    const [counts, buckets, failedBuckets, countsBefore, bucketsBefore] = await Promise.all([
        ask(queries.counts, range.to), ask(queries.buckets, range.to), ask(queries.failedBuckets, range.to),
        ask(queries.counts, range.from), ask(queries.buckets, range.from),
    ]);
    const now = figuresOf({ by, kind, threshold, counts: counts.series, buckets: buckets.series, failedBuckets: failedBuckets.series });
    const before = figuresOf({ by, kind, threshold, counts: countsBefore.series, buckets: bucketsBefore.series, failedBuckets: [] });
    const all = new Set(counts.series.map(({ metric }) => keyOf(metric, by)));
    return { now, before, others: all.size - now.size, notice: counts.notice };
}

/** @param {Record<string, string>} labels @param {string[]} by */
export function keyOf(labels, by) {
    return by.map((name) => labels[name] ?? '').join('\u0000');
}

/**
 * @param {{by: string[], kind: Kind, threshold: number, counts: Series[], buckets: Series[], failedBuckets: Series[]}} answers
 * @returns {Map<string, Figures>}
 */
export function figuresOf({ by, kind, threshold, counts, buckets, failedBuckets }) {
    const kinds = kindPattern[kind].split('|');
    /** @type {Map<string, Figures>} */
    const found = new Map();
    for (const { metric, value } of counts) {
        if (kind !== 'all' && !kinds.includes(metric.span_kind)) continue;
        const key = keyOf(metric, by);
        const labels = Object.fromEntries(by.map((name) => [name, metric[name] ?? '']));
        const figures = found.get(key) ?? { labels, rate: 0, errors: 0, errorShare: null, p50: null, p95: null, p99: null, apdex: null };
        const rate = parseNumber(value?.[1] ?? '0') || 0;
        figures.rate += rate;
        if (metric.status_code === failed) figures.errors += rate;
        found.set(key, figures);
    }
    const [all, bad] = [bucketsBy(buckets, by), bucketsBy(failedBuckets, by)];
    for (const [key, figures] of found) {
        if (figures.rate > 0) figures.errorShare = figures.errors / figures.rate;
        const own = all.get(key);
        if (!own) continue;
        [figures.p50, figures.p95, figures.p99] = [0.5, 0.95, 0.99].map((share) => quantile(own, share));
        figures.apdex = apdex(own, bad.get(key) ?? [], threshold);
    }
    return found;
}

/** @param {Series[]} series @param {string[]} by @returns {Map<string, Buckets>} */
function bucketsBy(series, by) {
    /** @type {Map<string, Buckets>} */
    const found = new Map();
    for (const { metric, value } of series) {
        const bound = parseNumber(metric.le ?? '');
        if (Number.isNaN(bound)) continue;
        const key = keyOf(metric, by);
        const own = found.get(key) ?? [];
        own.push([bound, parseNumber(value?.[1] ?? '0') || 0]);
        found.set(key, own);
    }
    for (const own of found.values()) own.sort((a, b) => a[0] - b[0]);
    return found;
}

/**
 * As PromQL's histogram_quantile has it: evenly spread within a bucket; beyond the last bound, that bound.
 * @param {Buckets} buckets @param {number} share 0…1 @returns {number | null}
 */
export function quantile(buckets, share) {
    const total = buckets.length > 0 ? buckets[buckets.length - 1][1] : 0;
    if (!(total > 0)) return null;
    const rank = share * total;
    const at = buckets.findIndex(([, count]) => count >= rank);
    const [bound, count] = buckets[Math.max(0, at)];
    if (bound === Infinity) return buckets.length > 1 ? buckets[buckets.length - 2][0] : null;
    const [low, under] = at > 0 ? buckets[at - 1] : [0, 0];
    return count > under ? low + (bound - low) * ((rank - under) / (count - under)) : bound;
}

/**
 * How much takes at most so long.
 * @param {Buckets} buckets @param {number} seconds
 */
export function countWithin(buckets, seconds) {
    let [low, under] = [0, 0];
    for (const [bound, count] of buckets) {
        // What is slower than the last bound may be slower than anything.
        if (seconds < bound) return bound === Infinity ? under : under + (count - under) * ((seconds - low) / (bound - low));
        [low, under] = [bound, count];
    }
    return under;
}

/**
 * Content within the threshold, half so within four times of it, and never with an answer that failed: 0…1.
 * @param {Buckets} all @param {Buckets} bad of what failed @param {number} threshold seconds @returns {number | null}
 */
export function apdex(all, bad, threshold) {
    const total = all.length > 0 ? all[all.length - 1][1] : 0;
    if (!(total > 0)) return null;
    const good = (/** @type {number} */ seconds) => Math.max(0, countWithin(all, seconds) - countWithin(bad, seconds));
    return Math.min(1, (good(threshold) + good(4 * threshold)) / 2 / total);
}

/**
 * Rate and failures of every service: of what it answers, or of all its spans where it answers nobody.
 * @param {{uid: string, range: TimeRange, signal?: AbortSignal}} wanted
 * @returns {Promise<Map<string, {rate: number, errors: number}>>}
 */
export async function serviceCounts({ uid, range, signal }) {
    const by = ['service'];
    const { counts } = queriesFor({ by, matchers: [], kind: 'all', window: windowOf(range) });
    const { series } = await queryInstant({ uid, expr: counts, timeMs: range.to, signal });
    const figures = (/** @type {Kind} */ kind) => figuresOf({ by, kind, threshold: 1, counts: series, buckets: [], failedBuckets: [] });
    return new Map([...figures('all'), ...figures('incoming')].map(([name, { rate, errors }]) => [name, { rate, errors }]));
}

/**
 * The course of the rate of each service, for a small line.
 * @param {{uid: string, kind: Kind, range: TimeRange, points: number, intervalMs: number, signal?: AbortSignal}} wanted
 * @returns {Promise<Map<string, (number | null)[]>>}
 */
export async function ratesOverTime({ uid, kind, range, points, intervalMs, signal }) {
    const stepMs = intervalFor(range, points, intervalMs);
    const selector = selecting('traces_spanmetrics_calls_total', [kindMatcher(kind)]);
    const expr = `sum by (service) (rate(${selector}[${stepWindow(stepMs, intervalMs)}]))`;
    const { series, start, end, step } = await queryRange({ uid, expr, startMs: range.from, endMs: range.to, stepMs, signal });
    const count = Math.max(1, Math.round((end - start) / step) + 1);
    return new Map(series.map(({ metric, values }) => {
        /** @type {(number | null)[]} */
        const line = new Array(count).fill(null);
        for (const [time, text] of values ?? []) line[Math.round((time - start) / step)] = parseNumber(text);
        return [metric.service ?? '', line];
    }));
}

/**
 * Graphs of one service: expressions over a window that fits the step.
 * @param {string} service @param {Kind} kind @param {string} window
 */
export function graphQueries(service, kind, window) {
    const calls = (/** @type {string[]} */ more) => selecting('traces_spanmetrics_calls_total', [equals('service', service), kindMatcher(kind), ...more]);
    const all = `sum(rate(${calls([])}[${window}]))`;
    const bad = `sum(rate(${calls([equals('status_code', failed)])}[${window}]))`;
    const buckets = selecting('traces_spanmetrics_latency_bucket', [equals('service', service), kindMatcher(kind)]);
    const duration = (/** @type {number} */ share) => `histogram_quantile(${share}, sum by (le) (rate(${buckets}[${window}])))`;
    return {
        rate: [{ name: 'Requests', expr: all }],
        errors: [{ name: 'Failed', expr: `(${bad} or ${all} * 0) / ${all}` }],
        duration: [0.5, 0.95, 0.99].map((share) => ({ name: `P${share * 100}`, expr: duration(share) })),
    };
}
