// Samples as they are stored, and the exemplars beside them.

import { proxied, request } from '../api.js';
import { resultOf } from './answers.js';
import { parseNumber, seriesText } from './prometheus.js';
import { batched } from './query-batch.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {{timeMs: number, value: number, labels: Record<string, string>, series: Record<string, string>, traceId?: string}} Exemplar */

/** Series of one answer; nobody reads more. */
export const mostSeries = 50;

/**
 * The stored samples of a selector, newest first, as one table.
 * @param {{uid: string, selector: string, range: import('../types/model').TimeRange, signal?: AbortSignal}} query
 * @returns {Promise<Frame>}
 */
export async function rawSamples({ uid, selector, range, signal }) {
    const window = Math.max(1, Math.ceil((range.to - range.from) / 1000));
    const form = { query: `${selector}[${window}s]`, time: (range.to / 1000).toFixed(3), limit: String(mostSeries) };
    const { result } = resultOf(await request(proxied(uid, '/api/v1/query'), { form, signal }));
    return samplesFrame(result);
}

/** @param {{metric: Record<string, string>, values?: [number, string][]}[]} series @returns {Frame} */
export function samplesFrame(series) {
    const rows = series.flatMap(({ metric, values }) => {
        const name = seriesText(metric);
        return (values ?? []).map(([time, text]) => ({ time: time * 1000, name, value: parseNumber(text) }));
    });
    rows.sort((a, b) => b.time - a.time);
    return {
        refId: 'A', rows: rows.length, fields: [
            { name: 'Time', type: 'time', values: rows.map((row) => row.time), config: { unit: 'time:YYYY-MM-DD HH:mm:ss.SSS' } },
            { name: 'Series', type: 'string', values: rows.map((row) => row.name), config: {} },
            { name: 'Value', type: 'number', values: rows.map((row) => row.value), config: {} },
        ],
    };
}

/**
 * Exemplars of the series of a query; none where the server keeps none or cannot tell.
 * @param {{uid: string, expr: string, range: import('../types/model').TimeRange, signal?: AbortSignal}} query
 * @returns {Promise<Exemplar[]>}
 */
export async function exemplarsOf({ uid, expr, range, signal }) {
    const form = { query: expr, start: (range.from / 1000).toFixed(3), end: (range.to / 1000).toFixed(3) };
    const body = await batched(uid, '/api/v1/query_exemplars', form, signal ?? new AbortController().signal);
    return thinned((Array.isArray(body?.data) ? body.data : []).flatMap((/** @type {any} */ one) => (one.exemplars ?? []).map((/** @type {any} */ exemplar) => ({
        timeMs: Number(exemplar.timestamp) * 1000, value: parseNumber(String(exemplar.value)), labels: exemplar.labels ?? {}, series: one.seriesLabels ?? {}, traceId: traceIdOf(exemplar.labels ?? {}),
    }))), range);
}

/** @param {Record<string, string>} labels */
function traceIdOf(labels) {
    return ['trace_id', 'traceID', 'traceId', 'TraceID', 'traceid'].map((name) => labels[name]).find(Boolean);
}

/**
 * A few for each piece of the time range, the largest first: what stands out is what is looked for.
 * @param {Exemplar[]} all @param {import('../types/model').TimeRange} range
 */
function thinned(all, range) {
    /** @type {Map<number, Exemplar[]>} */
    const pieces = new Map();
    for (const one of all) {
        const piece = Math.floor(((one.timeMs - range.from) / (range.to - range.from)) * 100);
        const others = pieces.get(piece);
        if (others) others.push(one);
        else pieces.set(piece, [one]);
    }
    return [...pieces.values()].flatMap((piece) => piece.sort((a, b) => b.value - a.value).slice(0, 4));
}
