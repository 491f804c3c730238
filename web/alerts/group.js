// One group of alerts as its receiver is told of it.

import { html } from '../vendor/preact.js';
import { matchersOf, matcherText } from '../data/alertmanager.js';
import { withParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';

/** @typedef {import('../data/alertmanager.js').Alert} Alert */

/** @param {{group: import('../data/alertmanager.js').Group}} properties */
export function AlertGroup({ group }) {
    const common = Object.entries(group.labels);
    return html`<section class="explore-card alert-group">
        <header><h2>${common.length > 0 ? common.map(([name, value]) => html`<span class="tag">${name}=${value}</span> `) : 'Alerts without a group'}</h2>
            <span class="muted">${group.alerts.length} · receiver ${group.receiver.name}</span></header>
        ${group.alerts.map((alert) => html`<${AlertRow} key=${alert.fingerprint} alert=${alert} />`)}
    </section>`;
}

/** @param {{alert: Alert}} properties */
function AlertRow({ alert }) {
    const { labels, annotations, status } = alert;
    const began = Date.parse(alert.startsAt);
    const says = annotations.summary ?? annotations.message ?? annotations.description ?? '';
    const rest = Object.entries(annotations).filter(([, text]) => text !== says);
    const silence = withParams('/alerts', { view: 'silences', new: matchersOf(labels).map(matcherText).join(', ') });
    return html`<article class="alert-row">
        <span class="dot ${status.state === 'active' ? 'bad' : ''}" title=${status.state}></span>
        <div class="alert-what">
            <div><b>${labels.alertname ?? 'unnamed'}</b> ${says}</div>
            ${rest.map(([name, text]) => html`<div class="muted">${name}: ${text}</div>`)}
            <div class="alert-labels">${Object.entries(labels).filter(([name]) => name !== 'alertname').map(([name, value]) => html`<a class="tag" title="Only these"
                href=${withParams('/alerts', { filter: matcherText({ name, value, isRegex: false, isEqual: true }) })}>${name}=${value}</a>`)}</div>
        </div>
        <div class="alert-when"><span title=${dateTime(began)}>${fromNow(began)}</span>
            ${suppressed(status).map((text) => html`<span class="muted">${text}</span>`)}
            ${/^https?:/.test(alert.generatorURL ?? '') && html`<a href=${alert.generatorURL} target="_blank" rel="noreferrer">Source</a>`}
            ${status.silencedBy.length === 0 && html`<a class="button small" href=${silence}>Silence</a>`}</div>
    </article>`;
}

/** @param {Alert['status']} status */
function suppressed(status) {
    return [status.silencedBy.length > 0 && 'silenced', status.inhibitedBy.length > 0 && 'inhibited', (status.mutedBy ?? []).length > 0 && 'muted by time'].filter(Boolean);
}
