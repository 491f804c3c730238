// A form made of the descriptions of options.

import { html } from '../../vendor/preact.js';
import { getPath, setPath } from '../paths.js';
import { Control } from './control.js';

/** @typedef {import('./fields.js').Field} Field */

/**
 * Whether an option has a meaning, as others stand.
 * @param {Field} field @param {any} value of the whole
 */
export function applies(field, value) {
    return !field.when || field.when.is.includes(getPath(value, field.when.path));
}

/**
 * What is written when an option is changed: only its own place in the JSON.
 * @template T
 * @param {T} value @param {Field} field @param {any} part
 * @returns {T}
 */
export function withOption(value, field, part) {
    return setPath(value, field.path.split('.').map((one) => (/^\d+$/.test(one) ? Number(one) : one)), part);
}

/**
 * @param {{fields: Field[], value: any, filter?: string, onChange: (value: any, field: Field) => void}} properties
 */
export function Fields({ fields, value, filter = '', onChange }) {
    const wanted = filter.toLowerCase();
    return fields.filter((field) => applies(field, value) && field.label.toLowerCase().includes(wanted)).map((field) => html`<${Control} key=${field.path} field=${field} value=${getPath(value, field.path)}
        onChange=${(/** @type {any} */ part) => onChange(withOption(value, field, part), field)} />`);
}

/**
 * @param {{group: import('./fields.js').Group, value: any, filter: string, onChange: (value: any, field: Field) => void}} properties
 */
export function GroupForm({ group, value, filter, onChange }) {
    const all = group.title.toLowerCase().includes(filter.toLowerCase());
    const shown = group.fields.filter((field) => applies(field, value) && (all || field.label.toLowerCase().includes(filter.toLowerCase())));
    if (shown.length === 0) return null;
    return html`<details class="option-group" open=${true}><summary>${group.title}</summary><div class="option-list">
        <${Fields} fields=${shown} value=${value} onChange=${onChange} /></div></details>`;
}
