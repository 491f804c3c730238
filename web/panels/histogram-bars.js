// Frames → the bars of a histogram: counted here, or as a query has counted them.

import { displayName } from '../data/fields.js';
import { countInto, histogramEdges } from '../data/transform-rows.js';
import { seriesColor } from '../format/display.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {{edges: number[], size: number, series: {name: string, color: string, counts: number[]}[], unit?: string, decimals?: number | null}} Bars `edges`: lower ones */

/** @param {Frame[]} frames @param {any} options of the panel @returns {Bars} */
export function histogramBars(frames, options) {
    const counted = frames.find((frame) => frame.fields.some((field) => /^(xMin|BucketMin)$/.test(field.name)));
    if (counted) return fromBuckets(counted);
    const fields = frames.flatMap((frame) => frame.fields.filter((field) => field.type === 'number' && !field.config.custom?.hideFrom?.viz));
    const groups = fields.map((field) => ({ name: displayName(field), color: seriesColor(field), values: field.values.filter((value) => typeof value === 'number' && Number.isFinite(value)) }));
    const used = options.combine && groups.length > 0 ? [{ name: 'Count', color: groups[0].color, values: groups.flatMap((group) => group.values) }] : groups;
    const { edges, size } = histogramEdges(used.flatMap((group) => group.values), Number(options.bucketSize) || 0, Number(options.bucketCount) || 30, Number(options.bucketOffset) || 0);
    return {
        edges, size, unit: fields[0]?.config.unit, decimals: fields[0]?.config.decimals,
        series: used.map(({ name, color, values }) => ({ name, color, counts: edges.length > 0 ? countInto(values, edges, size) : [] })),
    };
}

/** @param {Frame} frame @returns {Bars} */
function fromBuckets(frame) {
    const low = frame.fields.find((field) => /^(xMin|BucketMin)$/.test(field.name));
    const high = frame.fields.find((field) => /^(xMax|BucketMax)$/.test(field.name));
    const edges = low?.values ?? [];
    const rest = frame.fields.filter((field) => field !== low && field !== high && field.type === 'number');
    return { edges, size: (high?.values[0] ?? edges[1] ?? edges[0] + 1) - edges[0], unit: low?.config.unit, series: rest.map((field) => ({ name: displayName(field), color: seriesColor(field), counts: field.values })) };
}
