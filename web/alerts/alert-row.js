// One line of the list of alerts: a group, or an alert of the group above it.

import { html, useMemo } from '../vendor/preact.js';
import { matchersOf, matcherText } from '../data/alertmanager.js';
import { toldOf } from '../data/notifications.js';
import { kindOf } from '../data/sources.js';
import { RelatedLinks } from '../explore/related.js';
import { shortened } from '../format/display.js';
import { setParams, withParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';
import { Icon } from '../ui/icons.js';
import { Labels, Severity, summaryOf } from './labels.js';

/** @typedef {import('../data/alertmanager.js').Alert} Alert */
/** @typedef {import('../types/model').DataSource} DataSource */

/** @param {{group: import('../data/alertmanager.js').Group, told?: import('../data/notifications.js').Notifications}} properties */
export function GroupRow({ group, told }) {
    const common = Object.entries(group.labels);
    const last = toldOf(told, group);
    return html`<div class="group-row">
        <h3>${common.length > 0 ? html`<${Labels} labels=${group.labels} />` : 'Alerts without a group'}</h3>
        <span class="muted">${group.alerts.length} · receiver ${group.receiver.name}${last?.at ? html` · told <span title=${dateTime(last.at)}>${fromNow(last.at)}</span>` : ''}
            ${last?.error && html`<span class="bad-text" title=${last.error}> · cannot be told</span>`}</span>
    </div>`;
}

/**
 * The time in which an alert's other signals are of interest: from somewhat before it began.
 * @param {number} began
 */
export function rangeSince(began) {
    const from = began - 900_000;
    return { from, to: Date.now(), raw: { from: String(from), to: 'now' } };
}

/**
 * Where to look for what happened meanwhile: metrics are what the alert is made of already.
 * @param {DataSource[]} sources
 */
export function eventSources(sources) {
    return sources.filter((one) => ['loki', 'tempo'].includes(kindOf(one.type)));
}

/**
 * Where an alert is silenced.
 * @param {Record<string, string>} labels
 */
export function silenceHref(labels) {
    return withParams('/alerts', { view: 'silences', new: matchersOf(labels).map(matcherText).join(', ') });
}

/** @param {{alert: Alert, sources: DataSource[], chosen: boolean, mayEdit: boolean}} properties */
export function AlertRow({ alert, sources, chosen, mayEdit }) {
    const { labels, annotations, status } = alert;
    const began = Date.parse(alert.startsAt);
    const range = useMemo(() => rangeSince(began), [alert.startsAt]);
    const open = (/** @type {any} */ event) => {
        if (!event.target.closest('a')) setParams({ alert: chosen ? null : alert.fingerprint }, { replace: chosen });
    };
    return html`<article class="alert-row ${chosen ? 'chosen' : ''}" onClick=${open}>
        <span class="dot ${status.state === 'active' ? 'bad' : ''}" title=${status.state}></span>
        <div class="alert-what">
            <div class="alert-line"><button class="alert-name" aria-expanded=${chosen ? 'true' : 'false'}>${labels.alertname ?? 'unnamed'}</button><${Severity} severity=${labels.severity} /><span class="alert-says" title=${summaryOf(annotations)}>${shortened(summaryOf(annotations), 300)}</span></div>
            <div class="alert-labels"><${Labels} labels=${labels} hide=${['alertname', 'severity']} /></div>
        </div>
        <div class="alert-when">
            ${suppressed(status).map((text) => html`<span class="muted">${text}</span>`)}
            <span title=${dateTime(began)}>${fromNow(began)}</span>
            <${RelatedLinks} labels=${labels} range=${range} all=${eventSources(sources)} of="alerts" brief=${true} />
            ${mayEdit && status.silencedBy.length === 0 && html`<a class="button small" href=${silenceHref(labels)}><${Icon} name="pause" size="14" />Silence</a>`}
        </div>
    </article>`;
}

/** @param {Alert['status']} status */
export function suppressed(status) {
    return [status.silencedBy.length > 0 && 'silenced', status.inhibitedBy.length > 0 && 'inhibited', (status.mutedBy ?? []).length > 0 && 'muted by time'].filter(Boolean);
}
