// What fires now, in the groups that people are told of.

import { html, useMemo } from '../vendor/preact.js';
import * as alertmanager from '../data/alertmanager.js';
import { notificationsOf } from '../data/notifications.js';
import { navigate, setParams } from '../router.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { AlertDetails } from './alert-details.js';
import { AlertRow, GroupRow } from './alert-row.js';
import { Check, Choice, FilterBar } from './filter-bar.js';
import { LongList } from './long-list.js';

/** @typedef {import('../data/alertmanager.js').Alert} Alert */
/** @typedef {import('../data/alertmanager.js').Group} Group */
/** @typedef {{group: Group, alert?: Alert}} Item */

/** @param {import('./page.js').Context & {wrong: string}} context */
export default function AlertsView({ uid, params, filter, matchers, tick, wrong, sources, mayEdit }) {
    const silenced = params.get('silenced') === 'yes';
    const inhibited = params.get('inhibited') === 'yes';
    const receiver = params.get('receiver') ?? '';
    const names = useLoad((signal) => alertmanager.receivers(uid, signal).catch(() => []), [uid]);
    const found = useLoad((signal) => alertmanager.alertGroups(uid, { matchers, receiver }, signal), [uid, matchers, receiver, tick], !wrong);
    const told = useLoad((signal) => notificationsOf(uid, signal).catch(() => undefined), [uid, tick]);
    const { groups, hidden } = useMemo(() => alertmanager.shownAlerts(found.value ?? [], { silenced, inhibited }), [found.value, silenced, inhibited]);
    const items = useMemo(() => groups.flatMap((group) => [{ group }, ...group.alerts.map((alert) => ({ group, alert }))]), [groups]);
    const count = items.length - groups.length;
    const chosen = params.get('alert');
    const indexOf = (/** @type {string} */ fingerprint) => items.findIndex((/** @type {Item} */ item) => item.alert?.fingerprint === fingerprint);
    const at = chosen ? indexOf(chosen) : -1;
    const open = /** @type {Item | undefined} */ (items[at]);
    const filtered = matchers.length > 0 || receiver !== '';
    const choose = (/** @type {number} */ index, /** @type {number} */ step) => {
        for (let next = index; next >= 0 && next < items.length; next += step) {
            const { alert } = /** @type {Item} */ (items[next]);
            // One that several receivers are told of is met once.
            if (alert && indexOf(alert.fingerprint) === next) return setParams({ alert: alert.fingerprint }, { replace: chosen !== null });
        }
        return undefined;
    };
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
        if (!(event.target instanceof Element) || event.target.closest('input, select, textarea, .alert-details')) return;
        if (event.key === 'ArrowDown') choose(at + 1, 1);
        else if (event.key === 'ArrowUp') choose(at < 0 ? 0 : at - 1, -1);
        else if (event.key === 'Escape' && chosen) setParams({ alert: null }, { replace: true });
        else return;
        event.preventDefault();
    };
    const row = (/** @type {number} */ index) => {
        const { group, alert } = /** @type {Item} */ (items[index]);
        if (!alert) return html`<${GroupRow} key=${index} group=${group} told=${told.value} />`;
        return html`<${AlertRow} key=${`${index} ${alert.fingerprint}`} alert=${alert} sources=${sources} chosen=${alert.fingerprint === chosen} mayEdit=${mayEdit} />`;
    };
    return html`<${FilterBar} filter=${filter}>
            <${Choice} name="receiver" label="Receiver" all="All receivers" params=${params} choices=${names.value ?? []} />
            <${Check} name="silenced" title="Silenced" params=${params} /><${Check} name="inhibited" title="Inhibited" params=${params} />
        </${FilterBar}>
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && !found.error && count === 0 && html`<section class="explore-card"><${Empty} title=${hidden > 0 ? 'No other alerts' : 'No alerts'}>
            ${filtered ? 'None matches the filter.' : hidden > 0 ? 'All that fire are silenced or inhibited.' : 'Nothing fires. Prometheus and anything else that speaks Alertmanager’s API sends alerts to martlet-alerts.'}</${Empty}></section>`}
        ${count > 0 && html`<div class="alert-split ${open ? 'open' : ''}" onKeyDown=${onKeyDown}>
            <section class="explore-card alert-list-card"><header><h2>${count.toLocaleString('en-US')} ${count === 1 ? 'alert' : 'alerts'}</h2>
                    <span class="muted">in ${groups.length.toLocaleString('en-US')} ${groups.length === 1 ? 'group' : 'groups'}, as receivers are told of them</span></header>
                <${LongList} count=${items.length} row=${row} label="Alerts" reveal=${at >= 0 ? at : undefined} /></section>
            ${open?.alert && html`<${AlertDetails} key=${open.alert.fingerprint} alert=${open.alert} group=${open.group} told=${told.value} filter=${filter} sources=${sources} mayEdit=${mayEdit}
                onClose=${() => setParams({ alert: null }, { replace: true })} />`}
        </div>`}
        ${chosen && !open && found.value && !found.error && html`<${Message} tone="warn">The alert of this address is not among those that are shown: it may be over, silenced, or left out by the filter.
            <button class="button small" type="button" onClick=${() => navigate('/alerts?view=history')}>History</button></${Message}>`}
        ${!found.error && hidden > 0 && html`<p class="muted">${hidden === 1 ? '1 alert is' : `${hidden} alerts are`} silenced or inhibited and not shown.
            <button class="button small" type="button" onClick=${() => setParams({ silenced: 'yes', inhibited: 'yes' })}>Show</button></p>`}`;
}
