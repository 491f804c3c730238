// What differs between two versions of a dashboard, for the eye.

import { html } from '../vendor/preact.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { changesBetween } from './calls.js';

/** @typedef {import('./calls.js').Side} Side */

const words = { add: 'added', remove: 'removed', replace: 'changed' };

/** @param {any} value */
function shortened(value) {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1) ?? '';
    return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}

/** @param {{base: Side, next: Side, empty?: string}} properties */
export function Changes({ base, next, empty = 'Nothing differs' }) {
    const found = useLoad((signal) => changesBetween(base, next, signal), [JSON.stringify([base.uid, base.version, next.uid, next.version]), base.dashboard, next.dashboard]);
    if (found.error) return html`<${Message}>${found.error}</${Message}>`;
    if (!found.value) return html`<span class="spinner"></span>`;
    const changes = found.value.filter((one) => one.path !== '/version' && one.path !== '/id');
    if (changes.length === 0) return html`<${Empty} title=${empty} />`;
    return html`<ul class="changes" aria-label="Changes">${changes.slice(0, 300).map((one) => html`<li class=${one.op} key=${one.path}>
        <span class="change-kind">${words[one.op] ?? one.op}</span> <span class="change-label" title=${one.path}>${one.label || one.path}</span>
        ${one.from !== undefined && html`<del><pre>${shortened(one.from)}</pre></del>`}${one.value !== undefined && html`<ins><pre>${shortened(one.value)}</pre></ins>`}
    </li>`)}</ul>${changes.length > 300 && html`<p class="muted">and ${changes.length - 300} more</p>`}`;
}
