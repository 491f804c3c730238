// Histograms as Prometheus counts them, every bucket with all below it → buckets that stand alone, in the order of their edges.

import { displayName } from './fields.js';

/** @typedef {import('../types/model').Frame} Frame */

/**
 * The upper edge of a bucket by its label or its name.
 * @param {string | undefined} text
 */
export function edgeOf(text) {
    const trimmed = String(text ?? '').trim();
    if (/^\+?inf/i.test(trimmed)) return Infinity;
    if (/^-inf/i.test(trimmed)) return -Infinity;
    return trimmed === '' ? NaN : Number(trimmed);
}

/**
 * Frames of one bucket each; those without an edge stay as they are, at the end.
 * @param {Frame[]} frames
 * @returns {Frame[]}
 */
export function bucketFrames(frames) {
    const edged = frames.map((frame) => {
        const field = frame.fields.find((one) => one.type === 'number');
        return { frame, field, edge: edgeOf(field?.labels?.le ?? (field && displayName(field))) };
    });
    const known = edged.filter(({ edge, field }) => field && !Number.isNaN(edge)).sort((a, b) => a.edge - b.edge);
    const rest = edged.filter(({ edge, field }) => !field || Number.isNaN(edge)).map(({ frame }) => frame);
    return [...known.map(({ frame, field, edge }, index) => {
        const below = known[index - 1]?.field;
        const values = field?.values.map((value, row) => {
            if (typeof value !== 'number') return value;
            const under = below?.values[row];
            // Scrapes between the buckets of one histogram may make a difference fall a little below zero.
            return Math.max(0, value - (typeof under === 'number' ? under : 0));
        });
        const name = edge === Infinity ? '+Inf' : String(edge);
        return {
            ...frame, fields: frame.fields.map((one) => (one === field
                ? { ...one, values: values ?? [], labels: { ...one.labels, le: name }, config: { ...one.config, displayNameFromDS: name } } : one)),
        };
    }), ...rest];
}
