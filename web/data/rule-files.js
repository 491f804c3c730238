// Groups of rules read and written through the servers' own API: Mimir's shape on sources of metrics, Loki's on sources of logs.

import { ApiError, messageOf, proxied, request } from '../api.js';
import { kindOf } from './sources.js';
import { parseYaml, writeYaml } from './yaml.js';

/** @typedef {import('../types/model').DataSource} DataSource */
/**
 * Keys as the files have them; those that nobody here knows stay.
 * @typedef {{alert?: string, record?: string, expr: string, for?: string, keep_firing_for?: string, labels?: Record<string, string>, annotations?: Record<string, string>, [key: string]: any}} FileRule
 * @typedef {{name: string, interval?: string, rules: FileRule[], [key: string]: any}} FileGroup
 * @typedef {{writable: boolean, reason: string, namespaces: Record<string, FileGroup[]>}} RuleFiles `reason`: why nothing can be written
 */

/** @param {DataSource} source @param {string[]} names */
function pathOf(source, ...names) {
    const root = kindOf(source.type) === 'loki' ? '/loki/api/v1/rules' : '/config/v1/rules';
    return proxied(source.uid, [root, ...names.map(encodeURIComponent)].join('/'));
}

/**
 * How the writing of rules is turned on.
 * @param {DataSource} source
 */
export function howToTurnOn(source) {
    return kindOf(source.type) === 'loki' ? 'Give martlet-logs a directory of rules that it may write to (ruler.storage.local.directory, with ruler.enable_api on, as it is by default).'
        : 'Start martlet-metrics with --rules.path DIRECTORY; rules that are written here are kept there.';
}

/** @param {DataSource} source @param {AbortSignal} [signal] @returns {Promise<RuleFiles>} */
export async function readRuleFiles(source, signal) {
    try {
        const body = await request(pathOf(source), { signal, headers: { Accept: 'application/yaml' } });
        return { writable: true, reason: '', namespaces: groupsOf(typeof body === 'string' ? parseYaml(body) : body) };
    } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 403 || error.status === 405)) {
            const text = messageOf(error);
            // Loki's word for: nothing is written yet.
            if (text === 'no rule groups found') return { writable: true, reason: '', namespaces: {} };
            return { writable: false, reason: error.status === 403 ? text : '', namespaces: {} };
        }
        throw error;
    }
}

/** @param {any} value namespaces with lists of groups @returns {Record<string, FileGroup[]>} */
function groupsOf(value) {
    /** @type {Record<string, FileGroup[]>} */
    const namespaces = {};
    for (const [name, groups] of Object.entries(value && typeof value === 'object' ? value : {})) {
        namespaces[name] = (Array.isArray(groups) ? groups : []).map(groupOf);
    }
    return namespaces;
}

/** @param {any} value a group as its file has it @returns {FileGroup} */
export function groupOf(value) {
    if (!value || typeof value !== 'object' || Array.isArray(value)) throw new Error('A group is a mapping with a name and rules.');
    return { ...value, name: String(value.name ?? ''), rules: (Array.isArray(value.rules) ? value.rules : []).filter((/** @type {any} */ rule) => rule && typeof rule === 'object') };
}

/**
 * A group as the text that is sent and shown: keys in the order in which people write them, nothing that says nothing.
 * @param {FileGroup} group
 */
export function groupText(group) {
    const { name, rules, ...rest } = group;
    return writeYaml({ name, ...said(rest), rules: rules.map(ruleOrder) });
}

/** @param {FileRule} rule */
function ruleOrder({ alert, record, expr, for: holds, keep_firing_for: keeps, labels, annotations, ...rest }) {
    return said({ alert, record, expr, for: holds, keep_firing_for: keeps, ...rest, labels, annotations });
}

/** @param {Record<string, any>} values */
function said(values) {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '' && !(value && typeof value === 'object' && Object.keys(value).length === 0)));
}

/** @param {DataSource} source @param {string} namespace @param {string} text of one group @returns {Promise<void>} */
export async function writeGroup(source, namespace, text) {
    await request(pathOf(source, namespace), { text, headers: { 'Content-Type': 'application/yaml' } });
}

/** @param {DataSource} source @param {string} namespace @param {string} group @returns {Promise<void>} */
export async function deleteGroup(source, namespace, group) {
    await request(pathOf(source, namespace, group), { method: 'DELETE' });
}

/**
 * Where a server's complaint about a group belongs.
 * @param {string} message such as `3:5: group "g", rule 2, "A": could not parse expression: 1:4: parse error`
 * @returns {{rule?: number, field: 'expr' | 'name' | 'labels' | 'annotations' | 'for' | 'group' | 'interval' | '', text: string}[]} `rule`: its position, from 0
 */
export function complaintsOf(message) {
    return message.split(/\n|, (?=\d+:\d+: group )/).filter((line) => line.trim() !== '').map((line) => {
        const found = /^(?:.*?)?(?:\d+:\d+: )?group "(?:[^"\\]|\\.)*", rule (\d+), "(?:[^"\\]|\\.)*": ([^]*)$/.exec(line);
        const text = (found?.[2] ?? line).replace(/^(?:the rule group:)?\d+:\d+: /, '');
        return { rule: found ? Number(found[1]) - 1 : undefined, field: fieldOf(text), text };
    });
}

/** @param {string} text @returns {ReturnType<typeof complaintsOf>[0]['field']} */
function fieldOf(text) {
    if (/parse expression|field 'expr'|^expr\b/.test(text)) return 'expr';
    if (/annotation/.test(text) && !/recording rule/.test(text)) return 'annotations';
    if (/label/.test(text)) return 'labels';
    if (/Groupname|groupname/.test(text)) return 'group';
    if (/\binterval\b/.test(text)) return 'interval';
    if (/\bfor\b'?|keep_firing_for/.test(text) && /duration|recording rule|for:/.test(text)) return 'for';
    if (/recording rule name|alert rule name|'record' (?:and|or) 'alert'|'record' or 'alert'/.test(text)) return 'name';
    return '';
}
