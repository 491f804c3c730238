// What few variables need: series as values, patterns for the text shown, options that are always there, choices written as JSON.

import { proxied, request } from '../api.js';

/** @typedef {import('../types/model').VariableOption} VariableOption */
/** @typedef {import('../types/model').Variable} Variable */

/**
 * A selector stands for the series that it matches.
 * @param {string} uid @param {string} selector @param {import('../types/model').TimeRange} range @param {AbortSignal} signal
 * @returns {Promise<string[]>} as PromQL writes them
 */
export async function seriesOf(uid, selector, range, signal) {
    const answer = await request(proxied(uid, '/api/v1/series', { 'match[]': selector, start: range.from / 1000, end: range.to / 1000, limit: 1000 }), { signal });
    return (Array.isArray(answer?.data) ? answer.data : []).map((/** @type {Record<string, string>} */ { __name__: name = '', ...labels }) => `${name}{${Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}}`);
}

/**
 * A pattern that changes only what is shown.
 * @param {VariableOption[]} options @param {RegExp | undefined} pattern none where it does not parse
 */
export function shownAs(options, pattern) {
    if (!pattern) return options;
    const once = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
    return options.flatMap((option) => {
        const match = once.exec(option.text);
        return match ? [{ ...option, text: match.groups?.text ?? match[1] ?? option.text }] : [];
    });
}

/**
 * Options that the dashboard names, before, after or among those that were found.
 * @param {VariableOption[]} found sorted @param {Variable} variable @param {(options: VariableOption[]) => VariableOption[]} sort
 */
export function withStatic(found, { staticOptions, staticOptionsOrder }, sort) {
    const own = optionsOf(staticOptions);
    const others = found.filter((one) => !own.some(({ value }) => value === one.value));
    return staticOptionsOrder === 'after' ? [...others, ...own] : staticOptionsOrder === 'sorted' ? sort([...own, ...others]) : [...own, ...others];
}

/**
 * Choices written as a JSON list of texts, or of objects with a value and a text.
 * @param {string} text @returns {VariableOption[]}
 */
export function jsonOptions(text) {
    const list = JSON.parse(text);
    if (!Array.isArray(list)) throw new Error('The choices of this variable must be a JSON list.');
    return optionsOf(list);
}

/** @param {any} list @returns {VariableOption[]} */
function optionsOf(list) {
    return (Array.isArray(list) ? list : []).flatMap((/** @type {any} */ one) => {
        const value = one !== null && typeof one === 'object' ? one.value ?? one.text : one;
        return value === undefined || value === null ? [] : [{ value: String(value), text: String(one?.text ?? one?.label ?? value) }];
    });
}
