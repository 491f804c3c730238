// The dashboard's variables under its title; each choice goes into the address.

import { html, useState } from '../vendor/preact.js';
import { shortened } from '../format/display.js';
import { setParams } from '../router.js';
import { Icon } from '../ui/icons.js';
import { useModule } from '../ui/hooks.js';
import { Menu } from '../ui/menu.js';
import { allValue } from './variables.js';

/** @typedef {import('../types/model').VariableState} VariableState */

/**
 * @param {{states: VariableState[], sources: import('../types/model').DataSource[], range: import('../types/model').TimeRange}} properties
 */
export function VariableBar({ states, sources, range }) {
    const shown = states.filter(({ variable }) => variable.hide !== 2 && variable.type !== 'constant' && variable.type !== 'groupby');
    const AdhocControl = useModule(() => import('./adhoc-bar.js'), shown.some(({ variable }) => variable.type === 'adhoc'))?.AdhocControl;
    if (shown.length === 0) return null;
    return html`<div class="variable-bar">${shown.map((state) => (state.variable.type === 'adhoc' ? AdhocControl && html`<${AdhocControl} key=${state.variable.name} state=${state} sources=${sources} range=${range} />`
        : html`<${VariableControl} key=${state.variable.name} state=${state} />`))}</div>`;
}

/** @param {{state: VariableState}} properties */
function VariableControl({ state }) {
    const { variable, value, error } = state;
    const label = variable.label || variable.name;
    const name = variable.hide === 1 ? null : html`<span class="variable-name" title=${variable.description}>${label}</span>`;
    if (variable.type === 'textbox') {
        const set = (/** @type {any} */ event) => setParams({ [`var-${variable.name}`]: event.target.value });
        return html`<label class="variable">${name}<input class="input" value=${value.values[0] ?? ''} onChange=${set} aria-label=${label} /></label>`;
    }
    const text = value.isAll ? 'All' : shortened(value.texts.slice(0, 50).join(', '), 300) || 'none';
    const wrong = error && html`<span class="variable-error" title=${error}><${Icon} name="warn" size="14" /></span>`;
    return html`<div class="variable">${name}
        <${Menu} title=${label} role="listbox" class="button" label=${html`${wrong}<span class="variable-text">${text}</span><${Icon} name="down" size="12" />`}>
            ${(/** @type {() => void} */ close) => html`<${Choices} state=${state} close=${close} />`}
        </${Menu}></div>`;
}

/** @param {{state: VariableState, close: () => void}} properties */
function Choices({ state, close }) {
    const { variable, value, options, error } = state;
    const [filter, setFilter] = useState('');
    const wanted = filter.toLowerCase();
    const found = options.filter((option) => option.text.toLowerCase().includes(wanted)).slice(0, 500);
    const parameter = `var-${variable.name}`;
    const pick = (/** @type {string} */ one) => {
        if (!variable.multi) {
            setParams({ [parameter]: one });
            return close();
        }
        const current = value.isAll ? [] : value.values;
        const next = current.includes(one) ? current.filter((other) => other !== one) : [...current, one];
        return setParams({ [parameter]: next.length > 0 ? next : variable.includeAll ? allValue : one });
    };
    const isChosen = (/** @type {string} */ one) => !value.isAll && value.values.includes(one);
    const mark = (/** @type {boolean} */ chosen) => (variable.multi
        ? html`<input type="checkbox" tabindex="-1" checked=${chosen} aria-hidden="true" readonly />` : null);
    return html`${options.length > 8 && html`<input class="input menu-search" type="search" placeholder="Filter" aria-label="Filter"
            value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value)} />`}
        <div class="menu-scroll">
            ${error && html`<div class="menu-empty">${error}</div>`}
            ${variable.includeAll && !filter && html`<button class="menu-item check" role="option" aria-selected=${value.isAll ? 'true' : 'false'}
                onClick=${() => { setParams({ [parameter]: allValue }); if (!variable.multi) close(); }}>${mark(value.isAll)}All</button>`}
            ${found.map((option) => html`<button class="menu-item check" role="option" key=${option.value}
                aria-selected=${isChosen(option.value) ? 'true' : 'false'} onClick=${() => pick(option.value)}>
                ${mark(isChosen(option.value))}${shortened(option.text, 300)}</button>`)}
            ${found.length === 0 && !error && html`<div class="menu-empty">${filter ? 'Nothing matches.' : 'The query answers no values in this time range.'}</div>`}
        </div>`;
}
