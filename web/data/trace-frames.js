// Spans as frames: one row a span, and the services which call each other.

/** @typedef {import('../types/model').Span} Span */
/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

/**
 * One row a span.
 * @param {Span[]} spans @param {string} refId @returns {Frame}
 */
export function spansFrame(spans, refId) {
    const column = (/** @type {string} */ name, /** @type {'string' | 'number' | 'time'} */ type, /** @type {any[]} */ values, config = {}) => /** @type {Field} */ ({ name, type, values, config, refId });
    return {
        refId, rows: spans.length,
        fields: [
            column('Service', 'string', spans.map((span) => span.service)), column('Name', 'string', spans.map((span) => span.name)),
            column('Start time', 'time', spans.map((span) => Number(span.startNs / 1000n) / 1000)),
            column('Duration', 'number', spans.map((span) => span.durationUs / 1000), { unit: 'ms' }),
            column('Error', 'string', spans.map((span) => (span.error ? span.statusMessage || 'error' : ''))), column('Span ID', 'string', spans.map((span) => span.id)),
        ],
    };
}

/**
 * Who calls whom in a trace: frames of nodes and edges as a node graph reads them.
 * @param {Span[]} spans
 * @returns {Frame[]}
 */
export function serviceFrames(spans) {
    const byId = new Map(spans.map((span) => [span.id, span]));
    /** @type {Map<string, {count: number, errors: number, time: number}>} */
    const services = new Map();
    /** @type {Map<string, {source: string, target: string, count: number}>} */
    const calls = new Map();
    for (const span of spans) {
        const stats = services.get(span.service) ?? { count: 0, errors: 0, time: 0 };
        services.set(span.service, { count: stats.count + 1, errors: stats.errors + Number(span.error), time: stats.time + span.durationUs / 1000 });
        const caller = byId.get(span.parentId);
        if (!caller || caller.service === span.service) continue;
        const key = JSON.stringify([caller.service, span.service]);
        calls.set(key, { source: caller.service, target: span.service, count: (calls.get(key)?.count ?? 0) + 1 });
    }
    const column = (/** @type {string} */ name, /** @type {'string' | 'number'} */ type, /** @type {any[]} */ values, config = {}) => /** @type {Field} */ ({ name, type, values, config });
    const names = [...services.keys()];
    const all = [...services.values()];
    const edges = [...calls.entries()];
    return [{
        refId: 'nodes', name: 'nodes', rows: names.length,
        fields: [
            column('id', 'string', names), column('title', 'string', names), column('mainstat', 'number', all.map((one) => one.time), { unit: 'ms' }),
            column('secondarystat', 'number', all.map((one) => one.count), { unit: 'suffix: spans' }),
            column('arc__failed', 'number', all.map((one) => one.errors / one.count), { color: { mode: 'fixed', fixedColor: 'red' } }),
            column('arc__success', 'number', all.map((one) => 1 - one.errors / one.count), { color: { mode: 'fixed', fixedColor: 'green' } }),
        ],
    }, {
        refId: 'edges', name: 'edges', rows: edges.length,
        fields: [
            column('id', 'string', edges.map(([key]) => key)), column('source', 'string', edges.map(([, one]) => one.source)),
            column('target', 'string', edges.map(([, one]) => one.target)), column('mainstat', 'number', edges.map(([, one]) => one.count), { unit: 'suffix: calls' }),
        ],
    }];
}
