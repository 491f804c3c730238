// The silences; a new one is made here, and one that is there changed or ended.

import { html, useMemo, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import * as alertmanager from '../data/alertmanager.js';
import { setParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';
import { useLoad, useMore } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { Check, FilterBar } from './filter-bar.js';
import { SilenceForm } from './silence-form.js';

/** @typedef {import('../data/alertmanager.js').Silence} Silence */

/** @param {import('./page.js').Context & {wrong: string}} context */
export default function SilencesView({ uid, params, filter, matchers, tick, reload, user, mayEdit, wrong }) {
    const found = useLoad((signal) => alertmanager.silences(uid, matchers, signal), [uid, matchers, tick], !wrong);
    const [error, setError] = useState('');
    const asked = params.get('new');
    const changed = params.get('edit');
    const expired = params.get('expired') === 'yes';
    const shown = useMemo(() => (found.value ?? []).filter((silence) => expired || silence.status.state !== 'expired'), [found.value, expired]);
    const [endRef, count] = useMore(shown, 100);
    const silence = changed ? (found.value ?? []).find((one) => one.id === changed) : undefined;
    const [given, malformed] = useMemo(() => {
        try {
            return [alertmanager.parseMatchers(asked ?? ''), ''];
        } catch (failure) {
            return [[], messageOf(failure)];
        }
    }, [asked]);
    const close = () => setParams({ new: null, edit: null }, { replace: true });
    const done = () => { close(); reload(); };
    const expire = (/** @type {string} */ id) => alertmanager.expireSilence(uid, id).then(() => { setError(''); reload(); }, (failure) => setError(messageOf(failure)));
    const shared = { uid, creator: user?.login ?? '', onClose: close, onDone: done };
    return html`<${FilterBar} filter=${filter}><${Check} name="expired" title="Expired" params=${params} />
            ${mayEdit && html`<button class="button primary" type="button" onClick=${() => setParams({ new: filter || '{}', edit: null })}>New silence</button>`}</${FilterBar}>
        ${mayEdit && asked !== null && malformed && html`<${Message}>${malformed}</${Message}>`}
        ${mayEdit && asked !== null && html`<${SilenceForm} key=${asked} ...${shared} matchers=${given} />`}
        ${mayEdit && silence && html`<${SilenceForm} key=${silence.id} ...${shared} silence=${silence} matchers=${silence.matchers} />`}
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && !found.error && html`<section class="explore-card"><header><h2>Silences</h2><span class="muted">${shown.length}</span></header>
            ${error && html`<${Message}>${error}</${Message}>`}
            ${shown.length === 0 && html`<${Empty} title="No silences">A silence keeps alerts that match it from being sent, until its time is over.</${Empty}>`}
            ${shown.slice(0, count).map((one) => html`<${SilenceRow} key=${one.id} silence=${one} mayEdit=${mayEdit} onExpire=${() => expire(one.id)} />`)}
            ${count < shown.length && html`<div ref=${endRef} class="log-end"></div>`}
        </section>`}`;
}

/** @param {{silence: Silence, mayEdit: boolean, onExpire: () => void}} properties */
function SilenceRow({ silence, mayEdit, onExpire }) {
    const [asking, setAsking] = useState(false);
    const { state } = silence.status;
    const ends = Date.parse(silence.endsAt);
    const starts = Date.parse(silence.startsAt);
    const again = silence.matchers.map(alertmanager.matcherText).join(', ');
    return html`<article class="alert-row silence-row">
        <span class="dot ${state === 'active' ? 'good' : ''}" title=${state}></span>
        <div class="alert-what">
            <div class="alert-labels">${silence.matchers.map((matcher) => html`<span class="tag">${alertmanager.matcherText(matcher)}</span>`)}</div>
            <div>${silence.comment}</div><div class="muted">${silence.createdBy} · ${silence.id}</div>
        </div>
        <div class="alert-when">
            ${state === 'pending' && html`<span title=${dateTime(starts)}>begins ${fromNow(starts)}</span>`}
            <span title=${dateTime(ends)}>${state === 'expired' ? 'ended' : 'ends'} ${fromNow(ends)}</span>
            ${mayEdit && state !== 'expired' && html`<button class="button small" onClick=${() => setParams({ edit: silence.id, new: null })}>Change</button>`}
            ${mayEdit && state !== 'expired' && (asking
                ? html`<button class="button small" onClick=${() => { setAsking(false); onExpire(); }}>End it now?</button>`
                : html`<button class="button small" onClick=${() => setAsking(true)}>Expire</button>`)}
            ${mayEdit && state === 'expired' && html`<button class="button small" onClick=${() => setParams({ new: again, edit: null })}>Again</button>`}
        </div>
    </article>`;
}
