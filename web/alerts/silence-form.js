// A new silence: what it holds back, for how long, why, and who says so.

import { html, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { addSilence, parseMatchers } from '../data/alertmanager.js';
import { parseDuration } from '../time/range.js';
import { Message } from '../ui/messages.js';

/** @param {{uid: string, matchers: string, creator: string, onClose: () => void, onDone: () => void}} properties */
export function SilenceForm({ uid, matchers, creator, onClose, onDone }) {
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    const submit = async (/** @type {any} */ event) => {
        event.preventDefault();
        const data = new FormData(event.target);
        const text = (/** @type {string} */ name) => String(data.get(name) ?? '').trim();
        setBusy(true);
        try {
            const wanted = parseMatchers(text('matchers'));
            if (wanted.length === 0) throw new Error('A silence needs a matcher, such as alertname="Down".');
            // A bare number would be seconds, which nobody means here.
            const minutes = /[a-z]$/.test(text('duration')) ? parseDuration(text('duration')) / 60_000 : NaN;
            if (!(minutes > 0)) throw new Error(`“${text('duration')}” is no duration; write 2h, 30m or 1d12h.`);
            await addSilence(uid, { matchers: wanted, minutes, comment: text('comment'), createdBy: text('creator') });
            onDone();
        } catch (failure) {
            setError(messageOf(failure));
            setBusy(false);
        }
    };
    return html`<section class="explore-card"><header><h2>New silence</h2></header>
        <form class="silence-form" onSubmit=${submit}>
            ${error && html`<${Message}>${error}</${Message}>`}
            <label class="field wide">Matchers<input class="input mono" name="matchers" value=${matchers} placeholder='alertname="Down", instance=~"web.*"' spellcheck="false" required /></label>
            <label class="field">Duration<input class="input" name="duration" value="2h" required /></label>
            <label class="field">Creator<input class="input" name="creator" value=${creator} required /></label>
            <label class="field wide">Comment<input class="input" name="comment" placeholder="Why, and who is at it" required /></label>
            <div class="silence-buttons"><button class="button primary" type="submit" disabled=${busy}>Silence</button>
                <button class="button quiet" type="button" onClick=${onClose}>Cancel</button></div>
        </form></section>`;
}
