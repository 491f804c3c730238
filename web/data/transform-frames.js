// What the transformations share: renamed fields, chosen rows, columns made from nothing.

import { displayName } from './fields.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

/** @param {Field} field @param {string} name @returns {Field} */
export function renamed(field, name) {
    return { ...field, config: { ...field.config, displayName: name, displayNameFromDS: undefined } };
}

/** @param {Frame} frame */
export function rowIndexes(frame) {
    return Array.from({ length: frame.rows }, (_, index) => index);
}

/** @param {Frame} frame @param {number[]} rows @returns {Frame} */
export function takeRows(frame, rows) {
    return { ...frame, rows: rows.length, fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row]) })) };
}

/** @param {string} name @param {any[]} values @param {Field['type']} [type] @returns {Field} */
export function column(name, values, type = 'string') {
    return { name, type, values, config: {} };
}

/** @param {Frame} frame @param {string | undefined} name as shown, or as the source calls it */
export function fieldNamed(frame, name) {
    return frame.fields.find((field) => displayName(field) === name) ?? frame.fields.find((field) => field.name === name);
}

/**
 * The type that values made elsewhere have.
 * @param {any[]} values
 * @returns {Field['type']}
 */
export function typeOf(values) {
    const present = values.filter((value) => value !== null && value !== undefined);
    return present.length > 0 && present.every((value) => typeof value === 'number') ? 'number' : 'string';
}

/** @param {Frame} frame */
export function timeOf(frame) {
    return frame.fields.find((field) => field.type === 'time');
}
