// The configured data sources, loaded once, and how dashboards refer to them.

import { request } from '../api.js';

/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('../types/model').Scope} Scope */

/** @type {Promise<DataSource[]> | undefined} */
let loading;

/** @returns {Promise<DataSource[]>} */
export function dataSources() {
    loading ??= request('/api/datasources').catch((error) => {
        loading = undefined;
        throw error;
    });
    return loading;
}

/** Forgets them, for the next user. */
export function forgetDataSources() {
    loading = undefined;
}

/**
 * Types which speak the same API; `supported.json` tells the server.
 * @type {Record<string, string>}
 */
export const kinds = {
    prometheus: 'prometheus', 'victoriametrics-metrics-datasource': 'prometheus', 'grafana-amazonprometheus-datasource': 'prometheus',
    loki: 'loki', tempo: 'tempo', alertmanager: 'alertmanager',
};

/** @param {string | undefined} type */
export function kindOf(type) {
    return kinds[type ?? ''] ?? type ?? '';
}

/** @param {DataSource[]} sources @param {string} kind @returns {DataSource | undefined} */
export function firstOfKind(sources, kind) {
    const same = sources.filter((source) => kindOf(source.type) === kind);
    return same.find((source) => source.isDefault) ?? same[0];
}

/**
 * The source that a panel, target or variable names; an unknown uid of a known type gets the first of that type,
 * since dashboards travel between installations.
 * @param {DataSource[]} sources
 * @param {any} reference uid, name, `{type, uid}` or nothing
 * @param {(text: string) => string} interpolate
 * @returns {DataSource}
 */
export function findSource(sources, reference, interpolate) {
    const fallback = sources.find((source) => source.isDefault) ?? sources[0];
    if (!fallback) throw new Error('No data source is configured.');
    const uid = interpolate(String((typeof reference === 'object' ? reference?.uid : reference) ?? ''));
    const type = typeof reference === 'object' ? reference?.type : undefined;
    if (uid === '' || uid === 'default' || uid === '-- Mixed --') {
        return (type ? firstOfKind(sources, kindOf(type)) : undefined) ?? fallback;
    }
    const exact = sources.find((source) => source.uid === uid) ?? sources.find((source) => source.name === uid);
    if (exact) return exact;
    const similar = type ? firstOfKind(sources, kindOf(type)) : undefined;
    if (similar) return similar;
    if (type === undefined && !uid.startsWith('$')) return fallback;
    throw new Error(`Data source “${uid}” is not configured here.`);
}
