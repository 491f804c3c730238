// The variables of a dashboard: their list, and a form for one of them with a preview of its values.

import { html, useState } from '../vendor/preact.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { CommitInput } from './options/commit-input.js';
import { Fields } from './options/form.js';
import { adder, tool } from './options/lists.js';
import { moved, setPath } from './paths.js';
import { SourceChoice } from './queries.js';

/** @typedef {import('./options/fields.js').Field} Field */

const kinds = ['query', 'custom', 'interval', 'datasource', 'constant', 'textbox', 'adhoc'];

/** @type {Field[]} */
const common = [
    { path: 'type', label: 'Type', type: 'select', choices: kinds.map((one) => [one, { query: 'Query', custom: 'Custom', interval: 'Interval', datasource: 'Data source', constant: 'Constant', textbox: 'Text box', adhoc: 'Ad hoc filters' }[one] ?? one]), fallback: 'query' },
    { path: 'label', label: 'Label', type: 'text' }, { path: 'description', label: 'Description', type: 'text' }, { path: 'hide', label: 'In the board', type: 'select', choices: [[0, 'Label and value'], [1, 'Value only'], [2, 'Nothing']], fallback: 0 },
];

/** @type {Field[]} */
const choosing = [{ path: 'multi', label: 'Several values', type: 'toggle' }, { path: 'includeAll', label: '“All”', type: 'toggle' }, { path: 'allValue', label: 'Value of “All”', type: 'text', placeholder: '.*', when: { path: 'includeAll', is: [true] } }];

/** @type {Record<string, Field[]>} */
const own = {
    query: [
        { path: 'regex', label: 'Regular expression', type: 'text', placeholder: '/(?<text>.*):(?<value>\\d+)/' }, { path: 'sort', label: 'Order', type: 'select', choices: [[0, 'As they come'], [1, 'A to Z'], [2, 'Z to A'], [3, 'Numbers, rising'], [4, 'Numbers, falling'], [5, 'A to Z, any case'], [6, 'Z to A, any case'], [7, 'Natural, rising'], [8, 'Natural, falling']], fallback: 0 },
        { path: 'refresh', label: 'Asks anew', type: 'select', choices: [[1, 'When the board is opened'], [2, 'When the time range changes']], fallback: 1 }, ...choosing,
    ],
    custom: choosing,
    interval: [{ path: 'auto', label: 'Automatic', type: 'toggle' }, { path: 'auto_count', label: 'Steps', type: 'number', least: 1, placeholder: '30', when: { path: 'auto', is: [true] } }, { path: 'auto_min', label: 'At least', type: 'text', placeholder: '10s', when: { path: 'auto', is: [true] } }],
    datasource: [{ path: 'regex', label: 'Names (regular expression)', type: 'text' }, ...choosing],
    constant: [], textbox: [], adhoc: [],
};

/**
 * What is asked for in the text of a variable, by its type.
 * @type {Record<string, [string, string]>}
 */
const texts = { query: ['Query', 'label_values(up, instance)'], custom: ['Values', 'a, b : label'], interval: ['Values', '1m, 10m, 1h'], constant: ['Value', ''], textbox: ['Value at first', ''] };

/** @param {any} variable */
export function queryText(variable) {
    const { query } = variable;
    return String(typeof query === 'string' ? query : query?.query ?? query?.expr ?? variable.definition ?? '');
}

/**
 * A variable with another text, in the shape that it had.
 * @param {any} variable @param {string} text
 */
export function withQueryText(variable, text) {
    const { query } = variable;
    if (variable.type !== 'query') {
        // What was chosen among the old values is not one of the new ones.
        const { current: _, options: __, ...rest } = variable;
        return { ...rest, query: text, ...(variable.type === 'constant' || variable.type === 'textbox' ? { current: { text, value: text } } : {}) };
    }
    const shaped = query !== null && typeof query === 'object' ? { ...query, query: text } : text;
    return { ...variable, query: shaped, definition: text };
}

/**
 * What is wrong with a name, if anything.
 * @param {string} name @param {string[]} others
 */
export function nameProblem(name, others) {
    if (!/^\w+$/.test(name)) return 'A name has letters, digits and _ only.';
    if (name.startsWith('__')) return 'Names that begin with __ belong to Grafana.';
    return others.includes(name) ? `There is a variable “${name}” already.` : '';
}

/** @param {{model: any, shared: any, states: any[], onChange: (model: any, label: string, key?: string) => void}} properties */
export function VariableSettings({ model, shared, states, onChange }) {
    const list = /** @type {any[]} */ (model.templating?.list ?? []);
    const [at, setAt] = useState(-1);
    const set = (/** @type {any[]} */ next, /** @type {string} */ label, key = '') => onChange(setPath(model, 'templating.list', next), label, key);
    const names = list.map((one) => String(one.name));
    const one = list[at];
    if (one) {
        const change = (/** @type {any} */ next, /** @type {string} */ label, key = '') => set(list.map((other, index) => (index === at ? next : other)), label, key && `variable ${at} ${key}`);
        return html`<${VariableForm} variable=${one} others=${names.filter((_, index) => index !== at)} state=${states.find((state) => state.variable.name === one.name)} shared=${shared} onChange=${change} onClose=${() => setAt(-1)} />`;
    }
    const add = () => {
        let number = 1;
        while (names.includes(`variable${number}`)) number += 1;
        const source = shared.sources.find((/** @type {any} */ source) => source.isDefault) ?? shared.sources[0];
        set([...list, { name: `variable${number}`, type: 'query', label: '', hide: 0, query: '', definition: '', datasource: source && { type: source.type, uid: source.uid }, refresh: 1, regex: '', sort: 1, multi: false, includeAll: false, current: {}, options: [] }], 'Add variable');
        setAt(list.length);
    };
    return html`<section class="settings-card">
        ${list.length === 0 && html`<${Empty} title="No variables">A variable is a choice in the head of the board, which queries and titles name as $name.</${Empty}>`}
        ${list.map((variable, index) => html`<div class="list-line wide" key=${variable.name}>
            <button type="button" class="list-name" onClick=${() => setAt(index)}>$${variable.name}</button><span class="muted">${variable.type}</span><code class="cut">${queryText(variable)}</code>
            <span class="tools">${tool(`Move ${variable.name} up`, 'up', () => set(moved(list, index, -1), 'Move variable'))}${tool(`Duplicate ${variable.name}`, 'copy', () => { let name = `${variable.name}_copy`; while (names.includes(name)) name += '_'; set([...list, { ...structuredClone(variable), name }], 'Duplicate variable'); })}${tool(`Remove ${variable.name}`, 'trash', () => set(list.filter((_, place) => place !== index), 'Remove variable'))}</span></div>`)}
        <div class="list-line">${adder('Add variable', add)}</div>
    </section>`;
}

/** @param {{variable: any, others: string[], state: any, shared: any, onChange: (variable: any, label: string, key?: string) => void, onClose: () => void}} properties */
function VariableForm({ variable, others, state, shared, onChange, onClose }) {
    const [name, setName] = useState(String(variable.name));
    const type = variable.type ?? 'query';
    const wrong = name === variable.name ? '' : nameProblem(name, others);
    const [title, placeholder] = texts[type] ?? [];
    const onField = (/** @type {any} */ next, /** @type {Field} */ field) => {
        if (field.path === 'type') {
            const { current: _, options: __, definition: ___, ...rest } = next;
            return onChange({ ...rest, query: next.type === 'interval' ? '1m,10m,30m,1h,6h,12h,1d' : next.type === 'datasource' ? 'prometheus' : '' }, 'Change type of variable');
        }
        return onChange(next, `Change ${field.label.toLowerCase()} of $${variable.name}`, field.path);
    };
    return html`<section class="settings-card">
        <button type="button" class="button quiet small" onClick=${onClose}><${Icon} name="back" size="13" />All variables</button>
        <div class="option-list">
            <label class="option"><span class="option-name">Name</span><input class="input" aria-invalid=${wrong ? 'true' : undefined} value=${name} onInput=${(/** @type {any} */ event) => {
                setName(event.target.value);
                if (nameProblem(event.target.value, others) === '') onChange({ ...variable, name: event.target.value }, 'Rename variable', 'name');
            }} /></label>
            ${wrong && html`<${Message}>${wrong}</${Message}>`}
            <${Fields} fields=${common} value=${variable} onChange=${onField} />
            ${(type === 'query' || type === 'adhoc') && html`<${SourceChoice} label="Data source" value=${variable.datasource} sources=${shared.sources} variables=${shared.dashboard.templating.list.filter((/** @type {any} */ one) => one.name !== variable.name)} onChange=${(/** @type {any} */ datasource) => onChange({ ...variable, datasource }, `Change source of $${variable.name}`)} />`}
            ${type === 'datasource' && html`<${Fields} fields=${[{ path: 'query', label: 'Kind of source', type: 'select', choices: ['prometheus', 'loki', 'tempo', 'alertmanager'].map((kind) => [kind, kind]) }]} value=${variable} onChange=${onField} />`}
            ${title && html`<label class="option block"><span class="option-name">${title}</span><${CommitInput} area=${true} class="input area mono" rows="2" spellcheck="false" placeholder=${placeholder} value=${queryText(variable)} onCommit=${(/** @type {string} */ text) => onChange(withQueryText(variable, text), `Change query of $${variable.name}`)} /></label>`}
            <${Fields} fields=${own[type] ?? []} value=${variable} onChange=${onField} />
        </div>
        ${state?.error && html`<${Message}>${state.error}</${Message}>`}
        ${state && state.options.length > 0 && html`<div class="preview-values" aria-label="Preview of values"><span class="muted">${state.options.length} value${state.options.length === 1 ? '' : 's'}:</span> ${state.options.slice(0, 50).map((/** @type {any} */ option) => html`<span class="tag">${option.text}</span>`)}${state.options.length > 50 && html`<span class="muted">and ${state.options.length - 50} more</span>`}</div>`}
        ${state && !state.error && state.options.length === 0 && ['query', 'custom', 'interval', 'datasource'].includes(type) && html`<p class="muted">No values in this time range.</p>`}
    </section>`;
}
