// Matchers as lines of name, operator and value.

import { html } from '../vendor/preact.js';
import { parseMatchers } from '../data/alertmanager.js';
import { Icon } from '../ui/icons.js';

/** @typedef {import('../data/alertmanager.js').Matcher} Matcher */

const operators = [['=', 'equals'], ['!=', 'is not'], ['=~', 'matches'], ['!~', 'does not match']];

/** @param {Matcher} matcher */
function operatorOf({ isRegex, isEqual }) {
    return isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
}

/** @type {Matcher} */
export const emptyMatcher = { name: '', value: '', isRegex: false, isEqual: true };

/**
 * @param {{matchers: Matcher[], names: string[], valuesOf: (name: string) => string[], onChange: (matchers: Matcher[]) => void}} properties
 *   `names`, `valuesOf`: what is offered, from the alerts that there are
 */
export function MatcherEditor({ matchers, names, valuesOf, onChange }) {
    const set = (/** @type {number} */ at, /** @type {Partial<Matcher>} */ patch) => onChange(matchers.map((one, index) => (index === at ? { ...one, ...patch } : one)));
    const onName = (/** @type {number} */ at, /** @type {string} */ text) => {
        // Whole matchers may be pasted into the first field.
        if (/[=~]/.test(text)) {
            try {
                const found = parseMatchers(text);
                if (found.length > 0) return onChange([...matchers.slice(0, at), ...found, ...matchers.slice(at + 1)]);
            } catch {
                // Then it is a name, however odd.
            }
        }
        return set(at, { name: text });
    };
    return html`<fieldset class="matchers"><legend>Matchers</legend>
        <datalist id="matcher-names">${names.map((name) => html`<option value=${name}></option>`)}</datalist>
        ${matchers.map((matcher, at) => html`<div class="matcher" key=${at}>
            <input class="input mono" aria-label="Label" list="matcher-names" placeholder="label" value=${matcher.name} spellcheck="false" autocapitalize="off" onInput=${(/** @type {any} */ event) => onName(at, event.target.value)} />
            <select class="select mono" aria-label="Operator" onChange=${(/** @type {any} */ event) => set(at, { isRegex: event.target.value.endsWith('~'), isEqual: event.target.value.startsWith('=') })}>
                ${operators.map(([operator, about]) => html`<option value=${operator} selected=${operator === operatorOf(matcher)} title=${about}>${operator}</option>`)}</select>
            <input class="input mono" aria-label="Value" list=${`matcher-values-${at}`} placeholder="value" value=${matcher.value} spellcheck="false" autocapitalize="off" onInput=${(/** @type {any} */ event) => set(at, { value: event.target.value })} />
            <datalist id=${`matcher-values-${at}`}>${valuesOf(matcher.name).slice(0, 200).map((value) => html`<option value=${value}></option>`)}</datalist>
            <button class="button quiet icon" type="button" title="Remove" aria-label=${`Remove the matcher of ${matcher.name || 'no label'}`} onClick=${() => onChange(matchers.filter((_, index) => index !== at))}><${Icon} name="close" size="14" /></button>
        </div>`)}
        <button class="button small" type="button" onClick=${() => onChange([...matchers, emptyMatcher])}>Add a matcher</button>
    </fieldset>`;
}
