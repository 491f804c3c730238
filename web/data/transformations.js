// Grafana's transformations, one after the other. An unknown one is named, not guessed.

import { calculateField, convertFieldType, extractFields, filterFields, formatTime, labelsToFields, organize, renameByRegex } from './transform-fields.js';
import { concatenate, join, joinByLabels, mergeFrames, seriesToRows, timeSeriesTable } from './transform-joins.js';
import { toRegExp } from '../format/display.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {(frames: Frame[], options: any, interpolate: (text: string) => string) => Frame[]} Transformation */

/** @type {Record<string, Transformation>} */
const named = {
    calculateField, concatenate, convertFieldType, extractFields, formatTime, joinByLabels, labelsToFields, organize, renameByRegex, timeSeriesTable,
    filterFieldsByName: filterFields,
    filterByRefId: (frames, { include, exclude }) => frames.filter((frame) => (include
        ? toRegExp(include)?.test(frame.refId) : !toRegExp(exclude ?? '$^')?.test(frame.refId))),
    joinByField: (frames, options) => join(frames, options.byField, options.mode),
    merge: (frames) => (frames.length < 2 ? frames : [mergeFrames(frames)]),
    // Every series of ours is a frame of its own with its time already.
    prepareTimeSeries: (frames, options) => (options.format === 'wide' ? join(frames, undefined, 'outer') : frames),
    seriesToColumns: (frames, options) => join(frames, options.byField, 'outer'),
    seriesToRows: (frames) => [seriesToRows(frames)],
};
/** A file may name a step `constructor`. */
export const transformations = new Map(Object.entries(named));

/**
 * Loads what the steps need beyond the most common transformations; to be done before they are applied.
 * @param {{id: string}[]} steps
 */
export async function loadTransformations(steps) {
    if (steps.every((step) => transformations.has(step.id))) return;
    const { filterByValue, groupBy, groupingToMatrix, histogram, limit, partitionByValues, reduceFrames, rowsToFields, sortBy, transpose } = await import('./transform-rows.js');
    const more = { filterByValue, groupBy, groupingToMatrix, histogram, limit, partitionByValues, reduce: reduceFrames, rowsToFields, sortBy, transpose };
    for (const [id, transformation] of Object.entries(more)) transformations.set(id, transformation);
}

/**
 * @param {Frame[]} frames
 * @param {{id: string, options: any, disabled?: boolean, filter?: any}[] | undefined} steps
 * @param {(text: string) => string} [interpolate]
 * @returns {{frames: Frame[], unknown: string[]}} `unknown`: ids of the steps that were left out
 */
export function transform(frames, steps, interpolate = (text) => text) {
    /** @type {string[]} */
    const unknown = [];
    let result = frames;
    for (const step of steps ?? []) {
        if (step.disabled) continue;
        const transformation = transformations.get(step.id);
        if (!transformation) {
            unknown.push(step.id);
            continue;
        }
        const wanted = step.filter?.id === 'byRefId' ? toRegExp(String(step.filter.options ?? '')) : undefined;
        const others = wanted ? result.filter((frame) => !wanted.test(frame.refId)) : [];
        const taken = wanted ? result.filter((frame) => wanted.test(frame.refId)) : result;
        try {
            result = [...transformation(taken, step.options ?? {}, interpolate), ...others];
        } catch {
            // Options of a wrong shape: the step is named like an unknown one, and the panel still shows its data.
            unknown.push(step.id);
        }
    }
    return { frames: result, unknown };
}
