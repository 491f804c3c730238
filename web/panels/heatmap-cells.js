// Frames → the cells of a heatmap: from buckets as they come, or by counting the values of series into a grid.

import { edgeOf } from '../data/buckets.js';
import { displayName } from '../data/fields.js';
import { histogramEdges } from '../data/transform-rows.js';
import { parseDuration } from '../time/range.js';

/** @typedef {import('../types/model').Frame} Frame */
/**
 * @typedef {{times: number[], step: number, rows: {low: number | null, high: number | null, name: string}[], counts: (number | null)[][], min: number, max: number}} Cells
 *   `times`: where each column begins, in milliseconds; `counts`: by row, then by column; rows from low to high
 */

/**
 * @param {Frame[]} frames @param {any} options of the panel @param {{from: number, to: number}} range
 * @returns {Cells}
 */
export function heatmapCells(frames, options, range) {
    const cells = options.calculate ? calculated(frames, options, range) : bucketed(frames, options);
    let [min, max] = [Infinity, -Infinity];
    const { le = 1e-9, ge } = options.filterValues ?? {};
    for (const row of cells.counts) {
        row.forEach((count, at) => {
            if (count === null || count <= le || (ge !== undefined && ge !== null && count >= ge)) {
                row[at] = null;
                return;
            }
            if (count < min) min = count;
            if (count > max) max = count;
        });
    }
    return { ...cells, min: options.color?.min ?? (min === Infinity ? 0 : Math.min(min, cells.counts.length > 0 ? min : 0)), max: options.color?.max ?? (max === -Infinity ? 1 : max) };
}

/** @param {Frame[]} frames @param {any} options */
function bucketed(frames, options) {
    const series = frames.flatMap((frame) => {
        const time = frame.fields.find((field) => field.type === 'time');
        return time ? frame.fields.filter((field) => field.type === 'number').map((field) => ({ field, times: /** @type {number[]} */ (time.values), step: frame.step })) : [];
    });
    const named = series.map((one) => ({ ...one, name: displayName(one.field), edge: edgeOf(one.field.labels?.le ?? displayName(one.field)) }));
    const numeric = named.length > 0 && named.every(({ edge }) => !Number.isNaN(edge));
    if (numeric) named.sort((a, b) => a.edge - b.edge);
    // Several series of one bucket, such as one per instance, are one row.
    /** @type {Map<string, typeof named>} */
    const byName = new Map();
    for (const one of named) byName.set(one.name, [...byName.get(one.name) ?? [], one]);
    const groups = [...byName.values()];
    const times = [...new Set(named.flatMap((one) => one.times))].sort((a, b) => a - b);
    const position = new Map(times.map((time, index) => [time, index]));
    const counts = groups.map((group) => {
        const row = /** @type {(number | null)[]} */ (new Array(times.length).fill(null));
        for (const { field, times: own } of group) {
            own.forEach((time, at) => {
                const index = position.get(time);
                const value = field.values[at];
                if (index !== undefined && typeof value === 'number' && Number.isFinite(value)) row[index] = (row[index] ?? 0) + value;
            });
        }
        return row;
    });
    const lower = options.rowsFrame?.layout === 'ge';
    const edges = groups.map(([one]) => one.edge);
    const rows = groups.map(([one], index) => ({
        name: one.name, low: !numeric ? null : lower ? edges[index] : edges[index - 1] ?? 0, high: !numeric ? null : lower ? edges[index + 1] ?? Infinity : edges[index],
    }));
    return { times: columnStarts(times, stepOf(times, named[0]?.step)), step: stepOf(times, named[0]?.step), rows, counts };
}

/**
 * A sample stands for the step that ends with it.
 * @param {number[]} times @param {number} step
 */
function columnStarts(times, step) {
    return times.map((time) => time - step);
}

/** @param {number[]} times @param {number | undefined} known */
function stepOf(times, known) {
    if (known) return known;
    let least = Infinity;
    for (let index = 1; index < times.length; index++) least = Math.min(least, times[index] - times[index - 1]);
    return Number.isFinite(least) ? least : 60_000;
}

/** @param {Frame[]} frames @param {any} options @param {{from: number, to: number}} range */
function calculated(frames, options, range) {
    /** @type {{time: number, value: number}[]} */
    const points = [];
    for (const frame of frames) {
        const time = frame.fields.find((field) => field.type === 'time');
        for (const field of frame.fields) {
            if (!time || field.type !== 'number') continue;
            field.values.forEach((value, at) => {
                if (typeof value === 'number' && Number.isFinite(value)) points.push({ time: time.values[at], value });
            });
        }
    }
    const { xBuckets = {}, yBuckets = {} } = options.calculation ?? {};
    const span = range.to - range.from;
    const wanted = xBuckets.mode === 'size' ? parseDuration(xBuckets.value) : span / (Number(xBuckets.value) || 40);
    const step = Math.max(1000, span / 2000, Number.isFinite(wanted) && wanted > 0 ? wanted : span / 40);
    const start = Math.floor(range.from / step) * step;
    const times = Array.from({ length: Math.max(1, Math.ceil((range.to - start) / step)) }, (_, index) => start + index * step);
    const values = points.map((point) => point.value);
    const { edges, high } = yBuckets.scale?.type === 'log' ? logEdges(values, Number(yBuckets.scale.log) || 2)
        : linearEdges(values, yBuckets.mode === 'size' ? Number(yBuckets.value) : 0, yBuckets.mode === 'count' || !yBuckets.mode ? Number(yBuckets.value) || 20 : 20);
    const counts = edges.map(() => /** @type {(number | null)[]} */ (new Array(times.length).fill(0)));
    for (const { time, value } of points) {
        const column = Math.floor((time - start) / step);
        if (column < 0 || column >= times.length || edges.length === 0) continue;
        let row = edges.length - 1;
        while (row > 0 && value < edges[row]) row -= 1;
        counts[row][column] = (counts[row][column] ?? 0) + 1;
    }
    return { times, step, rows: edges.map((edge, index) => ({ low: edge, high: edges[index + 1] ?? high, name: String(edge) })), counts };
}

/** @param {number[]} values @param {number} size @param {number} count */
function linearEdges(values, size, count) {
    const { edges, size: step } = histogramEdges(values, size || 0, count, 0);
    return { edges, high: (edges[edges.length - 1] ?? 0) + step };
}

/** @param {number[]} values @param {number} base */
function logEdges(values, base) {
    const above = values.filter((value) => value > 0);
    if (above.length === 0) return { edges: [], high: 1 };
    const power = (/** @type {number} */ value) => Math.floor(Math.log(value) / Math.log(base) + 1e-9);
    const first = power(above.reduce((a, b) => Math.min(a, b)));
    const last = Math.min(first + 60, power(above.reduce((a, b) => Math.max(a, b))));
    const edges = Array.from({ length: last - first + 1 }, (_, index) => base ** (first + index));
    return { edges, high: base ** (last + 1) };
}

