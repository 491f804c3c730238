// A target over traces → frames: one trace by its id, the map of services, TraceQL metrics, or a search.

import { interpolate } from './interpolate.js';
import * as prometheus from '../data/prometheus.js';
import * as tempo from '../data/tempo.js';
import { serviceFrames, spansFrame } from '../data/trace-frames.js';
import { countsSpans } from '../explore/trace-query.js';

/** @typedef {import('./query-target.js').TargetContext} TargetContext */
/** @typedef {import('./query-target.js').Answer} Answer */
/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

/** @param {TargetContext} context @param {string} query @returns {Promise<Answer>} */
export async function runTraceTarget({ panel, target, source: { uid }, scope, stepMs, signal }, query) {
    const { refId } = target;
    if (target.queryType === 'serviceMap') throw new Error('The map of services is drawn from metrics: ask a Prometheus source for traces_service_graph_request_total.');
    if (/^[0-9a-f]{8,32}$/i.test(query)) {
        const spans = await tempo.fetchTrace(uid, query.toLowerCase(), signal);
        return { query, lines: [], spans, frames: panel.type === 'nodeGraph' ? serviceFrames(spans) : [spansFrame(spans, refId)] };
    }
    if (countsSpans(query)) {
        const answer = await tempo.queryMetric({ uid, query, range: scope.range, stepMs, signal });
        const legend = interpolate(String(target.legendFormat ?? ''), scope, 'text');
        return { query, lines: [], frames: prometheus.rangeFrames(answer, refId, prometheus.legendName(legend, query)) };
    }
    const search = query || searchOf(target);
    const traces = await tempo.searchTraces({ uid, query: search, range: scope.range, limit: Number(target.limit) || 20, signal });
    return { query: search, lines: [], frames: [tracesFrame(traces, refId)] };
}

/**
 * The search form of Grafana's query editor as TraceQL.
 * @param {import('../types/model').Target} target
 */
function searchOf(target) {
    const filters = (Array.isArray(target.filters) ? target.filters : []).filter((one) => one?.tag && one.value?.length);
    const terms = filters.map((one) => {
        const scope = one.scope === 'intrinsic' || ['name', 'status', 'duration', 'kind'].includes(one.tag) ? '' : `${one.scope && one.scope !== 'unscoped' ? one.scope : ''}.`;
        const values = [one.value].flat().map((value) => (one.valueType === 'string' || (scope && one.valueType === undefined) || one.tag === 'name' ? JSON.stringify(String(value)) : String(value)));
        const each = values.map((value) => `${scope}${one.tag}${one.operator ?? '='}${value}`);
        return each.length > 1 ? `(${each.join(' || ')})` : each[0];
    });
    return `{${terms.join(' && ')}}`;
}

/** @param {tempo.TraceSummary[]} traces @param {string} refId @returns {Frame} */
function tracesFrame(traces, refId) {
    const column = (/** @type {string} */ name, /** @type {'string' | 'number' | 'time'} */ type, /** @type {any[]} */ values, config = {}) => /** @type {Field} */ ({ name, type, values, config, refId });
    const link = { title: 'Show the trace', url: '/explore/traces?trace=${__value.raw}' };
    return {
        refId, rows: traces.length,
        fields: [
            column('Trace ID', 'string', traces.map((trace) => trace.id), { links: [link] }),
            column('Start time', 'time', traces.map((trace) => trace.startMs)),
            column('Service', 'string', traces.map((trace) => trace.service)),
            column('Name', 'string', traces.map((trace) => trace.name)),
            column('Duration', 'number', traces.map((trace) => trace.durationMs), { unit: 'ms' }),
        ],
    };
}
