// One panel being edited: as it will look, its queries and transformations, and its options.

import { html, useMemo, useState } from '../vendor/preact.js';
import { PanelCard } from '../dashboard/panel.js';
import { selfFed } from '../dashboard/drawings.js';
import { panelTitle } from '../dashboard/layout.js';
import { JsonInput, ColorList, UnitList } from './options/control.js';
import { Fields, GroupForm } from './options/form.js';
import { panelGroups } from './options/fields.js';
import { groupsOf, panelTypes } from './options/types.js';
import { changePanel, modern, viewOfPanel } from './model.js';
import { rebase } from './paths.js';
import { Overrides } from './overrides.js';
import { Queries } from './queries.js';
import { switchType } from './switch-type.js';
import { Transformations } from './transformations.js';

/** @typedef {import('./grid.js').RawPanel} RawPanel */

/** @param {{draft: import('./draft.js').Draft, raw: RawPanel, shared: any}} properties */
export function PanelEditor({ draft, raw, shared }) {
    const { model } = draft;
    const [tab, setTab] = useState('queries');
    const [filter, setFilter] = useState('');
    const [data, setData] = useState(/** @type {any} */ (undefined));
    const panel = useMemo(() => modern(raw, model), [raw]);
    const view = viewOfPanel(raw, model);
    const { type = '' } = panel;
    const fieldless = selfFed.has(type);
    const change = (/** @type {RawPanel} */ next, /** @type {string} */ label, key = '') => {
        if (next !== panel) draft.change(changePanel(draft.model, raw.id, (latest) => rebase(panel, next, latest === raw ? panel : latest)), label, key && `${raw.id} ${key}`);
    };
    const onOption = (/** @type {RawPanel} */ next, /** @type {import('./options/fields.js').Field} */ field) => change(next, `Change ${field.label.toLowerCase()}`, field.path);
    const { more: _, ...card } = shared;
    const shown = tab === 'queries' && fieldless ? 'json' : tab;
    const tabButton = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ count) => html`<button type="button" class="tab" role="tab" aria-selected=${shown === name ? 'true' : 'false'} onClick=${() => setTab(name)}>${text}${count > 0 && html` <span class="count">${count}</span>`}</button>`;
    return html`<div class="panel-editor">
        <${UnitList} /><${ColorList} />
        <div class="editor-main">
            <div class="editor-preview"><${PanelCard} panel=${view} ...${card} alone=${true} onData=${setData} /></div>
            <section class="editor-data" aria-label="Data of the panel">
                <div class="tabs" role="tablist">
                    ${!fieldless && tabButton('queries', 'Queries', (panel.targets ?? []).length)}
                    ${!fieldless && tabButton('transformations', 'Transformations', (panel.transformations ?? []).length)}
                    ${tabButton('json', 'JSON', 0)}
                </div>
                ${shown === 'queries' && html`<${Queries} panel=${panel} shared=${shared} error=${data?.error} onChange=${change} />`}
                ${shown === 'transformations' && html`<${Transformations} panel=${panel} data=${data} onChange=${change} />`}
                ${shown === 'json' && html`<${JsonInput} label="JSON of the panel" rows=${20} value=${panel} onChange=${(/** @type {any} */ next) => change({ ...next, id: raw.id, gridPos: next?.gridPos ?? raw.gridPos }, 'Change JSON of the panel')} />`}
            </section>
        </div>
        <aside class="editor-options" aria-label="Options of the panel">
            <${TypeChoice} type=${type} onChange=${(/** @type {string} */ next) => change(switchType(panel, next), 'Change panel type')} />
            <input class="input" type="search" placeholder="Filter options" aria-label="Filter options" value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value)} />
            ${panelGroups.map((group) => html`<${GroupForm} key=${group.title} group=${group} value=${panel} filter=${filter} onChange=${onOption} />`)}
            ${!filter && html`<${Repeat} panel=${panel} model=${model} onChange=${onOption} />`}
            ${groupsOf(type).map((group) => html`<${GroupForm} key=${`${type} ${group.title}`} group=${group} value=${panel} filter=${filter} onChange=${onOption} />`)}
            ${!fieldless && !filter && html`<${Overrides} panel=${panel} data=${data} onChange=${change} />`}
            <p class="muted">${panelTitle(view, shared.scope)} · panel ${raw.id}</p>
        </aside>
    </div>`;
}

/** @param {{type: string, onChange: (type: string) => void}} properties */
function TypeChoice({ type, onChange }) {
    return html`<label class="option"><span class="option-name">Panel type</span><select class="select" aria-label="Panel type" value=${type} onChange=${(/** @type {any} */ event) => onChange(event.target.value)}>
        ${!panelTypes[type] && html`<option value=${type} selected>${type} (shown as a table)</option>`}
        ${Object.entries(panelTypes).map(([id, { name }]) => html`<option value=${id} selected=${id === type}>${name}</option>`)}</select></label>`;
}

/** @param {{panel: RawPanel, model: any, onChange: (panel: RawPanel, field: import('./options/fields.js').Field) => void}} properties */
function Repeat({ panel, model, onChange }) {
    /** @type {[any, string][]} */
    const variables = [[undefined, 'no variable'], ...(model.templating?.list ?? []).map((/** @type {any} */ one) => [String(one.name), String(one.name)])];
    /** @type {import('./options/fields.js').Field[]} */
    const fields = [
        { path: 'repeat', label: 'Repeat by', type: 'select', choices: variables },
        { path: 'repeatDirection', label: 'Direction', type: 'select', choices: [['h', 'Side by side'], ['v', 'Below each other']], fallback: 'h' },
        { path: 'maxPerRow', label: 'Most in a line', type: 'number', least: 1, most: 24, placeholder: '4', when: { path: 'repeatDirection', is: [undefined, 'h'] } },
    ];
    return html`<details class="option-group" open=${Boolean(panel.repeat)}><summary>Repeat</summary><div class="option-list">
        <${Fields} fields=${panel.repeat ? fields : fields.slice(0, 1)} value=${panel} onChange=${onChange} /></div></details>`;
}
