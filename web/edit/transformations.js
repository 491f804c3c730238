// The transformations of a panel, in their order.

import { html } from '../vendor/preact.js';
import { Menu } from '../ui/menu.js';
import { Icon } from '../ui/icons.js';
import { calcs, Choice, JsonInput } from './options/control.js';
import { CommitInput } from './options/commit-input.js';
import { Fields } from './options/form.js';
import { tool } from './options/lists.js';
import { reducerName } from '../data/reducers.js';
import { moved, setPath } from './paths.js';
import { transformationForms } from './transformation-forms.js';

/** @typedef {import('./grid.js').RawPanel} RawPanel */

/**
 * The names of the fields that the panel shows now.
 * @param {any} data @returns {string[]}
 */
export function fieldNames(data) {
    const names = (data?.frames ?? []).flatMap((/** @type {any} */ frame) => frame.fields.map((/** @type {any} */ field) => field.config?.displayName ?? field.config?.displayNameFromDS ?? field.name));
    return [...new Set(/** @type {string[]} */ (names))];
}

/** @param {{panel: RawPanel, data: any, onChange: (panel: RawPanel, label: string, key?: string) => void}} properties */
export function Transformations({ panel, data, onChange }) {
    const steps = Array.isArray(panel.transformations) ? panel.transformations : [];
    const set = (/** @type {any[]} */ next, /** @type {string} */ label, key = '') => onChange({ ...panel, transformations: next }, label, key);
    const change = (/** @type {number} */ at, /** @type {any} */ step, key = '') => set(steps.map((/** @type {any} */ one, /** @type {number} */ index) => (index === at ? step : one)), 'Change transformation', key && `step ${at} ${key}`);
    const names = fieldNames(data);
    return html`<div class="queries">
        ${steps.map((/** @type {any} */ step, /** @type {number} */ at) => {
            const form = transformationForms[step.id];
            const title = form?.name ?? step.id;
            const options = step.options ?? {};
            return html`<section class="target ${step.disabled ? 'off' : ''}" key=${`${at} ${step.id}`} aria-label=${title}>
                <header><strong>${at + 1}. ${title}</strong><span class="muted">${form?.about ?? 'Not applied here'}</span>
                    <span class="tools">${tool(step.disabled ? `Apply ${title}` : `Do not apply ${title}`, step.disabled ? 'eyeOff' : 'eye', () => change(at, step.disabled ? (({ disabled: _, ...rest }) => rest)(step) : { ...step, disabled: true }))}
                        ${tool(`Move ${title} up`, 'up', () => set(moved(steps, at, -1), 'Move transformation'))}${tool(`Remove ${title}`, 'trash', () => set(steps.filter((/** @type {any} */ _, /** @type {number} */ index) => index !== at), 'Remove transformation'))}</span></header>
                <div class="option-list beside"><${Fields} fields=${form?.fields ?? []} value=${options} onChange=${(/** @type {any} */ next, /** @type {any} */ field) => change(at, { ...step, options: next }, field.path)} /></div>
                ${step.id === 'organize' && html`<${Organize} names=${names} options=${options} onChange=${(/** @type {any} */ next) => change(at, { ...step, options: next }, 'organize')} />`}
                ${step.id === 'groupBy' && html`<${GroupBy} names=${names} options=${options} onChange=${(/** @type {any} */ next) => change(at, { ...step, options: next })} />`}
                <details><summary class="muted">Options as JSON</summary><${JsonInput} label=${`Options of ${title} as JSON`} value=${options} onChange=${(/** @type {any} */ next) => change(at, { ...step, options: next ?? {} })} /></details>
            </section>`;
        })}
        <${Menu} title="Add transformation" label=${html`<${Icon} name="plus" size="13" />Add transformation`} class="button small">
            ${(/** @type {() => void} */ close) => html`<div class="menu-scroll">${Object.entries(transformationForms).map(([id, form]) => html`<button class="menu-item" role="menuitem" onClick=${() => { close(); set([...steps, { id, options: structuredClone(form.initial ?? {}) }], 'Add transformation'); }}>
                <span>${form.name} <span class="muted">${form.about}</span></span></button>`)}</div>`}
        </${Menu}>
    </div>`;
}

/**
 * @param {{names: string[], options: any, onChange: (options: any) => void}} properties the fields as they come out, which have their new names
 */
function Organize({ names, options, onChange }) {
    const renamed = options.renameByName ?? {};
    const excluded = options.excludeByName ?? {};
    const original = new Map(Object.entries(renamed).map(([from, to]) => [to, from]));
    const sources = [...new Set([...names.map((name) => String(original.get(name) ?? name)), ...Object.keys(excluded)])];
    const order = options.indexByName ?? {};
    const sorted = sources.sort((a, b) => (order[a] ?? 1e6) - (order[b] ?? 1e6));
    const move = (/** @type {number} */ at) => onChange({ ...options, indexByName: Object.fromEntries(moved(sorted, at, -1).map((name, index) => [name, index])) });
    if (sorted.length === 0) return html`<p class="muted">The fields are listed here once the query answers.</p>`;
    return html`<div class="stack">${sorted.map((name, at) => html`<div class="list-line" key=${name}>
        <label class="check"><input type="checkbox" aria-label=${`Show ${name}`} checked=${!excluded[name]} onChange=${(/** @type {any} */ event) => onChange(setPath(options, ['excludeByName', name], event.target.checked ? undefined : true))} /><span class="cut">${name}</span></label>
        <${CommitInput} aria-label=${`New name of ${name}`} placeholder="New name" value=${renamed[name]} onCommit=${(/** @type {string} */ text) => onChange(setPath(options, ['renameByName', name], text || undefined))} />
        ${tool(`Move ${name} up`, 'up', () => move(at))}</div>`)}</div>`;
}

/** @param {{names: string[], options: any, onChange: (options: any) => void}} properties */
function GroupBy({ names, options, onChange }) {
    const fields = options.fields ?? {};
    const all = [...new Set([...Object.keys(fields), ...names])];
    return html`<div class="stack">${all.map((name) => html`<div class="list-line" key=${name}><span class="cut">${name}</span>
        <${Choice} field=${{ path: '', label: `Use of ${name}`, type: 'select', choices: [[undefined, 'Left out'], ['groupby', 'Group by'], ['aggregate', 'Calculate']] }} value=${fields[name]?.operation}
            onChange=${(/** @type {any} */ operation) => onChange(setPath(options, ['fields', name], operation ? { aggregations: [], ...fields[name], operation } : undefined))} />
        ${fields[name]?.operation === 'aggregate' && html`<${Choice} field=${{ path: '', label: `Calculation of ${name}`, type: 'select', choices: calcs.map((id) => [id, reducerName(id)]) }} value=${fields[name]?.aggregations?.[0]}
            onChange=${(/** @type {any} */ id) => onChange(setPath(options, ['fields', name, 'aggregations'], [id, ...(fields[name].aggregations ?? []).slice(1)]))} />`}
    </div>`)}</div>`;
}
