// Who was told of what, when, and whether receivers can be told at all.

import { html, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import * as alertmanager from '../data/alertmanager.js';
import { notificationsOf, testReceiver } from '../data/notifications.js';
import { setParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { Choice } from './filter-bar.js';
import { Labels } from './labels.js';
import { LongList } from './long-list.js';
import { ToldLine } from './told-line.js';

/** @typedef {import('../data/notifications.js').Outcome} Outcome */
/** Outcomes that are asked for: all that martlet-alerts keeps. */
const most = 1000;
/** Groups whose receivers are listed; the list of alerts has them all. */
const mostGroups = 50;

/** @param {import('./page.js').Context} context */
export default function NotificationsView({ uid, params, tick, reload, mayEdit }) {
    const names = useLoad((signal) => alertmanager.receivers(uid, signal), [uid, tick]);
    const found = useLoad((signal) => notificationsOf(uid, signal, most).then((told) => told ?? null), [uid, tick]);
    const receiver = params.get('receiver') ?? '';
    const failed = params.get('failed') === 'yes';
    const told = found.value;
    const history = (told?.history ?? []).filter((one) => (receiver === '' || one.receiver === receiver) && (!failed || one.error));
    const groups = (told?.groups ?? []).filter((group) => receiver === '' || group.receiver === receiver);
    return html`<div class="alert-filter">
            <${Choice} name="receiver" label="Receiver" all="All receivers" params=${params} choices=${names.value ?? []} />
            <label class="check"><input type="checkbox" checked=${failed} onChange=${(/** @type {any} */ event) => setParams({ failed: event.target.checked ? 'yes' : null }, { replace: true })} />Failed only</label>
        </div>
        ${(names.error || found.error) && html`<${Message}>${names.error ?? found.error}</${Message}>`}
        <section class="explore-card"><header><h2>Receivers</h2><span class="muted">${(names.value ?? []).length}</span></header>
            ${(names.value ?? []).filter((name) => receiver === '' || name === receiver).map((name) => html`<${ReceiverRow} key=${name} uid=${uid} name=${name} canTest=${mayEdit && Boolean(told)} last=${told?.history.find((one) => one.receiver === name)} onTested=${reload} />`)}
        </section>
        ${told === null && html`<${Message} tone="warn">This Alertmanager does not say whom it told and when, and cannot test receivers; martlet-alerts does both.</${Message}>`}
        ${told && html`<section class="explore-card"><header><h2>Groups</h2><span class="muted">${groups.length === 0 ? 'no alerts' : `what their receivers know now${groups.length > mostGroups ? `, the first ${mostGroups} of ${groups.length.toLocaleString('en-US')}` : ''}`}</span></header>
                ${groups.slice(0, mostGroups).map((group) => html`<article class="alert-row told-row" key=${`${group.groupKey} ${group.receiver}`}>
                    <span></span>
                    <div class="alert-what"><div class="alert-labels">${Object.keys(group.labels).length > 0 ? html`<${Labels} labels=${group.labels} />` : 'Alerts without a group'}</div>
                        ${group.integrations.map((one) => html`<${ToldLine} receiver=${group.receiver} told=${one} />`)}
                        ${group.integrations.length === 0 && html`<div class="muted">Receiver ${group.receiver} has no integration: nobody is told.</div>`}</div>
                    <div class="alert-when"><span class="muted" title=${dateTime(Date.parse(group.nextNotification))}>next look ${fromNow(Date.parse(group.nextNotification))}</span></div>
                </article>`)}
            </section>
            <section class="explore-card alert-list-card"><header><h2>Told lately</h2><span class="muted">${history.length.toLocaleString('en-US')} since the router’s start, newest first, at most ${most.toLocaleString('en-US')}</span></header>
                ${history.length === 0 ? html`<${Empty} title="No notifications">${failed ? 'None has failed.' : 'Nobody was told of anything since the router’s start.'}</${Empty}>`
                    : html`<${LongList} count=${history.length} row=${(/** @type {number} */ index) => html`<${OutcomeRow} key=${index} outcome=${history[index]} />`} label="Notifications" />`}
            </section>`}`;
}

/** @param {{uid: string, name: string, canTest: boolean, last?: Outcome, onTested: () => void}} properties */
function ReceiverRow({ uid, name, canTest, last, onTested }) {
    const [state, setState] = useState({ busy: false, text: '', bad: false });
    const run = async () => {
        setState({ busy: true, text: '', bad: false });
        try {
            const results = await testReceiver(uid, name);
            const failures = results.filter((one) => one.status !== 'ok');
            const text = results.length === 0 ? 'This receiver has no integration: nobody is told.'
                : failures.length === 0 ? `The test arrived${results.length > 1 ? ` at all ${results.length} integrations` : ''}, in ${Math.max(...results.map((one) => one.seconds)).toFixed(1)} s.`
                    : failures.map((one) => `${one.name} ${one.index + 1}: ${one.error}`).join('\n');
            setState({ busy: false, text, bad: failures.length > 0 || results.length === 0 });
            onTested();
        } catch (error) {
            setState({ busy: false, text: messageOf(error), bad: true });
        }
    };
    return html`<article class="alert-row receiver-row">
        <span class="dot ${last ? (last.error ? 'bad' : 'good') : ''}"></span>
        <div class="alert-what"><div><b>${name}</b> ${last && html`<span class="muted">${last.error ? 'failed' : last.test ? 'tested' : 'told'} <span title=${dateTime(Date.parse(last.at))}>${fromNow(Date.parse(last.at))}</span></span>`}</div>
            <div aria-live="polite">${state.text && html`<span class=${state.bad ? 'bad-text' : 'good-text'}>${state.text}</span>`}</div></div>
        <div class="alert-when">${canTest && html`<button class="button small" disabled=${state.busy} aria-label=${`Send a test to ${name}`} onClick=${run}>${state.busy ? html`<span class="spinner"></span>` : html`<${Icon} name="play" size="12" />`}Test</button>`}</div>
    </article>`;
}

/** @param {{outcome: Outcome}} properties */
function OutcomeRow({ outcome }) {
    const at = Date.parse(outcome.at);
    return html`<article class="alert-row">
        <span class="dot ${outcome.error ? 'bad' : 'good'}" title=${outcome.error ? 'failed' : 'told'}></span>
        <div class="alert-what">
            <div class="alert-line"><b>${outcome.receiver}</b><span class="muted">${outcome.integration} ${outcome.index + 1}</span>${outcome.test && html`<span class="tag">test</span>`}
                <span class=${outcome.error ? 'bad-text alert-says' : 'alert-says'} title=${outcome.error ?? ''}>${outcome.error ?? `${outcome.firing} firing${outcome.resolved ? `, ${outcome.resolved} over` : ''}`}</span></div>
            <div class="alert-labels"><${Labels} labels=${outcome.labels} /></div>
        </div>
        <div class="alert-when"><span class="muted">${outcome.attempts > 1 ? `${outcome.attempts} attempts, ` : ''}${outcome.seconds.toFixed(outcome.seconds < 1 ? 2 : 0)} s</span><span title=${dateTime(at)}>${fromNow(at)}</span></div>
    </article>`;
}
