// From a panel to the rule that watches what it shows.

import { findSource, kindOf } from '../data/sources.js';
import { interpolate } from '../dashboard/interpolate.js';
import { isMetricQuery } from '../data/loki.js';
import { thresholdOf } from '../data/threshold.js';
import { withParams } from '../router.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Scope} Scope */

/**
 * The address of a new rule with a panel's first query, and with its threshold where the query compares nothing.
 * @param {Panel} panel @param {string} title @param {Scope} scope @param {import('../types/model').DataSource[]} sources
 * @returns {string | undefined} nothing for a panel without a query over metrics or logs
 */
export function newRuleHref(panel, title, scope, sources) {
    for (const target of panel.targets ?? []) {
        const text = String(target.expr ?? target.query ?? '').trim();
        if (target.hide || text === '') continue;
        let source;
        try {
            source = findSource(sources, target.datasource ?? panel.datasource, (reference) => interpolate(reference, scope));
        } catch {
            continue;
        }
        const kind = kindOf(source.type);
        if (kind !== 'prometheus' && kind !== 'loki') continue;
        // A rule has no screen whose width decides: five minutes smooth what is scraped each minute or more often.
        const query = interpolate(text, { ...scope, rateIntervalMs: 300_000, intervalMs: 60_000 }, 'promql').trim();
        const expr = watched(query, kind, limitOf(panel));
        const dashboard = scope.dashboard?.uid ? `${window.location.origin}/d/${encodeURIComponent(scope.dashboard.uid)}?viewPanel=${panel.id}` : undefined;
        return withParams('/alerts', { view: 'edit', source: source.uid, expr, name: nameOf(title || panel.type), for: '5m', summary: title || undefined, dashboard_url: dashboard });
    }
    return undefined;
}

/** @param {string} query @param {string} kind @param {number | undefined} limit */
function watched(query, kind, limit) {
    if (kind === 'loki' && !isMetricQuery(query)) return `sum(count_over_time(${query} [5m])) > ${limit ?? 0}`;
    if (limit === undefined || thresholdOf(kind === 'loki' ? 'logql' : 'promql', query)) return query;
    return `${/\b(?:and|or|unless)\b/i.test(query) ? `(${query})` : query} > ${limit}`;
}

/**
 * The last threshold of a panel that stands for something bad.
 * @param {Panel} panel
 */
function limitOf(panel) {
    const thresholds = panel.fieldConfig?.defaults?.thresholds;
    const style = panel.fieldConfig?.defaults?.custom?.thresholdsStyle?.mode ?? 'off';
    // Every panel of Grafana has the threshold 80 of its editor, shown or not.
    if (!thresholds || thresholds.mode === 'percentage' || (panel.type === 'timeseries' && style === 'off')) return undefined;
    const values = thresholds.steps.filter((step) => typeof step.value === 'number' && !/green|transparent|blue/.test(step.color));
    return values.length > 0 ? Number(values[values.length - 1].value) : undefined;
}

/**
 * `Errors by service (5m)` → `ErrorsByService5m`.
 * @param {string} title
 */
export function nameOf(title) {
    const words = title.replace(/\$\w+|\$\{[^}]*\}/g, ' ').match(/[\p{L}\p{N}]+/gu) ?? ['Alert'];
    return words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}
