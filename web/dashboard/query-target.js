// One target of a panel → frames, by what its data source speaks.

import { withFilters } from './adhoc.js';
import { interpolate } from './interpolate.js';
import { kindOf } from '../data/sources.js';
import { bucketFrames } from '../data/buckets.js';
import * as prometheus from '../data/prometheus.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Target} Target */
/** @typedef {{frames: Frame[], lines: import('../types/model').LogLine[], spans?: import('../types/model').Span[], query: string}} Answer */
/**
 * @typedef {{panel: import('../types/model').Panel, target: Target, source: import('../types/model').DataSource, scope: import('../types/model').Scope,
 *   stepMs: number, many: boolean, signal: AbortSignal}} TargetContext
 */

/** Panel types which want the newest value only and no history. */
const tabular = new Set(['table', 'table-old']);

/** @param {TargetContext} context @returns {Promise<Answer>} */
export async function runTarget(context) {
    const { target, source, scope } = context;
    const kind = kindOf(source.type);
    const query = interpolate(String(target.expr ?? target.query ?? ''), scope, 'promql').trim();
    if (kind === 'tempo') return (await import('./query-traces.js')).runTraceTarget(context, query);
    if (query === '') return { frames: [], lines: [], query };
    const filters = Object.values(scope.variables).flatMap((value) => (value.sourceUid === source.uid ? value.filters ?? [] : []));
    const filtered = withFilters(query, filters, kind === 'loki');
    if (kind === 'prometheus') return { lines: [], query: filtered, frames: await metricFrames(context, filtered) };
    if (kind === 'loki') return logFrames(context, filtered);
    throw new Error(`Data sources of type “${source.type}” are not supported.`);
}

/** @param {TargetContext} context @param {string} expr */
function namer({ target, scope }, expr) {
    return prometheus.legendName(interpolate(String(target.legendFormat ?? ''), scope, 'text'), expr);
}

/** @param {TargetContext} context @param {string} expr @returns {Promise<Frame[]>} */
async function metricFrames(context, expr) {
    const { panel, target, source: { uid }, scope, stepMs, many, signal } = context;
    const { refId } = target;
    const asTable = target.format === 'table';
    const instant = target.instant && !target.range;
    const name = namer(context, expr);
    let frames;
    if (instant || (asTable && target.range !== true && target.instant !== false && tabular.has(panel.type))) {
        const answer = await prometheus.queryInstant({ uid, expr, timeMs: scope.range.to, signal });
        frames = asTable ? prometheus.tableFrame(answer, refId, many) : prometheus.instantFrames(answer, refId, name);
    } else {
        const answer = await prometheus.queryRange({ uid, expr, startMs: scope.range.from, endMs: scope.range.to, stepMs, signal });
        frames = asTable ? prometheus.tableFrame(answer, refId, many) : prometheus.rangeFrames(answer, refId, name);
    }
    return target.format === 'heatmap' ? bucketFrames(frames) : frames;
}

/** @param {TargetContext} context @param {string} expr @returns {Promise<Answer>} */
async function logFrames(context, expr) {
    const { target, source: { uid, jsonData }, scope, stepMs, signal } = context;
    const loki = await import('../data/loki.js');
    const { from, to } = scope.range;
    const { refId } = target;
    if (!loki.isMetricQuery(expr)) {
        const limit = Math.min(5000, Number(target.maxLines) || Number(jsonData?.maxLines) || 1000);
        const { lines } = await loki.queryLogs({ uid, expr, limit, forward: target.direction === 'forward', startNs: `${Math.floor(from)}000000`, endNs: `${Math.floor(to)}000000`, signal });
        return { query: expr, lines, frames: [loki.linesFrame(lines, refId)] };
    }
    const name = namer(context, expr);
    const instant = target.queryType === 'instant' || (target.instant && !target.range);
    const frames = instant ? prometheus.instantFrames(await loki.queryMetricInstant({ uid, expr, timeMs: to, signal }), refId, name)
        : prometheus.rangeFrames(await loki.queryMetric({ uid, expr, startMs: from, endMs: to, stepMs, signal }), refId, name);
    return { query: expr, lines: [], frames };
}
