// Who calls whom, out of the metrics of the service graph, and what of it a picture can show.

import { parseNumber, queryInstant } from '../data/prometheus.js';
import { equals, selecting, windowOf } from './red.js';

/** @typedef {import('../data/prometheus.js').Series} Series */
/** @typedef {{client: string, server: string, connection: string, rate: number, failedShare: number, p95: number | null}} Call `connection`: empty between two services, else `database`, `messaging_system` or `virtual_node` */

const by = 'client, server, connection_type';

/**
 * @param {{uid: string, range: import('../types/model').TimeRange, service?: string, signal?: AbortSignal}} wanted service: only calls from or to it
 * @returns {Promise<{calls: Call[], notice?: string}>}
 */
export async function callsFor({ uid, range, service, signal }) {
    const window = windowOf(range);
    const sides = service === undefined ? [[]] : [[equals('client', service)], [equals('server', service)]];
    const ask = (/** @type {(matchers: string[]) => string} */ expr) => Promise.all(sides.map((matchers) => queryInstant({ uid, expr: expr(matchers), timeMs: range.to, signal })))
        .then((answers) => ({ series: answers.flatMap(({ series }) => series), notice: answers[0].notice }));
    const rate = (/** @type {string} */ name) => (/** @type {string[]} */ matchers) => `sum by (${by}) (rate(${selecting(`traces_service_graph_request_${name}`, matchers)}[${window}]))`;
    const p95 = (/** @type {string} */ side) => (/** @type {string[]} */ matchers) => `histogram_quantile(0.95, sum by (${by}, le) (rate(${selecting(`traces_service_graph_request_${side}_seconds_bucket`, matchers)}[${window}])))`;
    const [rates, failed, client, server] = await Promise.all([ask(rate('total')), ask(rate('failed_total')), ask(p95('client')), ask(p95('server'))]);
    return { calls: callsOf({ rates: rates.series, failed: failed.series, durations: [...client.series, ...server.series] }), notice: rates.notice };
}

/**
 * A side that is not seen has the duration zero, so the longer of both counts.
 * @param {{rates: Series[], failed: Series[], durations: Series[]}} answers @returns {Call[]}
 */
export function callsOf({ rates, failed, durations }) {
    /** @type {Map<string, Call>} */
    const calls = new Map();
    const key = (/** @type {Record<string, string>} */ metric) => JSON.stringify([metric.client ?? '', metric.server ?? '', metric.connection_type ?? '']);
    for (const { metric, value } of rates) {
        const rate = parseNumber(value?.[1] ?? '0');
        if (rate > 0) calls.set(key(metric), { client: metric.client ?? '', server: metric.server ?? '', connection: metric.connection_type ?? '', rate, failedShare: 0, p95: null });
    }
    for (const { metric, value } of failed) {
        const call = calls.get(key(metric));
        if (call) call.failedShare = Math.min(1, (parseNumber(value?.[1] ?? '0') || 0) / call.rate);
    }
    for (const { metric, value } of durations) {
        const call = calls.get(key(metric));
        const seconds = parseNumber(value?.[1] ?? 'NaN');
        if (call && seconds >= 0) call.p95 = Math.max(call.p95 ?? 0, seconds);
    }
    return [...calls.values()].sort((a, b) => b.rate - a.rate);
}

/**
 * What is at most so many calls away from a service, against their direction or along it, and how many each is.
 * @param {Call[]} calls @param {string} focus @param {number} depth @returns {Map<string, number>}
 */
export function neighbourhood(calls, focus, depth) {
    /** @type {Map<string, string[]>} */
    const near = new Map();
    const join = (/** @type {string} */ a, /** @type {string} */ b) => void (near.get(a)?.push(b) ?? near.set(a, [b]));
    for (const { client, server } of calls) {
        join(client, server);
        join(server, client);
    }
    const found = new Map([[focus, 0]]);
    let edge = [focus];
    for (let step = 1; step <= depth; step++) {
        edge = edge.flatMap((name) => near.get(name) ?? []).filter((name) => !found.has(name) && found.set(name, step));
    }
    return found;
}

/**
 * The names that a picture of limited size shows: the nearest, and of those the busiest.
 * @param {Map<string, number>} distances @param {Map<string, number>} rates @param {number} most @returns {Set<string>}
 */
export function nearest(distances, rates, most) {
    return new Set([...distances].sort(([a, near], [b, far]) => near - far || (rates.get(b) ?? 0) - (rates.get(a) ?? 0)).slice(0, most).map(([name]) => name));
}

/**
 * The names at the two ends of the busiest calls, then those with the most requests of their own.
 * @param {Call[]} calls the busiest first @param {Map<string, number>} rates by name @param {number} most @returns {Set<string>}
 */
export function busiest(calls, rates, most) {
    /** @type {Set<string>} */
    const found = new Set();
    for (const { client, server } of calls) {
        if (found.size + Number(!found.has(client)) + Number(!found.has(server)) <= most) found.add(client).add(server);
    }
    for (const [name] of [...rates].sort((a, b) => b[1] - a[1])) if (found.size < most) found.add(name);
    return found;
}

/**
 * How much is asked of or by each name, whichever is more.
 * @param {Call[]} calls @returns {Map<string, number>}
 */
export function traffic(calls) {
    const sums = [new Map(), new Map()];
    for (const { client, server, rate } of calls) [client, server].forEach((name, side) => sums[side].set(name, (sums[side].get(name) ?? 0) + rate));
    return new Map([...new Set(sums.flatMap((sum) => [...sum.keys()]))].map((name) => [name, Math.max(...sums.map((sum) => sum.get(name) ?? 0))]));
}

/** @type {Record<string, string>} */
const connectionNames = { database: 'database', messaging_system: 'messages', virtual_node: 'outside' };

/** @param {string} connection */
export function connectionText(connection) {
    return connectionNames[connection] ?? connection;
}
