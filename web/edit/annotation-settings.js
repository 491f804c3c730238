// The annotation queries of a dashboard: what is marked on its plots.

import { html, useState } from '../vendor/preact.js';
import { queryOf } from '../dashboard/annotations.js';
import { Icon } from '../ui/icons.js';
import { Empty } from '../ui/messages.js';
import { CommitInput } from './options/commit-input.js';
import { Fields } from './options/form.js';
import { adder, tool } from './options/lists.js';
import { ColorList } from './options/control.js';
import { moved, setPath } from './paths.js';
import { SourceChoice } from './queries.js';

/** @typedef {import('./options/fields.js').Field} Field */

/** @type {Field[]} */
const before = [{ path: 'name', label: 'Name', type: 'text' }, { path: 'enable', label: 'Shown at first', type: 'toggle', fallback: true }, { path: 'hide', label: 'Without a switch in the board', type: 'toggle' }, { path: 'iconColor', label: 'Colour', type: 'color', fallback: 'red' }];
/** @type {Field[]} */
const after = [
    { path: 'step', label: 'Step', type: 'text', placeholder: '60s' }, { path: 'titleFormat', label: 'Title', type: 'text', placeholder: '{{alertname}}' }, { path: 'textFormat', label: 'Text', type: 'text', placeholder: '{{instance}}' }, { path: 'tagKeys', label: 'Labels as tags', type: 'text', placeholder: 'severity, team' },
    { path: 'useValueForTime', label: 'The value is the time', type: 'toggle' }, { path: 'filter.exclude', label: 'On panels', type: 'select', choices: [[false, 'Only on these'], [true, 'On all but these']], fallback: false },
];

/**
 * The query where its annotation keeps it.
 * @param {any} one @param {string} text
 */
export function withQuery(one, text) {
    if (one.target && typeof one.target === 'object' && one.expr === undefined) return { ...one, target: { ...one.target, [one.target.query !== undefined && one.target.expr === undefined ? 'query' : 'expr']: text } };
    return { ...one, expr: text };
}

/** @param {{model: any, shared: any, onChange: (model: any, label: string, key?: string) => void}} properties */
export function AnnotationSettings({ model, shared, onChange }) {
    const list = /** @type {any[]} */ (model.annotations?.list ?? []);
    const [at, setAt] = useState(-1);
    const set = (/** @type {any[]} */ next, /** @type {string} */ label, key = '') => onChange(setPath(model, 'annotations.list', next), label, key);
    const one = list[at];
    if (one) {
        const change = (/** @type {any} */ next, /** @type {string} */ label, key = '') => set(list.map((other, index) => (index === at ? next : other)), label, key && `annotation ${at} ${key}`);
        const onField = (/** @type {any} */ next, /** @type {Field} */ field) => change(next, `Change ${field.label.toLowerCase()} of an annotation`, field.path);
        const panels = shared.dashboard.panels.flatMap((/** @type {any} */ panel) => [panel, ...panel.panels ?? []]).filter((/** @type {any} */ panel) => panel.type !== 'row');
        const ids = /** @type {number[]} */ (one.filter?.ids ?? []);
        return html`<section class="settings-card"><${ColorList} />
            <button type="button" class="button quiet small" onClick=${() => setAt(-1)}><${Icon} name="back" size="13" />All annotations</button>
            <div class="option-list"><${Fields} fields=${before} value=${one} onChange=${onField} />
                ${!one.builtIn && html`<${SourceChoice} label="Data source" value=${one.datasource} sources=${shared.sources} variables=${shared.dashboard.templating.list} onChange=${(/** @type {any} */ datasource) => change({ ...one, datasource }, 'Change source of an annotation')} />
                    <label class="option block"><span class="option-name">Query</span><${CommitInput} area=${true} class="input area mono" rows="2" spellcheck="false" placeholder="changes(process_start_time_seconds[1m]) > 0" value=${queryOf(one)} onCommit=${(/** @type {string} */ text) => change(withQuery(one, text.trim()), 'Change query of an annotation')} /></label>
                    <${Fields} fields=${after} value=${one} onChange=${onField} />
                    <fieldset class="option block"><legend class="option-name">Panels${ids.length === 0 && ' (all)'}</legend>${panels.map((/** @type {any} */ panel) => html`<label class="check" key=${panel.id}><input type="checkbox" checked=${ids.includes(panel.id)}
                        onChange=${() => { const next = ids.includes(panel.id) ? ids.filter((id) => id !== panel.id) : [...ids, panel.id]; change(next.length > 0 ? { ...one, filter: { exclude: false, ...one.filter, ids: next } } : (({ filter: _, ...rest }) => rest)(one), 'Change panels of an annotation'); }} />${panel.title || `Panel ${panel.id}`}</label>`)}</fieldset>`}
            </div></section>`;
    }
    const add = () => {
        const source = shared.sources.find((/** @type {any} */ source) => source.isDefault) ?? shared.sources[0];
        set([...list, { name: 'New annotation', enable: true, hide: false, iconColor: 'red', datasource: source && { type: source.type, uid: source.uid }, expr: '' }], 'Add annotation');
        setAt(list.length);
    };
    return html`<section class="settings-card">
        ${list.length === 0 && html`<${Empty} title="No annotation queries">An annotation query marks moments and spans on all plots of the board: deployments, restarts, alerts.</${Empty}>`}
        ${list.map((annotation, index) => html`<div class="list-line wide" key=${index}>
            <button type="button" class="list-name" onClick=${() => setAt(index)}>${annotation.name || 'Annotation'}</button><span class="muted">${annotation.builtIn ? 'made by hand on this board' : annotation.enable === false ? 'off' : ''}</span><code class="cut">${queryOf(annotation)}</code>
            <span class="tools">${tool(`Move ${annotation.name} up`, 'up', () => set(moved(list, index, -1), 'Move annotation'))}${tool(`Remove ${annotation.name}`, 'trash', () => set(list.filter((_, place) => place !== index), 'Remove annotation'))}</span></div>`)}
        <div class="list-line">${adder('Add annotation query', add)}</div>
    </section>`;
}
