// Resolves a dashboard's variables in the order of their dependencies.

import { parseFilter } from './adhoc.js';
import { referencedNames, interpolate } from './interpolate.js';
import { findSource, kindOf } from '../data/sources.js';
import * as prometheus from '../data/prometheus.js';
import { toRegExp } from '../format/display.js';
import { isAbort, messageOf } from '../api.js';
import { formatDuration, intervalFor, parseDuration } from '../time/range.js';

/** @typedef {import('../types/model').Variable} Variable */
/** @typedef {import('../types/model').VariableState} VariableState */
/** @typedef {import('../types/model').VariableValue} VariableValue */
/** @typedef {import('../types/model').VariableOption} VariableOption */
/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('../types/model').TimeRange} TimeRange */

export const allValue = '$__all';

/**
 * @param {{variables: Variable[], params: URLSearchParams, sources: DataSource[], range: TimeRange, signal: AbortSignal}} context
 * @returns {Promise<VariableState[]>} in the order of the dashboard
 */
export async function resolveVariables({ variables, params, sources, range, signal }) {
    /** @type {Map<string, Promise<VariableState>>} */
    const started = new Map();
    /** @type {Record<string, VariableValue>} */
    const values = {};
    const byName = new Map(variables.map((variable) => [variable.name, variable]));
    /** @param {Variable} variable @param {string[]} path @returns {Promise<VariableState>} */
    const start = (variable, path) => {
        const running = started.get(variable.name);
        if (running) return running;
        const text = `${queryText(variable)} ${sourceText(variable)} ${variable.regex ?? ''}`;
        // A variable that depends on itself through others sees them as they stand instead of waiting for ever.
        const needed = [...referencedNames(text)].map((name) => byName.get(name))
            .filter((other) => other && !path.includes(other.name) && other.name !== variable.name);
        const resolving = Promise.all(needed.map((other) => start(/** @type {Variable} */ (other), [...path, variable.name])))
            .then(() => resolveOne({ variable, values, params, sources, range, signal }))
            .then((state) => {
                values[variable.name] = state.value;
                return state;
            });
        started.set(variable.name, resolving);
        return resolving;
    };
    return Promise.all(variables.map((variable) => start(variable, [])));
}

/** @param {Variable} variable */
function queryText(variable) {
    const { query } = variable;
    if (typeof query === 'string') return query;
    return String(query?.query ?? query?.expr ?? variable.definition ?? '');
}

/** @param {Variable} variable */
function sourceText(variable) {
    const source = variable.datasource;
    return typeof source === 'string' ? source : source?.uid ?? '';
}

/**
 * @param {{variable: Variable, values: Record<string, VariableValue>, params: URLSearchParams, sources: DataSource[], range: TimeRange, signal: AbortSignal}} context
 * @returns {Promise<VariableState>}
 */
async function resolveOne({ variable, values, params, sources, range, signal }) {
    const scope = { variables: values, range };
    /** @type {VariableOption[]} */
    let options = [];
    let error;
    try {
        if (variable.type === 'query') options = await queryOptions({ variable, scope, sources, range, signal });
        else if (variable.type === 'custom') options = await choicesOf(variable, interpolate(queryText(variable), scope));
        else if (variable.type === 'interval') options = intervalOptions(variable, range);
        else if (variable.type === 'datasource') options = sourceOptions(variable, sources);
    } catch (failure) {
        if (isAbort(failure)) throw failure;
        error = messageOf(failure);
    }
    if (variable.type === 'adhoc') return { variable, options, value: adhocValue(variable, params, sources, scope) };
    return { variable, options, error, value: chooseValue(variable, options, params, scope) };
}

/**
 * @param {Variable} variable @param {URLSearchParams} params @param {DataSource[]} sources @param {any} scope
 * @returns {VariableValue}
 */
function adhocValue(variable, params, sources, scope) {
    const given = params.getAll(`var-${variable.name}`).flatMap((text) => parseFilter(text) ?? []);
    const stored = [...variable.baseFilters ?? [], ...variable.filters ?? []].flatMap((one) => parseFilter(`${one?.key}|${one?.operator}|${one?.value}`) ?? []);
    let sourceUid;
    try {
        sourceUid = findSource(sources, variable.datasource, (text) => interpolate(text, scope)).uid;
    } catch {
        sourceUid = undefined;
    }
    return { values: [], texts: [], isAll: false, multi: false, sourceUid, filters: params.has(`var-${variable.name}`) ? given : stored };
}

/** @param {any} context @returns {Promise<VariableOption[]>} */
async function queryOptions({ variable, scope, sources, range, signal }) {
    const replace = (/** @type {string} */ text) => interpolate(text, scope);
    const source = findSource(sources, variable.datasource, replace);
    const text = interpolate(queryText(variable), { ...scope, intervalMs: 60_000, rateIntervalMs: 60_000 }, 'promql').trim();
    const kind = kindOf(source.type);
    let found;
    if (kind === 'prometheus') found = await prometheusValues(source.uid, text, range, signal);
    else if (kind === 'loki') found = await lokiValues(source.uid, variable.query, text, range, signal);
    else if (kind === 'tempo') found = await (await import('../data/tempo.js')).tagValues(source.uid, String(variable.query?.label ?? text), signal);
    else throw new Error(`Variables over data sources of type “${source.type}” are not supported.`);
    const regex = interpolate(variable.regex ?? '', scope);
    const order = (/** @type {any} */ list) => sorted(list, variable.sort ?? 0);
    if (!variable.staticOptions && variable.regexApplyTo !== 'text') return order(filtered(found, regex));
    const rare = await import('./rare-variables.js');
    const shown = variable.regexApplyTo === 'text' && regex ? rare.shownAs(filtered(found, ''), toRegExp(regex)) : filtered(found, regex);
    return rare.withStatic(order(shown), variable, order);
}

/**
 * @param {string} uid
 * @param {string} text
 * @param {TimeRange} range
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>}
 */
async function prometheusValues(uid, text, range, signal) {
    const values = /^label_values\((?:(.+),\s*)?([\w.:]+|"[^"]*")\s*\)$/s.exec(text);
    if (values) {
        const selector = values[1]?.trim();
        const label = values[2].replace(/^"|"$/g, '');
        return prometheus.labelValues(uid, label, selector ? [selector] : [], range, signal);
    }
    const names = /^label_names\((.*)\)$/s.exec(text);
    if (names) return prometheus.labelNames(uid, names[1].trim() ? [names[1].trim()] : [], range, signal);
    const metrics = /^metrics\((.*)\)$/s.exec(text);
    if (metrics) {
        const pattern = toRegExp(metrics[1].trim());
        const all = await prometheus.labelValues(uid, '__name__', [], range, signal);
        return all.filter((name) => pattern?.test(name));
    }
    const result = /^query_result\((.*)\)$/s.exec(text);
    if (result) {
        const answer = await prometheus.queryInstant({ uid, expr: result[1].trim(), timeMs: range.to, signal });
        return answer.series.map(({ metric, value }) => `${prometheus.seriesText(metric)} ${value?.[1]} ${Math.round((value?.[0] ?? 0) * 1000)}`);
    }
    if (text === '') return [];
    if (/^[\w:]*(\{.*\})?$/s.test(text)) return (await import('./rare-variables.js')).seriesOf(uid, text, range, signal);
    throw new Error(`“${text}” is no query for a variable: use label_values(), label_names(), metrics(), query_result() or a selector.`);
}

/** @param {string} uid @param {any} query @param {string} text @param {TimeRange} range @param {AbortSignal} signal */
async function lokiValues(uid, query, text, range, signal) {
    const loki = await import('../data/loki.js');
    const call = /^label_values\((?:(.+),\s*)?([\w.]+)\s*\)$/s.exec(text);
    if (call) return loki.labelValues(uid, call[2], range, call[1]?.trim(), signal);
    if (typeof query === 'object' && query?.label) return loki.labelValues(uid, query.label, range, query.stream || undefined, signal);
    return loki.labelNames(uid, range, signal);
}

/**
 * @param {string[]} values
 * @param {string} regex `/…/` with an optional group, or named groups value and text
 * @returns {VariableOption[]}
 */
function filtered(values, regex) {
    const pattern = regex ? toRegExp(regex) : undefined;
    /** @type {Map<string, VariableOption>} */
    const options = new Map();
    for (const one of values) {
        const match = pattern ? new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(one) : undefined;
        if (pattern && !match) continue;
        const value = match?.groups?.value ?? match?.groups?.text ?? match?.[1] ?? one;
        const text = match?.groups?.text ?? value;
        if (!options.has(value)) options.set(value, { text, value });
    }
    return [...options.values()];
}

/**
 * @param {VariableOption[]} options
 * @param {number} sort 0 as they come, 1–2 by name, 3–4 by number, 5–6 by name in any case
 */
function sorted(options, sort) {
    if (sort === 0) return options;
    const number = (/** @type {string} */ text) => Number(/(-?\d+(?:\.\d+)?)/.exec(text)?.[1] ?? NaN);
    /** @type {(a: VariableOption, b: VariableOption) => number} */
    const compare = sort <= 2 ? (a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)
        : sort <= 4 ? (a, b) => (number(a.text) || 0) - (number(b.text) || 0)
            : sort <= 6 ? (a, b) => a.text.toLowerCase().localeCompare(b.text.toLowerCase())
                : (a, b) => a.text.localeCompare(b.text, undefined, { numeric: true });
    const order = [...options].sort(compare);
    return sort % 2 === 0 ? order.reverse() : order;
}

/**
 * `a, b : label, c\, d`.
 * @param {string} text
 * @returns {VariableOption[]}
 */
function customOptions(text) {
    return [...text.matchAll(/(?:\\,|[^,])+/g)].map(([part]) => {
        const [, label, value] = /^\s*(.+?)\s+:\s+(.+?)\s*$/s.exec(part) ?? [];
        const plain = (value ?? part).trim().replace(/\\,/g, ',');
        return { text: label ?? plain, value: plain };
    }).filter((option) => option.value !== '');
}

/** @param {Variable} variable @param {string} text */
async function choicesOf(variable, text) {
    return variable.valuesFormat === 'json' ? (await import('./rare-variables.js')).jsonOptions(text) : customOptions(text);
}

/** @param {Variable} variable @param {TimeRange} range @returns {VariableOption[]} */
function intervalOptions(variable, range) {
    const options = customOptions(queryText(variable));
    if (variable.auto) {
        const least = parseDuration(variable.auto_min ?? '10s') || 10_000;
        const value = formatDuration(intervalFor(range, variable.auto_count ?? 30, least));
        options.unshift({ text: 'auto', value });
    }
    return options;
}

/** @param {Variable} variable @param {DataSource[]} sources @returns {VariableOption[]} */
function sourceOptions(variable, sources) {
    const kind = kindOf(queryText(variable));
    const pattern = variable.regex ? toRegExp(variable.regex) : undefined;
    return sources.filter((source) => kindOf(source.type) === kind && (!pattern || pattern.test(source.name)))
        .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
        .map((source) => ({ text: source.name, value: source.uid }));
}

/**
 * The value in force: the address, then the dashboard's own choice if it still exists, then All, then the first.
 * @param {Variable} variable @param {VariableOption[]} options @param {URLSearchParams} params @param {any} scope
 * @returns {VariableValue}
 */
function chooseValue(variable, options, params, scope) {
    const multi = Boolean(variable.multi || variable.includeAll);
    const fromAddress = params.getAll(`var-${variable.name}`);
    if (variable.type === 'constant' || variable.type === 'textbox') {
        const text = variable.type === 'textbox' && fromAddress.length > 0 ? fromAddress[0]
            : interpolate(String(variable.current?.value ?? queryText(variable) ?? ''), scope);
        return { values: [text], texts: [text], isAll: false, multi: false };
    }
    const known = new Map(options.map((option) => [option.value, option]));
    const stored = [variable.current?.value ?? []].flat().map(String).filter((value) => value !== '');
    const isAllText = (/** @type {string} */ value) => value === allValue || value === 'All' || value === 'all';
    const all = () => ({
        values: options.map((option) => option.value), texts: options.map((option) => option.text), isAll: true,
        allValue: variable.allValue ? interpolate(variable.allValue, scope) : null, multi: true,
    });
    if (fromAddress.length > 0) {
        if (variable.includeAll && fromAddress.some(isAllText) && !known.has(fromAddress[0])) return all();
        return chosen(fromAddress.map((value) => known.get(value) ?? byText(options, value) ?? { text: value, value }), multi);
    }
    if (variable.includeAll && stored.some(isAllText)) return all();
    const storedOptions = stored.map((value) => known.get(value) ?? byText(options, value)).filter(Boolean);
    if (storedOptions.length > 0) return chosen(/** @type {VariableOption[]} */ (storedOptions), multi);
    if (variable.includeAll && variable.multi) return all();
    return chosen(options.slice(0, 1), multi);
}

/** @param {VariableOption[]} options @param {string} text */
function byText(options, text) {
    return options.find((option) => option.text === text);
}

/** @param {VariableOption[]} options @param {boolean} multi @returns {VariableValue} */
function chosen(options, multi) {
    const taken = multi ? options : options.slice(0, 1);
    return { values: taken.map((one) => one.value), texts: taken.map((one) => one.text), isAll: false, multi };
}
