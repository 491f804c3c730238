// Loki's HTTP API → log lines and frames.

import { proxied, request } from '../api.js';
import { namesOf, resultOf } from './answers.js';
import { levelOf } from './levels.js';
import { batched } from './query-batch.js';
import { sharedRequest } from './shared-requests.js';

/** @typedef {import('../types/model').LogLine} LogLine */
/** @typedef {import('../types/model').Frame} Frame */

/** Asks for structured metadata and parsed labels apart from the stream's own labels. */
const categorized = { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' };

/**
 * Newest lines first.
 * @param {{uid: string, expr: string, startNs: string, endNs: string, limit: number, forward?: boolean, signal?: AbortSignal}} query
 * @returns {Promise<{lines: LogLine[], metric?: any}>} `metric` when the query was one that counts
 */
export async function queryLogs({ uid, expr, startNs, endNs, limit, forward, signal }) {
    const direction = forward ? 'forward' : 'backward';
    const path = proxied(uid, '/loki/api/v1/query_range', { query: expr, start: startNs, end: endNs, limit, direction });
    const body = await sharedRequest(path, (own) => request(path, { signal: own, headers: categorized }), signal);
    const { kind, result } = resultOf(body);
    if (kind === 'matrix') return { lines: [], metric: body.data };
    return { lines: linesOf(result) };
}

/**
 * Lines as a table, with the labels of each as one JSON text.
 * @param {LogLine[]} lines @param {string} refId @returns {Frame}
 */
export function linesFrame(lines, refId) {
    const column = (/** @type {string} */ name, /** @type {'time' | 'string'} */ type, /** @type {any[]} */ values) => ({ name, type, values, config: {}, refId });
    return {
        refId, rows: lines.length,
        fields: [
            column('labels', 'string', lines.map((line) => JSON.stringify({ ...line.labels, ...line.metadata }))),
            column('Time', 'time', lines.map((line) => line.timeMs)),
            column('Line', 'string', lines.map((line) => line.line)),
        ],
    };
}

/** @param {any[]} streams @returns {LogLine[]} */
export function linesOf(streams) {
    /** @type {LogLine[]} */
    const lines = [];
    streams.forEach(({ stream, values }, streamIndex) => {
        /** @type {[string, string, any?][]} */ (values).forEach(([timeNs, line, extra], index) => {
            const metadata = { ...extra?.structuredMetadata, ...extra?.parsed };
            lines.push({
                key: `${timeNs}-${streamIndex}-${index}`, timeNs, timeMs: Number(timeNs.slice(0, -6) || 0), line,
                level: levelOf(line, { ...stream, ...metadata }), labels: stream, metadata,
            });
        });
    });
    return lines.sort((a, b) => compareNs(b.timeNs, a.timeNs));
}

/**
 * Nanoseconds as decimal text do not fit a number.
 * @param {string} a
 * @param {string} b
 */
function compareNs(a, b) {
    if (a.length !== b.length) return a.length - b.length;
    return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * @param {{uid: string, expr: string, startMs: number, endMs: number, stepMs: number, signal?: AbortSignal}} query
 */
export async function queryMetric({ uid, expr, startMs, endMs, stepMs, signal }) {
    const step = stepMs / 1000;
    const start = Math.floor(startMs / stepMs) * step;
    const end = Math.floor(endMs / stepMs) * step;
    const parameters = { query: expr, start: start.toFixed(3), end: end.toFixed(3), step: String(step) };
    const { kind, result } = resultOf(await query(uid, '/loki/api/v1/query_range', parameters, signal));
    return { series: result, kind, start, end, step };
}

/** @param {{uid: string, expr: string, timeMs: number, signal?: AbortSignal}} query */
export async function queryMetricInstant({ uid, expr, timeMs, signal }) {
    const parameters = { query: expr, time: (timeMs / 1000).toFixed(3) };
    const { kind, result } = resultOf(await query(uid, '/loki/api/v1/query', parameters, signal));
    return { series: result, kind };
}

/** @param {string} uid @param {string} path @param {Record<string, string>} parameters @param {AbortSignal | undefined} signal */
function query(uid, path, parameters, signal) {
    const whole = `${path}?${new URLSearchParams(parameters)}`;
    return sharedRequest(`${uid} ${whole}`, (own) => batched(uid, whole, undefined, own), signal);
}

/** @param {string} path @param {AbortSignal | undefined} signal */
function ask(path, signal) {
    return sharedRequest(path, (own) => request(path, { signal: own }), signal);
}

/**
 * @param {string} uid
 * @param {import('../types/model').TimeRange} range
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function labelNames(uid, range, signal) {
    return namesOf(await ask(proxied(uid, '/loki/api/v1/labels', bounds(range)), signal));
}

/**
 * @param {string} uid
 * @param {string} label
 * @param {import('../types/model').TimeRange} range
 * @param {string} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function labelValues(uid, label, range, query, signal) {
    const path = `/loki/api/v1/label/${encodeURIComponent(label)}/values`;
    return namesOf(await ask(proxied(uid, path, { ...bounds(range), query }), signal));
}

/** @param {import('../types/model').TimeRange} range */
function bounds(range) {
    return { start: `${Math.floor(range.from)}000000`, end: `${Math.floor(range.to)}000000` };
}

/**
 * True for a query that answers numbers instead of lines.
 * @param {string} expr
 */
export function isMetricQuery(expr) {
    return !/^\s*(\{|\()?\s*\{/.test(expr);
}

/**
 * Names of the fields that lines of a selector have beside their labels.
 * @param {string} uid @param {string} selector
 * @param {import('../types/model').TimeRange} range
 * @returns {Promise<string[]>}
 */
export async function detectedFields(uid, selector, range) {
    const body = await ask(proxied(uid, '/loki/api/v1/detected_fields', { ...bounds(range), query: selector, limit: 200 }), undefined);
    return (body?.fields ?? []).map((/** @type {any} */ field) => String(field.label)).filter(Boolean);
}
