// Prometheus' HTTP API → frames.

import { proxied, request } from '../api.js';
import { namesOf, resultOf } from './answers.js';
import { batched } from './query-batch.js';
import { sharedRequest } from './shared-requests.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {{metric: Record<string, string>, values?: [number, string][], value?: [number, string]}} Series */

/**
 * Prometheus writes numbers as text.
 * @param {string} text
 */
export function parseNumber(text) {
    if (text === '+Inf' || text === 'Inf') return Infinity;
    if (text === '-Inf') return -Infinity;
    return Number(text);
}

/**
 * @param {{uid: string, expr: string, startMs: number, endMs: number, stepMs: number, signal?: AbortSignal}} query
 * @returns {Promise<{series: Series[], kind: string, notice?: string, start: number, end: number, step: number}>}
 */
export async function queryRange({ uid, expr, startMs, endMs, stepMs, signal }) {
    // Whole multiples of the step, so that a refresh moves the window without redrawing history differently.
    const step = stepMs / 1000;
    const start = Math.floor(startMs / stepMs) * step;
    const end = Math.floor(endMs / stepMs) * step;
    const form = { query: expr, start: start.toFixed(3), end: end.toFixed(3), step: String(step) };
    const body = await ask(uid, '/api/v1/query_range', form, signal);
    const { kind, result } = resultOf(body);
    return { series: result, kind, notice: noticeOf(body), start, end, step };
}

/**
 * @param {{uid: string, expr: string, timeMs: number, signal?: AbortSignal}} query
 * @returns {Promise<{series: Series[], kind: string, notice?: string}>}
 */
export async function queryInstant({ uid, expr, timeMs, signal }) {
    const form = { query: expr, time: (timeMs / 1000).toFixed(3) };
    const body = await ask(uid, '/api/v1/query', form, signal);
    const { kind, result } = resultOf(body);
    const scalar = kind === 'scalar' || kind === 'string';
    return { series: scalar ? [{ metric: {}, value: /** @type {any} */ (result) }] : result, kind, notice: noticeOf(body) };
}

/** @param {string} uid @param {string} path @param {Record<string, string>} form @param {AbortSignal | undefined} signal */
function ask(uid, path, form, signal) {
    return sharedRequest(`${uid} ${path} ${new URLSearchParams(form)}`, (own) => batched(uid, path, form, own), signal);
}

/** @param {any} body */
function noticeOf(body) {
    const all = [body.warnings, body.infos].filter(Array.isArray).flat();
    return all.length > 0 ? all.join('\n') : undefined;
}

/**
 * One frame (time, value) per series, with a null where a step has no sample.
 * @param {{series: Series[], start: number, end: number, step: number, notice?: string}} answer
 * @param {string} refId
 * @param {(labels: Record<string, string>, all: Record<string, string>[]) => string} nameOf
 * @returns {Frame[]}
 */
export function rangeFrames(answer, refId, nameOf) {
    const count = Math.max(0, Math.round((answer.end - answer.start) / answer.step)) + 1;
    const times = Array.from({ length: count }, (_, index) => Math.round((answer.start + index * answer.step) * 1000));
    const all = answer.series.map((series) => series.metric);
    return answer.series.map((series) => {
        /** @type {(number | null)[]} */
        const values = new Array(count).fill(null);
        for (const [time, text] of series.values ?? []) {
            const index = Math.round((time - answer.start) / answer.step);
            if (index >= 0 && index < count) values[index] = parseNumber(text);
        }
        return {
            refId, rows: count, step: answer.step * 1000, notice: answer.notice,
            fields: [timeField(times), valueField(nameOf(series.metric, all), series.metric, values, refId)],
        };
    });
}

/**
 * One frame of a single row per series.
 * @param {{series: Series[], notice?: string}} answer
 * @param {string} refId
 * @param {(labels: Record<string, string>, all: Record<string, string>[]) => string} nameOf
 * @returns {Frame[]}
 */
export function instantFrames(answer, refId, nameOf) {
    const all = answer.series.map((series) => series.metric);
    return answer.series.map((series) => {
        const [time, text] = series.value ?? [0, 'NaN'];
        const value = valueField(nameOf(series.metric, all), series.metric, [parseNumber(text)], refId);
        return { refId, rows: 1, notice: answer.notice, fields: [timeField([time * 1000]), value] };
    });
}

/**
 * One frame for all series: a column per label and one for the value, as tables want it.
 * @param {{series: Series[], notice?: string}} answer
 * @param {string} refId
 * @param {boolean} manyQueries the value's column is named for its query then
 * @returns {Frame[]}
 */
export function tableFrame(answer, refId, manyQueries) {
    const names = [...new Set(answer.series.flatMap((series) => Object.keys(series.metric)))].sort();
    /** @type {{metric: Record<string, string>, time: number, value: number}[]} */
    const rows = [];
    for (const { metric, value, values } of answer.series) {
        for (const [time, text] of value ? [value] : values ?? []) {
            rows.push({ metric, time: time * 1000, value: parseNumber(text) });
        }
    }
    /** @type {Field[]} */
    const fields = [timeField(rows.map((row) => row.time))];
    for (const name of names) {
        fields.push({ name, type: 'string', values: rows.map((row) => row.metric[name] ?? ''), config: {}, refId });
    }
    const name = manyQueries ? `Value #${refId}` : 'Value';
    fields.push({ name, type: 'number', values: rows.map((row) => row.value), config: {}, refId });
    return [{ refId, rows: rows.length, fields, notice: answer.notice }];
}

/** @param {number[]} values @returns {Field} */
export function timeField(values) {
    return { name: 'Time', type: 'time', values, config: {} };
}

/**
 * @param {string} name
 * @param {Record<string, string>} labels
 * @param {any[]} values
 * @param {string} refId
 * @returns {Field}
 */
export function valueField(name, labels, values, refId) {
    return { name: 'Value', type: 'number', labels, values, refId, config: { displayNameFromDS: name } };
}

/**
 * `name{label="value"}`.
 * @param {Record<string, string>} labels
 */
export function seriesText(labels) {
    const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
    const text = pairs.map(([name, value]) => `${name}="${value}"`).join(', ');
    if (!labels.__name__) return text ? `{${text}}` : '';
    return text ? `${labels.__name__}{${text}}` : labels.__name__;
}

/**
 * The name of a series under a legend format; without one, the labels in which the series differ.
 * @param {string | undefined} format
 * @param {string} expression shown when a series has no labels
 */
export function legendName(format, expression) {
    return (/** @type {Record<string, string>} */ labels, /** @type {Record<string, string>[]} */ all) => {
        if (format && format !== '__auto') {
            const name = format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');
            if (name.trim()) return name;
        }
        if (format === '__auto') {
            const differing = Object.keys(labels).filter((name) => all.some((other) => other[name] !== labels[name]));
            if (differing.length === 1) return labels[differing[0]];
        }
        return seriesText(labels) || expression;
    };
}

/**
 * @param {string} uid
 * @param {string[]} matchers
 * @param {import('../types/model').TimeRange} range
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function labelNames(uid, matchers, range, signal) {
    return namesAt(proxied(uid, '/api/v1/labels', searchOf(matchers, range)), signal);
}

/**
 * @param {string} uid
 * @param {string} label
 * @param {string[]} matchers
 * @param {import('../types/model').TimeRange} range
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function labelValues(uid, label, matchers, range, signal) {
    const path = `/api/v1/label/${encodeURIComponent(label)}/values`;
    return namesAt(proxied(uid, path, searchOf(matchers, range)), signal);
}

/** @param {string} path @param {AbortSignal | undefined} signal */
async function namesAt(path, signal) {
    return namesOf(await sharedRequest(path, (own) => request(path, { signal: own }), signal));
}

/** @param {string[]} matchers @param {import('../types/model').TimeRange} range */
function searchOf(matchers, range) {
    const search = new URLSearchParams();
    matchers.forEach((matcher) => search.append('match[]', matcher));
    search.set('start', (range.from / 1000).toFixed(3));
    search.set('end', (range.to / 1000).toFixed(3));
    return search;
}

/**
 * What metrics say of themselves: their type and help text by name.
 * @param {string} uid @param {AbortSignal} [signal]
 * @returns {Promise<Map<string, string>>}
 */
export async function metricTexts(uid, signal) {
    const body = await sharedRequest(proxied(uid, '/api/v1/metadata', { limit_per_metric: 1 }), (own) => request(proxied(uid, '/api/v1/metadata', { limit_per_metric: 1 }), { signal: own }), signal);
    const entries = Object.entries(body?.data ?? {}).map(([name, all]) => /** @type {[string, string]} */ ([name, [all?.[0]?.type, all?.[0]?.help].filter(Boolean).join('\n')]));
    return new Map(entries.filter(([, text]) => text !== ''));
}
