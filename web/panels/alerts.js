// Rules of Prometheus' API → alerts as a list shows them.

import { matchesValue } from '../data/alertmanager.js';
import { compareValues } from '../data/compare.js';

/**
 * @typedef {{name: string, state: string, labels: Record<string, string>, annotations: Record<string, string>, since: number, source: string, error: string}} Alert
 *   since: milliseconds, 0 when it is not active
 */

/**
 * One entry per active alert, and one per rule that is quiet or fails.
 * @param {any} body answer of `/api/v1/rules`
 * @param {string} source name of the data source
 * @returns {Alert[]}
 */
export function alertsOf(body, source) {
    const groups = Array.isArray(body?.data?.groups) ? body.data.groups : [];
    return groups.flatMap((/** @type {any} */ group) => (Array.isArray(group?.rules) ? group.rules : [])).filter((/** @type {any} */ rule) => rule?.type === 'alerting' || Array.isArray(rule?.alerts))
        .flatMap((/** @type {any} */ rule) => {
            const common = { name: String(rule.name ?? ''), source, error: rule.health === 'err' ? String(rule.lastError ?? 'The rule fails.') : '' };
            const active = (rule.alerts ?? []).map((/** @type {any} */ alert) => ({
                ...common, state: String(alert.state ?? 'firing'), labels: alert.labels ?? {}, annotations: alert.annotations ?? {}, since: Date.parse(alert.activeAt) || 0,
            }));
            if (active.length > 0 && !common.error) return active;
            return [...active, { ...common, state: common.error ? 'error' : 'normal', labels: rule.labels ?? {}, annotations: rule.annotations ?? {}, since: 0 }].slice(0, active.length || 1);
        });
}

/** @type {Record<string, string>} */
const stateOf = { firing: 'firing', alerting: 'firing', pending: 'pending', normal: 'normal', inactive: 'normal', ok: 'normal', error: 'error', execution_error: 'error' };
const importance = ['firing', 'error', 'pending', 'normal'];

/**
 * @param {Alert[]} alerts @param {any} options of the panel
 * @returns {Alert[]} chosen and sorted, at most `maxItems`
 */
export function chosenAlerts(alerts, options) {
    const states = options.stateFilter && typeof options.stateFilter === 'object' && !Array.isArray(options.stateFilter) ? options.stateFilter : {};
    const name = String(options.alertName ?? '').toLowerCase();
    const filter = /^\s*\{(.*)\}\s*$/s.exec(String(options.alertInstanceLabelFilter ?? ''))?.[1] ?? '';
    const matchers = [...filter.matchAll(/([\w.]+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)];
    const found = alerts.filter((alert) => {
        const state = stateOf[alert.state] ?? alert.state;
        const wanted = Object.keys(states).length > 0 ? states[state] ?? states[alert.state] ?? false : state !== 'normal';
        return wanted && alert.name.toLowerCase().includes(name) && matchers.every(([, label, operator, value]) => matchesValue(alert.labels[label] ?? '', { name: label, value, isRegex: operator.endsWith('~'), isEqual: operator.startsWith('=') }));
    });
    const byName = (/** @type {Alert} */ a, /** @type {Alert} */ b) => compareValues(a.name, b.name);
    const byState = (/** @type {Alert} */ a, /** @type {Alert} */ b) => importance.indexOf(stateOf[a.state] ?? a.state) - importance.indexOf(stateOf[b.state] ?? b.state) || byName(a, b);
    const orders = [byState, byName, (/** @type {Alert} */ a, /** @type {Alert} */ b) => -byName(a, b), byState, (/** @type {Alert} */ a, /** @type {Alert} */ b) => a.since - b.since, (/** @type {Alert} */ a, /** @type {Alert} */ b) => b.since - a.since];
    return found.sort(orders[Number(options.sortOrder)] ?? byState).slice(0, Math.min(500, Number(options.maxItems) || 20));
}
