// A link to a dashboard as it stands: its time range and the values of its variables.

import { html, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { Message } from '../ui/messages.js';
import { Sheet, copyText, openSheet } from './dialogs.js';

/**
 * @param {string} href of the page @param {{lockTime: boolean, kiosk: boolean}} options @param {{from: number, to: number}} [range] in milliseconds
 * @returns {string} path and parameters, without the parts that only editing has
 */
export function sharedPath(href, { lockTime, kiosk }, range) {
    const url = new URL(href, 'http://host');
    for (const name of ['edit', 'editPanel', 'editview']) url.searchParams.delete(name);
    if (lockTime && range) {
        url.searchParams.set('from', String(Math.round(range.from)));
        url.searchParams.set('to', String(Math.round(range.to)));
    }
    if (kiosk) url.searchParams.set('kiosk', '1');
    return url.pathname + url.search;
}

/** @param {{dashboard: any, range?: {from: number, to: number}}} context */
export function openShare(context) {
    return openSheet((close) => html`<${ShareSheet} ...${context} close=${close} />`);
}

/** @param {{dashboard: any, range?: {from: number, to: number}, close: () => void}} properties */
function ShareSheet({ dashboard, range, close }) {
    const [options, setOptions] = useState({ lockTime: Boolean(range), kiosk: false });
    const [short, setShort] = useState('');
    const [error, setError] = useState('');
    const path = sharedPath(window.location.href, options, range);
    const link = short || window.location.origin + path;
    const set = (/** @type {any} */ part) => {
        setShort('');
        setOptions({ ...options, ...part });
    };
    const shorten = async () => {
        try {
            const answer = await request('/api/short-urls', { json: { path: path.slice(1) } });
            setShort(new URL(`/goto/${answer.uid}`, window.location.origin).href);
        } catch (failure) {
            setError(messageOf(failure));
        }
    };
    const copy = () => copyText(link).catch((failure) => setError(messageOf(failure)));
    return html`<${Sheet} title=${`Share “${dashboard.title}”`} onClose=${close} onSubmit=${copy}
        buttons=${html`<button class="button primary" type="submit">Copy link</button><button class="button" type="button" disabled=${short !== ''} onClick=${shorten}>Shorten</button><button class="button quiet" type="button" onClick=${close}>Close</button>`}>
        ${error && html`<${Message}>${error}</${Message}>`}
        <label class="field">Link<input class="input mono" readonly value=${link} onFocus=${(/** @type {any} */ event) => event.target.select()} /></label>
        ${range && html`<label class="check"><input type="checkbox" checked=${options.lockTime} onChange=${(/** @type {any} */ event) => set({ lockTime: event.target.checked })} />This very time range, also later</label>`}
        <label class="check"><input type="checkbox" checked=${options.kiosk} onChange=${(/** @type {any} */ event) => set({ kiosk: event.target.checked })} />Without navigation (kiosk)</label>
    </${Sheet}>`;
}
