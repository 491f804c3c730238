// Which alerts fire, by the rules of the Prometheus sources.

import { html } from '../vendor/preact.js';
import { messageOf, proxied, request } from '../api.js';
import { interpolate } from '../dashboard/interpolate.js';
import { kindOf } from '../data/sources.js';
import { shortened } from '../format/display.js';
import { fromNow } from '../time/format.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { alertsOf, chosenAlerts } from './alerts.js';

/**
 * @param {{panel: import('../types/model').Panel, scope: import('../types/model').Scope, sources: import('../types/model').DataSource[]}} properties
 */
export function AlertListPanel({ panel, scope, sources }) {
    const { options } = panel;
    const wanted = String(options.datasource ?? '');
    const asked = sources.filter((source) => kindOf(source.type) === 'prometheus' && (wanted === '' || wanted === source.name || wanted === source.uid));
    const loaded = useLoad(async (signal) => {
        /** @type {string[]} */
        const problems = [];
        const found = await Promise.all(asked.map((source) => request(proxied(source.uid, '/api/v1/rules', { type: 'alert' }), { signal })
            .then((body) => alertsOf(body, source.name), (error) => {
                problems.push(`${source.name}: ${messageOf(error)}`);
                return [];
            })));
        return { alerts: found.flat(), problems };
    }, [scope.range, wanted, sources]);
    if (loaded.error) return html`<${Message}>${loaded.error}</${Message}>`;
    if (!loaded.value) return null;
    const { alerts, problems } = loaded.value;
    const text = (/** @type {any} */ one) => interpolate(String(one ?? ''), scope, 'text');
    const chosen = chosenAlerts(alerts, { ...options, alertName: text(options.alertName), alertInstanceLabelFilter: interpolate(String(options.alertInstanceLabelFilter ?? ''), scope, 'promql') });
    if (options.viewMode === 'stat') return html`<div class="alert-count"><strong>${chosen.length}</strong></div>`;
    return html`<div class="item-list">
        ${problems.length > 0 && html`<${Message} tone="warn">${problems.join('\n')}</${Message}>`}
        ${chosen.length === 0 && html`<${Empty} title="No alerts">${alerts.length === 0 ? 'The sources have no alerting rules.' : 'No rule is in one of the chosen states.'}</${Empty}>`}
        ${chosen.map((alert) => html`<div class="item alert-${alert.state}"><span class="dot ${tone(alert.state)}"></span>
            <span class="name">${shortened(alert.name, 200)}</span><span class="about" title=${alert.error || alert.annotations.summary || ''}>${shortened(alert.error || alert.annotations.summary || pairs(alert.labels), 300)}</span>
            <span class="muted">${alert.state}${alert.since > 0 ? ` · ${fromNow(alert.since)}` : ''}</span></div>`)}
    </div>`;
}

/** @param {string} state */
function tone(state) {
    return state === 'normal' ? 'good' : state === 'pending' ? 'warn' : 'bad';
}

/** @param {Record<string, string>} labels */
function pairs(labels) {
    return Object.entries(labels).filter(([name]) => name !== 'alertname').map(([name, value]) => `${name}=${value}`).join(' ');
}
