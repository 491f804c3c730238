// The query languages as the editor needs them: how to complete and how to check a text.

import { messageOf, proxied, request, ApiError } from '../../api.js';
import { countsSpans } from '../trace-query.js';
import { completeLogQL, completePromQL, completeTraceQL } from './completion.js';

/** @typedef {import('../../types/model').TimeRange} TimeRange */
/**
 * `check` answers what is wrong with a text, nothing for a good one or when nobody can tell; `format` lays a text out anew.
 * @typedef {{name: import('./tokens.js').Language, complete: import('./completion.js').Complete, check: (text: string, signal: AbortSignal) => Promise<string | undefined>,
 *   format?: (text: string) => Promise<string>}} QueryLanguage
 */

/**
 * With stand-ins of the same length for the page's own variables, so that places stay what they are.
 * @param {string} text
 */
export function withoutVariables(text) {
    return text.replace(/\$__(?:rate_interval|interval|range|auto)\b/g, (name) => '1m'.padEnd(name.length));
}

/**
 * What a server says of a query that it cannot read. Other failures say nothing about the text.
 * @param {string} path @param {AbortSignal} signal
 */
async function complaint(path, signal) {
    try {
        await request(path, { signal });
    } catch (error) {
        if (error instanceof ApiError && error.status === 400) return messageOf(error).replace(/^invalid (?:parameter "query"|TraceQL query): /, '');
    }
    return undefined;
}

/** @param {string} uid @param {TimeRange} range @returns {QueryLanguage} */
export function promql(uid, range) {
    return {
        name: 'promql', complete: completePromQL(uid, range),
        check: (text, signal) => complaint(proxied(uid, '/api/v1/format_query', { query: withoutVariables(text) }), signal),
        format: async (text) => {
            const body = await request(proxied(uid, '/api/v1/format_query', { query: text }));
            return typeof body?.data === 'string' ? body.data : text;
        },
    };
}

/** @param {string} uid @param {TimeRange} range @returns {QueryLanguage} */
export function logql(uid, range) {
    return {
        name: 'logql', complete: completeLogQL(uid, range),
        // The range holds a nanosecond: what is asked for is the verdict of the parser.
        check: (text, signal) => complaint(proxied(uid, '/loki/api/v1/query_range', { query: withoutVariables(text), start: '1', end: '2', step: '1', limit: 1 }), signal),
    };
}

/** @param {string} uid @returns {QueryLanguage} */
export function traceql(uid) {
    return {
        name: 'traceql', complete: completeTraceQL(uid),
        check: (text, signal) => complaint(countsSpans(text) ? proxied(uid, '/api/metrics/query_range', { q: text, start: 1, end: 2, step: '1s' }) : proxied(uid, '/api/search', { q: text, start: 1, end: 2, limit: 1 }), signal),
    };
}
