// Asks for the annotations of a board: loaded when it has some.

import { isAbort, messageOf } from '../api.js';
import { findSource, kindOf } from '../data/sources.js';
import * as prometheus from '../data/prometheus.js';
import { resolveColor } from '../format/colors.js';
import { intervalFor, parseDuration } from '../time/range.js';
import { isStored, queryOf } from './annotations.js';
import { interpolate } from './interpolate.js';
import { loadStored } from './stored-annotations.js';

/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('./annotations.js').Annotation} Annotation */

const most = 1000;

/**
 * @param {{list: any[], scope: Scope, sources: import('../types/model').DataSource[], signal: AbortSignal}} context
 * @returns {Promise<{annotations: Annotation[], problems: string[]}>} in the order of time; what fails is named and left out
 */
export async function loadAnnotations({ list, scope, sources, signal }) {
    /** @type {string[]} */
    const problems = [];
    const found = await Promise.all(list.map(async (one) => {
        try {
            return await loadOne(one, scope, sources, signal);
        } catch (error) {
            if (isAbort(error)) throw error;
            problems.push(`${one.name || 'Annotation'}: ${messageOf(error)}`);
            return [];
        }
    }));
    return { annotations: unique(found.flat()).sort((a, b) => a.from - b.from).slice(0, most), problems };
}

/**
 * One that two queries have found is drawn once.
 * @param {Annotation[]} annotations
 */
function unique(annotations) {
    const seen = new Set();
    return annotations.filter(({ id }) => !id || (!seen.has(id) && seen.add(id)));
}

/**
 * @param {any} one @param {Scope} scope @param {import('../types/model').DataSource[]} sources @param {AbortSignal} signal
 * @returns {Promise<Annotation[]>}
 */
async function loadOne(one, scope, sources, signal) {
    const ids = one.filter?.ids ?? [];
    const panels = ids.length > 0 ? { ids, exclude: Boolean(one.filter?.exclude) } : null;
    if (isStored(one)) return loadStored(one, scope, panels, signal);
    const replace = (/** @type {string} */ text) => interpolate(text, scope);
    const source = findSource(sources, one.datasource, replace);
    const step = parseDuration(replace(String(one.step || ''))) || 60_000;
    const stepMs = intervalFor(scope.range, 1000, step);
    const inner = { ...scope, intervalMs: stepMs, rateIntervalMs: Math.max(stepMs, 60_000) };
    const expr = interpolate(queryOf(one), inner, 'promql');
    const color = resolveColor(one.iconColor || 'red');
    const words = (/** @type {Record<string, string>} */ labels, /** @type {string} */ fallback) => ({
        title: withLabels(one.titleFormat, labels) || String(one.name ?? ''), text: withLabels(one.textFormat, labels) || fallback,
        tags: String(one.tagKeys ?? '').split(',').map((key) => labels[key.trim()]).filter(Boolean), color, panels,
    });
    const { from, to } = scope.range;
    switch (kindOf(source.type)) {
        case 'prometheus': {
            const { series } = await prometheus.queryRange({ uid: source.uid, expr, startMs: from, endMs: to, stepMs, signal });
            return series.flatMap(({ metric, values }) => spansOf(values ?? [], stepMs, Boolean(one.useValueForTime))
                .map((span) => ({ ...span, ...words(metric, '') })));
        }
        case 'loki': {
            const loki = await import('../data/loki.js');
            const { lines } = await loki.queryLogs({ uid: source.uid, expr, limit: most, startNs: `${Math.floor(from)}000000`, endNs: `${Math.floor(to)}000000`, signal });
            return lines.map((line) => ({ from: line.timeMs, to: line.timeMs, ...words({ ...line.labels, ...line.metadata }, line.line.slice(0, 300)) }));
        }
    }
    return [];
}

/** @param {any} format @param {Record<string, string>} labels */
function withLabels(format, labels) {
    return String(format ?? '').replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name) => labels[name] ?? '').slice(0, 300);
}

/**
 * Samples above zero; those which follow each other step by step are one span.
 * @param {[number, string][]} values
 * @param {number} stepMs
 * @param {boolean} valueIsTime the value is the moment, in milliseconds
 */
export function spansOf(values, stepMs, valueIsTime) {
    /** @type {{from: number, to: number}[]} */
    const spans = [];
    let before = NaN;
    for (const [seconds, text] of values) {
        const value = prometheus.parseNumber(text);
        if (!(value > 0)) continue;
        if (valueIsTime) {
            if (value !== before) spans.push({ from: value, to: value });
            before = value;
            continue;
        }
        const time = seconds * 1000;
        const last = spans[spans.length - 1];
        if (last && time - last.to <= stepMs * 1.5) last.to = time;
        else spans.push({ from: time, to: time });
    }
    return spans;
}
