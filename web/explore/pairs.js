// Names and values, with what can be done with each.

import { html, useState } from '../vendor/preact.js';
import { readable } from './readable.js';

/**
 * @param {{title: string, pairs: Record<string, string>, onFilter?: (name: string, value: string, wanted: boolean) => void,
 *   statistics?: (name: string) => {total: number, distinct: number, top: [string, number][]}}} properties
 */
export function Pairs({ title, pairs, onFilter, statistics }) {
    const [counted, setCounted] = useState('');
    const entries = Object.entries(pairs).sort(([a], [b]) => a.localeCompare(b));
    if (entries.length === 0) return null;
    return html`<table class="pairs"><caption>${title}</caption><tbody>${entries.map(([name, value]) => html`<tr key=${name}>
        <th scope="row">${name}</th><td>${readable(value)}</td>
        ${onFilter && html`<td class="pair-actions">
            ${statistics && html`<button class="button small quiet icon" title="How often each value comes" aria-label="Statistics of ${name}" aria-expanded=${counted === name ? 'true' : 'false'} onClick=${() => setCounted(counted === name ? '' : name)}>Σ</button>`}
            <button class="button small quiet icon" title="Only lines with this value" onClick=${() => onFilter(name, value, true)}>=</button>
            <button class="button small quiet icon" title="Without this value" onClick=${() => onFilter(name, value, false)}>≠</button></td>`}
    </tr>
    ${statistics && counted === name && html`<tr class="pair-stats" key=${`${name} statistics`}><td colspan="3"><${Statistics} ...${statistics(name)} /></td></tr>`}`)}</tbody></table>`;
}

/** @param {{total: number, distinct: number, top: [string, number][]}} properties */
function Statistics({ total, distinct, top }) {
    const rest = total - top.reduce((sum, [, count]) => sum + count, 0);
    const line = (/** @type {string} */ text, /** @type {number} */ count) => html`<div class="stat-line" key=${text}><i style=${{ width: `${(count / total) * 100}%` }}></i>
        <span title=${readable(text, 300)}>${readable(text, 300) || '(empty)'}</span><b>${count.toLocaleString('en-US')}</b><em>${((count / total) * 100).toFixed(count === total ? 0 : 1)}%</em></div>`;
    return html`<p class="muted">In ${total.toLocaleString('en-US')} of the loaded lines, ${distinct.toLocaleString('en-US')} ${distinct === 1 ? 'value' : 'different values'}</p>
        ${top.map(([value, count]) => line(value, count))}${rest > 0 && line('all others', rest)}`;
}
