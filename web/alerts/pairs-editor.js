// Names and values that can be written: labels and annotations of a rule.

import { html } from '../vendor/preact.js';
import { Icon } from '../ui/icons.js';

/**
 * @param {{title: string, one: string, pairs: [string, string][], usual: string[], error?: string, onChange: (pairs: [string, string][]) => void}} properties
 *   `one`: what one of them is called, `usual`: names that are offered
 */
export function PairsEditor({ title, one, pairs, usual, error, onChange }) {
    const set = (/** @type {number} */ at, /** @type {[string, string]} */ pair) => onChange(pairs.map((before, index) => (index === at ? pair : before)));
    const list = `usual-${one}`;
    return html`<fieldset class="matchers"><legend>${title}</legend>
        <datalist id=${list}>${usual.map((name) => html`<option value=${name}></option>`)}</datalist>
        ${pairs.map(([name, value], at) => html`<div class="matcher pair" key=${at}>
            <input class="input mono" aria-label=${`Name of the ${one}`} list=${list} value=${name} spellcheck="false" autocapitalize="off" onInput=${(/** @type {any} */ event) => set(at, [event.target.value, value])} />
            <textarea class="input" aria-label=${`${name || one} value`} rows=${Math.min(6, value.split('\n').length)} value=${value} spellcheck="false" onInput=${(/** @type {any} */ event) => set(at, [name, event.target.value])}></textarea>
            <button class="button quiet icon" type="button" title="Remove" aria-label=${`Remove ${name || `the ${one}`}`} onClick=${() => onChange(pairs.filter((_, index) => index !== at))}><${Icon} name="close" size="14" /></button>
        </div>`)}
        ${error && html`<p class="field-error" role="alert">${error}</p>`}
        <button class="button small" type="button" onClick=${() => onChange([...pairs, ['', '']])}>Add ${/^[aeiou]/.test(one) ? 'an' : 'a'} ${one}</button>
    </fieldset>`;
}
