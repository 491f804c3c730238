// The silences, and the button that ends one.

import { html, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { expireSilence, matcherText } from '../data/alertmanager.js';
import { dateTime, fromNow } from '../time/format.js';
import { Empty, Message } from '../ui/messages.js';

/** @typedef {import('../data/alertmanager.js').Silence} Silence */

/** @param {{uid: string, silences: Silence[], onChange: () => void}} properties */
export function SilenceList({ uid, silences, onChange }) {
    const [error, setError] = useState('');
    const expire = (/** @type {string} */ id) => expireSilence(uid, id).then(() => { setError(''); onChange(); }, (failure) => setError(messageOf(failure)));
    return html`<section class="explore-card"><header><h2>Silences</h2><span class="muted">${silences.length}</span></header>
        ${error && html`<${Message}>${error}</${Message}>`}
        ${silences.length === 0 && html`<${Empty} title="No silences">A silence keeps alerts that match it from being sent, until its time is over.</${Empty}>`}
        ${silences.map((silence) => html`<${SilenceRow} key=${silence.id} silence=${silence} onExpire=${() => expire(silence.id)} />`)}
    </section>`;
}

/** @param {{silence: Silence, onExpire: () => void}} properties */
function SilenceRow({ silence, onExpire }) {
    const [asking, setAsking] = useState(false);
    const { state } = silence.status;
    const ends = Date.parse(silence.endsAt);
    const starts = Date.parse(silence.startsAt);
    return html`<article class="alert-row">
        <span class="dot ${state === 'active' ? 'good' : ''}" title=${state}></span>
        <div class="alert-what">
            <div class="alert-labels">${silence.matchers.map((matcher) => html`<span class="tag">${matcherText(matcher)}</span>`)}</div>
            <div>${silence.comment}</div><div class="muted">${silence.createdBy} · ${silence.id}</div>
        </div>
        <div class="alert-when">
            ${state === 'pending' && html`<span title=${dateTime(starts)}>begins ${fromNow(starts)}</span>`}
            <span title=${dateTime(ends)}>${state === 'expired' ? 'ended' : 'ends'} ${fromNow(ends)}</span>
            ${state !== 'expired' && (asking
                ? html`<button class="button small" onClick=${() => { setAsking(false); onExpire(); }}>End it now?</button>`
                : html`<button class="button small" onClick=${() => setAsking(true)}>Expire</button>`)}
        </div>
    </article>`;
}
