// Other options for some of the fields of a panel.

import { html } from '../vendor/preact.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { CommitInput } from './options/commit-input.js';
import { Choice, Control, JsonInput } from './options/control.js';
import { adder, tool } from './options/lists.js';
import { overridable } from './options/types.js';
import { setPath } from './paths.js';
import { fieldNames } from './transformations.js';

/** @typedef {import('./grid.js').RawPanel} RawPanel */

/** @type {[string, string][]} */
const matchers = [['byName', 'Field with name'], ['byRegexp', 'Fields by regular expression'], ['byType', 'Fields of type'], ['byFrameRefID', 'Fields of query'], ['byValue', 'Fields by value'], ['byNames', 'Fields with names']];

/**
 * What an option begins with when an override takes it.
 * @param {import('./options/fields.js').Field} field
 */
function beginning(field) {
    switch (field.type) {
        case 'colorMode': return { mode: 'fixed', fixedColor: 'blue' };
        case 'thresholds': return { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'red', value: 80 }] };
        case 'mappings': case 'links': case 'list': case 'calcs': return [];
        case 'toggle': return true;
        case 'number': return field.least ?? 0;
        case 'json': return field.path === 'custom.hideFrom' ? { legend: true, tooltip: false, viz: false } : field.path === 'custom.stacking' ? { mode: 'normal', group: 'A' } : {};
        case 'lineStyle': return { fill: 'dash', dash: [10, 10] };
        case 'scale': return { type: 'log', log: 10 };
        case 'select': return field.choices?.[0]?.[0] ?? '';
        default: return '';
    }
}

/** @param {{panel: RawPanel, data: any, onChange: (panel: RawPanel, label: string, key?: string) => void}} properties */
export function Overrides({ panel, data, onChange }) {
    const overrides = Array.isArray(panel.fieldConfig?.overrides) ? panel.fieldConfig.overrides : [];
    const set = (/** @type {any[]} */ next, /** @type {string} */ label, key = '') => onChange(setPath(panel, 'fieldConfig.overrides', next), label, key);
    const change = (/** @type {number} */ at, /** @type {any} */ next, /** @type {string} */ label, key = '') => set(overrides.map((/** @type {any} */ one, /** @type {number} */ index) => (index === at ? next : one)), label, key && `override ${at} ${key}`);
    const options = overridable(String(panel.type));
    const names = fieldNames(data);
    return html`<details class="option-group" open=${overrides.length > 0}><summary>Overrides${overrides.length > 0 && html` <span class="count">${overrides.length}</span>`}</summary><div class="option-list">
        <datalist id="edit-fields">${names.map((name) => html`<option value=${name} />`)}</datalist>
        ${overrides.map((/** @type {any} */ one, /** @type {number} */ at) => {
            const properties = Array.isArray(one.properties) ? one.properties : [];
            const setProperties = (/** @type {any[]} */ next, /** @type {string} */ label, key = '') => change(at, { ...one, properties: next }, label, key);
            return html`<section class="override" key=${at} aria-label=${`Override ${at + 1}`}>
                <div class="list-line"><${Choice} field=${{ path: '', label: `Matcher of override ${at + 1}`, type: 'select', choices: matchers }} value=${one.matcher?.id} onChange=${(/** @type {any} */ id) => change(at, { ...one, matcher: { id, options: id === 'byNames' ? { mode: 'include', names: [], prefix: 'All except:', readOnly: true } : id === 'byValue' ? { reducer: 'allIsZero', op: 'gte', value: 0 } : '' } }, 'Change override')} />
                    ${tool(`Remove override ${at + 1}`, 'trash', () => set(overrides.filter((/** @type {any} */ _, /** @type {number} */ index) => index !== at), 'Remove override'))}</div>
                ${typeof one.matcher?.options === 'object' && one.matcher.options !== null ? html`<${JsonInput} label=${`Fields of override ${at + 1}`} value=${one.matcher.options} onChange=${(/** @type {any} */ value) => change(at, { ...one, matcher: { ...one.matcher, options: value } }, 'Change override')} />`
                    : html`<${CommitInput} aria-label=${`Fields of override ${at + 1}`} list="edit-fields" placeholder=${one.matcher?.id === 'byRegexp' ? '/pattern/' : one.matcher?.id === 'byType' ? 'number' : 'Name'} value=${one.matcher?.options} onCommit=${(/** @type {string} */ text) => change(at, { ...one, matcher: { ...one.matcher, options: text } }, 'Change override')} />`}
                ${properties.map((/** @type {any} */ property, /** @type {number} */ place) => {
                    const field = options.find((option) => option.path === property.id) ?? { path: property.id, label: property.id, type: /** @type {const} */ ('json') };
                    return html`<div class="override-property" key=${`${place} ${property.id}`}><${Control} field=${field} value=${property.value} onChange=${(/** @type {any} */ value) => setProperties(properties.map((/** @type {any} */ other, /** @type {number} */ index) => (index === place ? { ...other, value } : other)), 'Change override', property.id)} />
                        ${tool(`Remove ${field.label} from override ${at + 1}`, 'close', () => setProperties(properties.filter((/** @type {any} */ _, /** @type {number} */ index) => index !== place), 'Change override'))}</div>`;
                })}
                <${Menu} title=${`Add a property to override ${at + 1}`} class="button small" label=${html`<${Icon} name="plus" size="13" />Add property`}>
                    ${(/** @type {() => void} */ close) => html`<div class="menu-scroll">${options.filter((option) => !properties.some((/** @type {any} */ property) => property.id === option.path)).map((option) => html`<button class="menu-item" role="menuitem" onClick=${() => { close(); setProperties([...properties, { id: option.path, value: beginning(option) }], 'Change override'); }}>${option.label} <span class="muted">${option.path}</span></button>`)}</div>`}
                </${Menu}>
            </section>`;
        })}
        <div class="list-line">${adder('Add override', () => set([...overrides, { matcher: { id: 'byName', options: names.find((name) => name !== 'Time') ?? '' }, properties: [] }], 'Add override'))}</div>
    </div></details>`;
}
