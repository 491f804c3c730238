// The settings of a dashboard: what it is, its variables, annotations and links, its versions and its JSON.

import { html, useEffect, useState } from '../vendor/preact.js';
import { loadOldTypes } from '../dashboard/upgrade-panel.js';
import { setParams } from '../router.js';
import { Message } from '../ui/messages.js';
import { AnnotationSettings } from './annotation-settings.js';
import { copyText, tell } from './dialogs.js';
import { LinkSettings } from './link-settings.js';
import { editable } from './model.js';
import { Fields } from './options/form.js';
import { rebase } from './paths.js';
import { VariableSettings } from './variable-settings.js';
import { Versions } from './versions.js';

/** @typedef {import('./options/fields.js').Field} Field */

/** @type {[string, string][]} */
const sections = [['settings', 'General'], ['variables', 'Variables'], ['annotations', 'Annotations'], ['links', 'Links'], ['versions', 'Versions'], ['json', 'JSON']];

/** @type {[any, string][]} */
const zones = [['browser', 'Of the browser'], ['utc', 'UTC'], ...['Europe/London', 'Europe/Berlin', 'America/New_York', 'America/Los_Angeles', 'Asia/Tokyo', 'Asia/Kolkata', 'Australia/Sydney'].map((zone) => /** @type {[any, string]} */ ([zone, zone]))];

/** @type {Field[]} */
const general = [
    { path: 'title', label: 'Title', type: 'text' }, { path: 'description', label: 'Description', type: 'area' }, { path: 'tags', label: 'Tags', type: 'list' },
    { path: 'editable', label: 'Editable', type: 'toggle', fallback: true }, { path: 'timezone', label: 'Time zone', type: 'select', choices: zones, fallback: 'browser' },
    { path: 'time.from', label: 'From', type: 'text', placeholder: 'now-1h' }, { path: 'time.to', label: 'To', type: 'text', placeholder: 'now' }, { path: 'refresh', label: 'Refresh', type: 'select', choices: [['', 'Off'], ['auto', 'Automatic'], ...['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'].map((one) => /** @type {[any, string]} */ ([one, `Every ${one}`]))], fallback: '' },
    { path: 'graphTooltip', label: 'Pointer on graphs', type: 'select', choices: [[0, 'On each graph alone'], [1, 'A line on all graphs'], [2, 'Values on all graphs']], fallback: 0 },
];

/** @param {{draft: import('./draft.js').Draft, section: string, shared: any, states: any[], onRestored: () => void}} properties */
export function SettingsPage({ draft, section, shared, states, onRestored }) {
    const { model } = draft;
    const shown = sections.some(([name]) => name === section) ? section : 'settings';
    const change = (/** @type {any} */ next, /** @type {string} */ label, key = '') => {
        if (next !== model) draft.change(rebase(model, next, draft.model), label, key);
    };
    return html`<div class="page-body settings">
        <div class="tabs" role="tablist" aria-label="Settings">${sections.map(([name, text]) => html`<button class="tab" role="tab" aria-selected=${name === shown ? 'true' : 'false'} onClick=${() => setParams({ editview: name }, { replace: true })}>${text}</button>`)}</div>
        ${shown === 'settings' && html`<section class="settings-card"><div class="option-list"><${Fields} fields=${general} value=${model} onChange=${(/** @type {any} */ next, /** @type {Field} */ field) => change(next, `Change ${field.label.toLowerCase()}`, field.path)} /></div></section>`}
        ${shown === 'variables' && html`<${VariableSettings} model=${model} shared=${shared} states=${states} onChange=${change} />`}
        ${shown === 'annotations' && html`<${AnnotationSettings} model=${model} shared=${shared} onChange=${change} />`}
        ${shown === 'links' && html`<${LinkSettings} model=${model} onChange=${change} />`}
        ${shown === 'versions' && html`<${Versions} uid=${model.uid ?? ''} canRestore=${!draft.meta.provisioned} dirty=${draft.dirty} onRestored=${onRestored} />`}
        ${shown === 'json' && html`<${ModelEditor} model=${model} onChange=${(/** @type {any} */ next) => change(editable(next), 'Change JSON')} />`}
    </div>`;
}

/**
 * The whole model as text.
 * @param {{model: any, onChange: (model: any) => void}} properties
 */
function ModelEditor({ model, onChange }) {
    const written = JSON.stringify(model, null, 2);
    const [text, setText] = useState(written);
    const [wrong, setWrong] = useState('');
    useEffect(() => setText(written), [written]);
    const apply = async () => {
        try {
            const next = JSON.parse(text);
            if (next === null || typeof next !== 'object' || Array.isArray(next)) throw new Error('A dashboard is an object with a title and panels.');
            if (!Array.isArray(next.panels)) throw new Error('“panels” must be a list.');
            await loadOldTypes(next);
            setWrong('');
            onChange(next.uid === model.uid ? next : { ...next, uid: model.uid });
            tell('Taken over. “Save” keeps it.');
        } catch (error) {
            setWrong(error instanceof Error ? error.message : String(error));
        }
    };
    return html`<section class="settings-card">
        <p class="muted">The model under Grafana’s names. What is changed here is taken over by “Apply”, and kept by “Save”.</p>
        ${wrong && html`<${Message}>${wrong}</${Message}>`}
        <textarea class="input area mono json-area" spellcheck="false" aria-label="JSON of the dashboard" aria-invalid=${wrong ? 'true' : undefined} value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>
        <div class="list-line"><button class="button primary" disabled=${text === written} onClick=${apply}>Apply</button>
            <button class="button" disabled=${text === written} onClick=${() => { setText(written); setWrong(''); }}>Reset</button>
            <button class="button" onClick=${() => copyText(text).catch((error) => setWrong(error.message))}>Copy</button></div>
    </section>`;
}
