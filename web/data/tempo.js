// Tempo's HTTP API → trace summaries and spans.

import { ApiError, proxied, request } from '../api.js';

/** @typedef {import('../types/model').Span} Span */
/** @typedef {import('../types/model').SpanNode} SpanNode */
/**
 * `shorter`: the duration is below a millisecond and not known any better.
 * @typedef {{id: string, service: string, name: string, startMs: number, durationMs: number, shorter: boolean, spans: number, errors: number}} TraceSummary
 */

/**
 * @param {{uid: string, query?: string, tags?: string, minDuration?: string, maxDuration?: string,
 *   range: import('../types/model').TimeRange, limit: number, signal?: AbortSignal}} search
 * @returns {Promise<TraceSummary[]>} newest first
 */
export async function searchTraces({ uid, query, tags, minDuration, maxDuration, range, limit, signal }) {
    const path = proxied(uid, '/api/search', {
        q: query, tags, minDuration, maxDuration, limit, spss: 10,
        start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000),
    });
    const body = await request(path, { signal });
    return (body.traces ?? []).map(summaryOf).sort((/** @type {TraceSummary} */ a, /** @type {TraceSummary} */ b) => b.startMs - a.startMs);
}

/** @param {any} trace one of a search's answer @returns {TraceSummary} */
export function summaryOf(trace) {
    const start = BigInt(trace.startTimeUnixNano ?? 0);
    const counts = countSpans(trace.serviceStats);
    // Whole milliseconds are all that the answer says of the trace; where it lists every span, these tell the rest.
    const listed = new Map((trace.spanSets ?? []).flatMap((/** @type {any} */ set) => set.spans ?? []).map((/** @type {any} */ span) => [span.spanID, span]));
    const whole = counts.spans > 0 && listed.size >= counts.spans;
    const ends = [...listed.values()].map((span) => Number(BigInt(span.startTimeUnixNano) + BigInt(span.durationNanos ?? 0) - start));
    const durationMs = whole ? Math.max(...ends) / 1e6 : Number(trace.durationMs ?? 0);
    return {
        id: String(trace.traceID).padStart(32, '0'),
        service: trace.rootServiceName ?? '', name: trace.rootTraceName ?? '',
        startMs: Number(start / 1000n) / 1000, durationMs, shorter: !whole && durationMs === 0, ...counts,
    };
}

/** @param {Record<string, {spanCount?: number, errorCount?: number}> | undefined} stats */
function countSpans(stats) {
    const all = Object.values(stats ?? {});
    return {
        spans: all.reduce((total, one) => total + (one.spanCount ?? 0), 0),
        errors: all.reduce((total, one) => total + (one.errorCount ?? 0), 0),
    };
}

/**
 * Known values of a tag such as `service.name`.
 * @param {string} uid
 * @param {string} tag
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function tagValues(uid, tag, signal) {
    const body = await request(proxied(uid, `/api/search/tag/${encodeURIComponent(tag)}/values`), { signal });
    const values = body.tagValues ?? [];
    return values.map((/** @type {any} */ one) => (typeof one === 'string' ? one : one.value)).sort();
}

/**
 * Names of attributes with their scope, as TraceQL writes them.
 * @param {string} uid @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function tagNames(uid, signal) {
    const body = await request(proxied(uid, '/api/v2/search/tags'), { signal });
    return (body.scopes ?? []).flatMap((/** @type {any} */ scope) => (scope.tags ?? []).map((/** @type {string} */ tag) => (scope.name === 'intrinsic' ? tag : `${scope.name}.${tag}`)));
}

/**
 * Known values of an attribute that is named as in TraceQL.
 * @param {string} uid @param {string} name @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function scopedValues(uid, name, signal) {
    const body = await request(proxied(uid, `/api/v2/search/tag/${encodeURIComponent(name)}/values`), { signal });
    return (body.tagValues ?? []).map((/** @type {any} */ one) => String(one?.value ?? one));
}

/** @param {string} uid @param {string} id @param {AbortSignal} [signal] @returns {Promise<Span[]>} */
export async function fetchTrace(uid, id, signal) {
    try {
        return spansOf(await request(proxied(uid, `/api/traces/${encodeURIComponent(id)}`), { signal }));
    } catch (failure) {
        // The servers answer an unknown id with an empty 404.
        if (!(failure instanceof ApiError) || failure.status !== 404) throw failure;
        throw new ApiError(`There is no trace ${id}; it may be older than what the server keeps.`, 404);
    }
}

/**
 * TraceQL metrics, in the shape of a range query's answer.
 * @param {{uid: string, query: string, range: import('../types/model').TimeRange, stepMs: number, signal?: AbortSignal}} search
 */
export async function queryMetric({ uid, query, range, stepMs, signal }) {
    const step = stepMs / 1000;
    const start = Math.floor(range.from / stepMs) * step;
    const end = Math.floor(range.to / stepMs) * step;
    const path = proxied(uid, '/api/metrics/query_range', { q: query, start: Math.floor(start), end: Math.ceil(end), step: `${step}s` });
    const body = await request(path, { signal });
    if (!Array.isArray(body?.series)) throw new Error('The data source answers something else than series.');
    const series = body.series.map((/** @type {any} */ one) => ({
        metric: attributesOf(one.labels),
        values: (one.samples ?? []).map((/** @type {any} */ sample) => [Number(sample.timestampMs) / 1000, String(sample.value ?? 0)]),
    }));
    return { series, start, end, step, notice: partialNotice(body) };
}

/**
 * TraceQL metrics over the whole range: one number a series.
 * @param {{uid: string, query: string, range: import('../types/model').TimeRange, signal?: AbortSignal}} search
 * @returns {Promise<{series: {metric: Record<string, string>, value: number}[], notice?: string}>}
 */
export async function queryTotals({ uid, query, range, signal }) {
    const path = proxied(uid, '/api/metrics/query', { q: query, start: Math.floor(range.from / 1000), end: Math.ceil(range.to / 1000) });
    const body = await request(path, { signal });
    if (!Array.isArray(body?.series)) throw new Error('The data source answers something else than series.');
    return { series: body.series.map((/** @type {any} */ one) => ({ metric: attributesOf(one.labels), value: Number(one.value ?? 0) })), notice: partialNotice(body) };
}

/** @param {any} body */
function partialNotice(body) {
    return body.status === 'PARTIAL' ? String(body.message ?? 'The answer is not complete.') : undefined;
}

/**
 * Ids come as hex (OTLP/JSON) or base64 (Tempo's protobuf JSON).
 * @param {any} id
 * @param {number} bytes
 */
function hexId(id, bytes) {
    const text = String(id ?? '');
    if (text === '') return '';
    if (text.length === bytes * 2 && /^[0-9a-f]+$/i.test(text)) return text.toLowerCase();
    try {
        return [...atob(text)].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
    } catch {
        return text.toLowerCase();
    }
}

/** @param {any} value an OTLP AnyValue @returns {string} */
function anyText(value) {
    if (!value) return '';
    if (value.stringValue !== undefined) return value.stringValue;
    if (value.boolValue !== undefined) return String(value.boolValue);
    if (value.intValue !== undefined) return String(value.intValue);
    if (value.doubleValue !== undefined) return String(value.doubleValue);
    if (value.bytesValue !== undefined) return value.bytesValue;
    if (value.arrayValue) return `[${(value.arrayValue.values ?? []).map(anyText).join(', ')}]`;
    if (value.kvlistValue) return JSON.stringify(attributesOf(value.kvlistValue.values));
    return '';
}

/** @param {any[] | undefined} pairs @returns {Record<string, string>} */
function attributesOf(pairs) {
    return Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, anyText(value)]));
}

/** @param {any} kind number or enum name */
function kindText(kind) {
    const names = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
    if (typeof kind === 'number') return names[kind] ?? '';
    const text = String(kind ?? '').replace('SPAN_KIND_', '').toLowerCase();
    return text === 'unspecified' ? '' : text;
}

/** @param {any} body @returns {Span[]} in order of their start */
export function spansOf(body) {
    const batches = body.batches ?? body.resourceSpans ?? body.trace?.resourceSpans ?? body.trace?.batches ?? [];
    /** @type {Span[]} */
    const spans = [];
    for (const batch of batches) {
        const resource = attributesOf(batch.resource?.attributes);
        const service = resource['service.name'] ?? 'unknown';
        for (const scopeSpans of batch.scopeSpans ?? batch.instrumentationLibrarySpans ?? []) {
            const scope = scopeSpans.scope?.name ?? '';
            for (const span of scopeSpans.spans ?? []) spans.push(spanOf(span, resource, service, scope));
        }
    }
    spans.sort((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0));
    const origin = spans[0]?.startNs ?? 0n;
    for (const span of spans) {
        span.startUs = Number(span.startNs - origin) / 1000;
        for (const event of span.events) event.timeUs -= Number(origin / 1000n);
    }
    return spans;
}

/**
 * @param {any} span
 * @param {Record<string, string>} resource
 * @param {string} service
 * @param {string} scope
 * @returns {Span}
 */
function spanOf(span, resource, service, scope) {
    const startNs = BigInt(span.startTimeUnixNano ?? 0);
    const endNs = BigInt(span.endTimeUnixNano ?? 0);
    const code = span.status?.code;
    return {
        id: hexId(span.spanId, 8), parentId: hexId(span.parentSpanId, 8), traceId: hexId(span.traceId, 16),
        name: span.name ?? '', kind: kindText(span.kind), service, startNs, endNs, startUs: 0,
        durationUs: endNs > startNs ? Number(endNs - startNs) / 1000 : 0,
        error: code === 2 || code === 'STATUS_CODE_ERROR', statusMessage: span.status?.message ?? '',
        attributes: attributesOf(span.attributes), resource, scope,
        events: (span.events ?? []).map((/** @type {any} */ event) => ({
            name: event.name ?? '', timeUs: Number(BigInt(event.timeUnixNano ?? 0) / 1000n),
            attributes: attributesOf(event.attributes),
        })),
        links: (span.links ?? []).map((/** @type {any} */ link) => ({
            traceId: hexId(link.traceId, 16), spanId: hexId(link.spanId, 8),
        })),
    };
}

/**
 * Spans as a forest. A span whose parent is missing, or which is its own ancestor, becomes a root.
 * @param {Span[]} spans
 * @returns {SpanNode[]}
 */
export function spanTree(spans) {
    /** @type {Map<string, SpanNode>} */
    const byId = new Map();
    for (const span of spans) {
        if (!byId.has(span.id)) {
            byId.set(span.id, { span, depth: 0, children: [], parent: null, descendants: 0, orphan: false });
        }
    }
    /** @type {SpanNode[]} */
    const roots = [];
    for (const node of byId.values()) {
        const parent = byId.get(node.span.parentId);
        if (parent && !descendsFrom(parent, node)) {
            node.parent = parent;
            parent.children.push(node);
        } else {
            node.orphan = node.span.parentId !== '';
            roots.push(node);
        }
    }
    measure(roots);
    return roots;
}

/** @param {SpanNode} node @param {SpanNode} ancestor */
function descendsFrom(node, ancestor) {
    for (let at = /** @type {SpanNode | null} */ (node); at; at = at.parent) if (at === ancestor) return true;
    return false;
}

/**
 * Depths downwards, then counts upwards; without recursion, since a trace may be thousands deep.
 * @param {SpanNode[]} roots
 */
function measure(roots) {
    /** @type {SpanNode[]} */
    const order = [...roots];
    for (let index = 0; index < order.length; index++) {
        for (const child of order[index].children) {
            child.depth = order[index].depth + 1;
            order.push(child);
        }
    }
    for (let index = order.length - 1; index >= 0; index--) {
        const { parent } = order[index];
        if (parent) parent.descendants += order[index].descendants + 1;
    }
}
