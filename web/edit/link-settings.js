// The links in the head of a dashboard.

import { html } from '../vendor/preact.js';
import { Empty } from '../ui/messages.js';
import { Fields } from './options/form.js';
import { adder, tool } from './options/lists.js';
import { moved, setPath } from './paths.js';

/** @typedef {import('./options/fields.js').Field} Field */

/** @type {Field[]} */
const fields = [
    { path: 'type', label: 'To', type: 'select', choices: [['link', 'An address'], ['dashboards', 'Dashboards with tags']], fallback: 'link' }, { path: 'title', label: 'Title', type: 'text' }, { path: 'url', label: 'Address', type: 'text', placeholder: '/d/services', when: { path: 'type', is: [undefined, 'link'] } },
    { path: 'tooltip', label: 'Hint', type: 'text', when: { path: 'type', is: [undefined, 'link'] } }, { path: 'tags', label: 'Tags', type: 'list', when: { path: 'type', is: ['dashboards'] } }, { path: 'asDropdown', label: 'As a menu', type: 'toggle', when: { path: 'type', is: ['dashboards'] } },
    { path: 'keepTime', label: 'Keep the time range', type: 'toggle' }, { path: 'includeVars', label: 'Keep the variables', type: 'toggle' }, { path: 'targetBlank', label: 'In a new tab', type: 'toggle' },
];

/** @param {{model: any, onChange: (model: any, label: string, key?: string) => void}} properties */
export function LinkSettings({ model, onChange }) {
    const list = /** @type {any[]} */ (Array.isArray(model.links) ? model.links : []);
    const set = (/** @type {any[]} */ next, /** @type {string} */ label, key = '') => onChange(setPath(model, 'links', next), label, key);
    return html`<section class="settings-card">
        ${list.length === 0 && html`<${Empty} title="No links">Links lead from the head of the board to other boards and addresses.</${Empty}>`}
        ${list.map((link, at) => html`<section class="target" key=${at} aria-label=${`Link ${at + 1}`}>
            <header><strong>${link.title || `Link ${at + 1}`}</strong><span class="tools">${tool(`Move link ${at + 1} up`, 'up', () => set(moved(list, at, -1), 'Move link'))}${tool(`Remove link ${at + 1}`, 'trash', () => set(list.filter((_, index) => index !== at), 'Remove link'))}</span></header>
            <div class="option-list beside"><${Fields} fields=${fields} value=${link} onChange=${(/** @type {any} */ next, /** @type {Field} */ field) => set(list.map((one, index) => (index === at ? next : one)), 'Change link', `link ${at} ${field.path}`)} /></div></section>`)}
        <div class="list-line">${adder('Add link', () => set([...list, { type: 'link', title: '', url: '', icon: 'external link', tags: [], asDropdown: false, keepTime: false, includeVars: false, targetBlank: false, tooltip: '' }], 'Add link'))}</div>
    </section>`;
}
