// The rules of all sources that evaluate any, in one shape, and what they are narrowed by.

import { messageOf, proxied, request } from '../api.js';
import { matchesAll } from './alertmanager.js';
import { kindOf } from './sources.js';

/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {{labels: Record<string, string>, annotations: Record<string, string>, state: string, since: number, value: string}} ActiveAlert `since`: milliseconds */
/**
 * @typedef {{source: DataSource, file: string, namespace: string, group: string, interval: number, index: number, kind: 'alerting' | 'recording', name: string,
 *   expr: string, holds: number, keeps: number, labels: Record<string, string>, annotations: Record<string, string>, state: string, health: string, error: string,
 *   evaluatedAt: number, took: number, alerts: ActiveAlert[]}} Rule
 *   `file`: as the server names it, `namespace`: as people do; `interval`, `holds`, `keeps`, `took`: seconds; `evaluatedAt`: milliseconds, 0 when never;
 *   `state`: firing, pending, inactive, unknown; of a recording rule `recording`
 */

/**
 * Sources that may evaluate rules.
 * @param {DataSource[]} sources
 */
export function rulers(sources) {
    return sources.filter((source) => ['prometheus', 'loki'].includes(kindOf(source.type)));
}

/**
 * @param {DataSource[]} sources
 * @param {AbortSignal} [signal]
 * @returns {Promise<{rules: Rule[], problems: {source: string, text: string}[]}>} a source that does not answer is a problem, not a failure
 */
export async function loadRules(sources, signal) {
    /** @type {{source: string, text: string}[]} */
    const problems = [];
    const found = await Promise.all(rulers(sources).map(async (source) => {
        const path = kindOf(source.type) === 'loki' ? '/prometheus/api/v1/rules' : '/api/v1/rules';
        try {
            return rulesOf(await request(proxied(source.uid, path), { signal }), source);
        } catch (error) {
            if (signal?.aborted) throw error;
            problems.push({ source: source.name, text: messageOf(error) });
            return [];
        }
    }));
    return { rules: found.flat(), problems };
}

/**
 * @param {any} body answer of `/api/v1/rules`
 * @param {DataSource} source
 * @returns {Rule[]}
 */
export function rulesOf(body, source) {
    const groups = body?.data?.groups;
    if (!Array.isArray(groups)) throw new Error('The data source answers something else than a list of rules.');
    return groups.flatMap((/** @type {any} */ group) => (Array.isArray(group?.rules) ? group.rules : []).map((/** @type {any} */ rule, /** @type {number} */ index) => {
        const isAlert = rule?.type === 'alerting' || (rule?.type === undefined && Array.isArray(rule?.alerts));
        return {
            source, file: String(group.file ?? ''), namespace: namespaceOf(String(group.file ?? '')), group: String(group.name ?? ''), interval: Number(group.interval) || 0, index,
            kind: isAlert ? 'alerting' : 'recording', name: String(rule?.name ?? ''), expr: String(rule?.query ?? ''), holds: Number(rule?.duration) || 0, keeps: Number(rule?.keepFiringFor) || 0,
            labels: rule?.labels ?? {}, annotations: rule?.annotations ?? {}, state: isAlert ? String(rule.state ?? 'unknown') : 'recording', health: String(rule?.health ?? 'unknown'),
            error: String(rule?.lastError ?? ''), evaluatedAt: moment(rule?.lastEvaluation), took: Number(rule?.evaluationTime) || 0,
            alerts: (isAlert && Array.isArray(rule.alerts) ? rule.alerts : []).map((/** @type {any} */ alert) => ({
                labels: alert?.labels ?? {}, annotations: alert?.annotations ?? {}, state: String(alert?.state ?? ''), since: moment(alert?.activeAt), value: String(alert?.value ?? ''),
            })),
        };
    }));
}

/**
 * Go's zero time is none.
 * @param {any} text
 */
function moment(text) {
    const time = Date.parse(String(text ?? ''));
    return time > 0 ? time : 0;
}

/**
 * The namespace that a file of rules is: its name without directory and extension, decoded as the servers write it.
 * @param {string} file
 */
export function namespaceOf(file) {
    if (!file.includes('/')) return file;
    const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
    try {
        return decodeURIComponent(name);
    } catch {
        return name;
    }
}

/**
 * What a rule's row is painted by.
 * @param {Rule} rule
 */
export function toneOf(rule) {
    if (rule.health === 'err') return 'error';
    return rule.state;
}

/** States of the filter, with what they are called. */
export const ruleStates = [['firing', 'Firing'], ['pending', 'Pending'], ['inactive', 'Inactive'], ['error', 'Fails'], ['recording', 'Recording']];

/**
 * @typedef {{text?: string, state?: string, severity?: string, namespace?: string, source?: string, matchers?: import('./alertmanager.js').Matcher[]}} RuleFilter
 * @param {Rule[]} rules
 * @param {RuleFilter} filter
 */
export function filteredRules(rules, { text = '', state = '', severity = '', namespace = '', source = '', matchers = [] }) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return rules.filter((rule) => {
        if (state !== '' && !(state === 'error' ? rule.health === 'err' : rule.state === state || (state === 'inactive' && rule.state === 'unknown'))) return false;
        if ((severity !== '' && rule.labels.severity !== severity) || (namespace !== '' && rule.namespace !== namespace) || (source !== '' && rule.source.uid !== source)) return false;
        if (matchers.length > 0) {
            const own = { ...rule.labels, alertname: rule.name };
            if (!matchesAll(own, matchers) && !rule.alerts.some((alert) => matchesAll(alert.labels, matchers))) return false;
        }
        if (words.length === 0) return true;
        const all = [rule.name, rule.group, rule.namespace, rule.expr, ...Object.entries(rule.labels).flat(), ...Object.values(rule.annotations)].join('\n').toLowerCase();
        return words.every((word) => all.includes(word));
    });
}

/**
 * Rules in their groups, each group in front of its rules.
 * @param {Rule[]} rules
 * @returns {({group: Rule, count: number, rule?: undefined} | {rule: Rule, group?: undefined})[]}
 */
export function groupedRules(rules) {
    /** @type {Map<string, Rule[]>} */
    const groups = new Map();
    for (const rule of rules) {
        const key = JSON.stringify([rule.source.uid, rule.file, rule.group]);
        const known = groups.get(key);
        if (known) known.push(rule);
        else groups.set(key, [rule]);
    }
    return [...groups.values()].flatMap((own) => [{ group: own[0], count: own.length }, ...own.map((rule) => ({ rule }))]);
}

/**
 * The rules that an address means: one where it says all, several where it has but a name.
 * @param {Rule[]} rules
 * @param {URLSearchParams} params
 */
export function rulesNamed(rules, params) {
    const asks = (/** @type {string} */ name, /** @type {string} */ own) => !params.has(name) || params.get(name) === own;
    const found = rules.filter((rule) => rule.name === (params.get('rule') ?? '') && asks('source', rule.source.uid) && asks('file', rule.file) && asks('group', rule.group));
    const exact = found.filter((rule) => params.get('index') === String(rule.index));
    return exact.length > 0 ? exact : found;
}

/**
 * What makes a rule the one that is meant, for an address.
 * @param {Rule} rule
 */
export function addressOf(rule) {
    return { source: rule.source.uid, file: rule.file, group: rule.group, rule: rule.name, index: String(rule.index) };
}

/**
 * Values of what rules are filtered by, each once, sorted.
 * @param {Rule[]} rules @param {(rule: Rule) => string | undefined} of
 */
export function choicesOf(rules, of) {
    return [...new Set(rules.map(of))].filter((/** @type {string | undefined} */ one) => one !== undefined && one !== '').map(String).sort((a, b) => a.localeCompare(b));
}
