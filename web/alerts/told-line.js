// What one integration of a receiver was told last, and what went wrong.

import { html } from '../vendor/preact.js';
import { dateTime, fromNow } from '../time/format.js';

/** @param {{receiver: string, told: import('../data/notifications.js').Integration}} properties */
export function ToldLine({ receiver, told }) {
    const at = told.lastNotified ? Date.parse(told.lastNotified) : 0;
    const failedAt = told.lastNotifyAttempt ? Date.parse(told.lastNotifyAttempt) : 0;
    return html`<div class="told">
        <span class="dot ${told.lastNotifyAttemptError ? 'bad' : at ? 'good' : ''}"></span>
        <div><b>${receiver}</b> <span class="muted">${told.name} ${told.index + 1}</span>
            <div>${at ? html`told <span title=${dateTime(at)}>${fromNow(at)}</span>: ${told.firing ?? 0} firing${told.resolved ? `, ${told.resolved} over` : ''}` : 'not told yet'}</div>
            ${told.lastNotifyAttemptError && html`<div class="bad-text">${told.retrying ? `being tried again, ${told.attempts} ${told.attempts === 1 ? 'attempt' : 'attempts'} failed` : `given up ${fromNow(failedAt)} after ${told.attempts} ${told.attempts === 1 ? 'attempt' : 'attempts'}`}: ${told.lastNotifyAttemptError}</div>`}
        </div>
    </div>`;
}
