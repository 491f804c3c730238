// All that is known of one alert, and the ways from it: to its rule, to what happened meanwhile, to those who were told.

import { html, useMemo } from '../vendor/preact.js';
import { integrationsOf } from '../data/notifications.js';
import { Pairs } from '../explore/pairs.js';
import { RelatedLinks } from '../explore/related.js';
import { setParams, withParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';
import { Icon } from '../ui/icons.js';
import { rangeSince, silenceHref, suppressed } from './alert-row.js';
import { withMatcher } from './filter-bar.js';
import { linksOf, Severity, summaryOf } from './labels.js';
import { ToldLine } from './told-line.js';

/**
 * @param {{alert: import('../data/alertmanager.js').Alert, group: import('../data/alertmanager.js').Group, told?: import('../data/notifications.js').Notifications, filter: string,
 *   sources: import('../types/model').DataSource[], mayEdit: boolean, onClose: () => void}} properties
 */
export function AlertDetails({ alert, group, told, filter, sources, mayEdit, onClose }) {
    const { labels, annotations, status } = alert;
    const began = Date.parse(alert.startsAt);
    const range = useMemo(() => rangeSince(began), [alert.startsAt]);
    const says = summaryOf(annotations);
    const links = linksOf(annotations);
    const rest = Object.fromEntries(Object.entries(annotations).filter(([, text]) => text !== says && !links.some(([, href]) => href === text.trim())));
    const narrow = (/** @type {string} */ name, /** @type {string} */ value, /** @type {boolean} */ isEqual) => setParams({ filter: withMatcher(filter, { name, value, isRegex: false, isEqual }), alert: null });
    const integrations = integrationsOf(told, group);
    return html`<aside class="explore-card alert-details" aria-label="Alert details">
        <header><h2>${labels.alertname ?? 'unnamed'}</h2><${Severity} severity=${labels.severity} />
            <button class="button quiet icon small push" title="Close" aria-label="Close" onClick=${onClose}><${Icon} name="close" size="14" /></button></header>
        ${says && html`<p class="alert-summary">${says}</p>`}
        <p class="muted">${status.state === 'active' ? 'Fires' : 'Held back'} since ${dateTime(began)}, ${fromNow(began)}${suppressed(status).length > 0 ? ` · ${suppressed(status).join(', ')}` : ''}</p>
        <div class="alert-links">
            <${RelatedLinks} labels=${labels} range=${range} all=${sources} of="alerts" />
            <a class="button small" href=${withParams('/alerts', { view: 'rule', rule: labels.alertname ?? '' })}><${Icon} name="bell" size="14" />Rule</a>
            <a class="button small" href=${withParams('/alerts', { view: 'history', filter: `alertname=${JSON.stringify(labels.alertname ?? '')}` })}><${Icon} name="clock" size="14" />History</a>
            ${links.map(([name, href]) => html`<a class="button small" href=${href} target="_blank" rel="noreferrer"><${Icon} name="link" size="14" />${name}</a>`)}
            ${/^https?:/.test(alert.generatorURL ?? '') && html`<a class="button small" href=${alert.generatorURL} target="_blank" rel="noreferrer"><${Icon} name="link" size="14" />Source</a>`}
            ${mayEdit && status.silencedBy.length === 0 && html`<a class="button small" href=${silenceHref(labels)}><${Icon} name="pause" size="14" />Silence</a>`}
            ${status.silencedBy.length > 0 && html`<a class="button small" href="/alerts?view=silences"><${Icon} name="pause" size="14" />Its silence</a>`}
        </div>
        <${Pairs} title="Labels" pairs=${labels} onFilter=${narrow} />
        <${Pairs} title="Annotations" pairs=${rest} />
        <h3>Who was told</h3>
        ${integrations.length === 0 ? html`<p class="muted">${told ? 'Nobody: the receiver has no integration.' : `Receiver ${group.receiver.name}. This Alertmanager does not say when it told whom.`}</p>`
            : integrations.map((one) => html`<${ToldLine} receiver=${group.receiver.name} told=${one} />`)}
        <p class="muted mono alert-id">${alert.fingerprint}</p>
    </aside>`;
}
