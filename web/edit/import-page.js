// Bringing a dashboard file: upload or paste, a report of what is not supported, and which data sources it shall ask.

import { html, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { mayEdit } from '../dashboard/page.js';
import { dataSources, firstOfKind, kindOf } from '../data/sources.js';
import { navigate } from '../router.js';
import { PageHead } from '../pages/shell.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { allFolders, heldBack } from './calls.js';
import './icons.js';
import { Icon } from '../ui/icons.js';

/** @typedef {{title: string, uid: string, schemaVersion: number, panels: number, exists: boolean, inputs: any[], model?: any, problems: {kind: string, name: string, count: number, where: string[], message: string}[]}} Report */

/** @type {Record<string, string>} */
const kindNames = { panel: 'Panel type', transformation: 'Transformation', variable: 'Variable of type', datasource: 'Data source of type', schema: 'Schema version' };

const largest = 8 * 1024 * 1024;

/**
 * The dashboard in a text.
 * @param {string} text @returns {any}
 * @throws an error that says what is wrong with it
 */
export function readDashboard(text) {
    let parsed;
    try {
        parsed = JSON.parse(text);
    } catch (error) {
        throw new Error(`This is no JSON: ${messageOf(error)}`);
    }
    const raw = parsed?.dashboard !== null && typeof parsed?.dashboard === 'object' ? parsed.dashboard : parsed;
    if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) throw new Error('This JSON is no dashboard: a dashboard is an object with a title and panels.');
    // A resource, and the v2 schema: the server makes the classic model of them.
    if (raw.spec !== null && typeof raw.spec === 'object' || raw.elements) return raw;
    if (!Array.isArray(raw.panels) && !Array.isArray(raw.rows)) throw new Error('This JSON is no dashboard: it has neither “panels” nor “rows”.');
    return raw;
}

/** @param {{params: URLSearchParams, user: any}} properties */
export default function ImportPage({ params, user }) {
    const [text, setText] = useState('');
    const [error, setError] = useState('');
    const [found, setFound] = useState(/** @type {{raw: any, report: Report} | null} */ (null));
    if (!mayEdit(user)) return html`<${PageHead} title="Import" /><div class="page-body"><${Empty} title="You may look, not change">An administrator can make you an editor.</${Empty}></div>`;
    const look = async (/** @type {string} */ content) => {
        setError('');
        try {
            const raw = readDashboard(content);
            const report = await request('/api/dashboards/import/report', { json: { dashboard: raw } });
            setFound({ raw: report.model ?? raw, report });
        } catch (failure) {
            setError(messageOf(failure));
        }
    };
    const upload = async (/** @type {File | undefined} */ file) => {
        if (!file) return;
        if (file.size > largest) return setError(`“${file.name}” has more than 8 MiB.`);
        const content = await file.text();
        setText(content);
        await look(content);
    };
    return html`<${PageHead} title=${html`<span class="crumb"><a href="/dashboards">Dashboards</a> / </span>Import`} />
        <div class="page-body narrow settings">
            ${error && html`<${Message}>${error}</${Message}>`}
            ${found ? html`<${ImportForm} ...${found} folderUid=${params.get('folderUid') ?? ''} onBack=${() => setFound(null)} />` : html`<section class="settings-card" onDragOver=${(/** @type {Event} */ event) => event.preventDefault()} onDrop=${(/** @type {DragEvent} */ event) => { event.preventDefault(); upload(event.dataTransfer?.files[0]); }}>
                <label class="field">A dashboard file of Grafana (*.json)<input type="file" class="file-input" accept=".json,application/json" onChange=${(/** @type {any} */ event) => upload(event.target.files[0])} /></label>
                <label class="field">or its text<textarea class="input area mono json-area" spellcheck="false" placeholder='{"title": "…", "panels": […]}' value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea></label>
                <div class="list-line"><button class="button primary" disabled=${text.trim() === ''} onClick=${() => look(text)}>Look at it</button></div></section>`}
        </div>`;
}

/** @param {{raw: any, report: Report, folderUid: string, onBack: () => void}} properties */
function ImportForm({ raw, report, folderUid, onBack }) {
    const sources = useLoad(() => dataSources(), []);
    const folders = useLoad((signal) => allFolders(signal), []);
    const [title, setTitle] = useState(report.title);
    const [folder, setFolder] = useState(folderUid);
    const [values, setValues] = useState(/** @type {Record<string, string>} */ (Object.fromEntries(report.inputs.map((one) => [one.name, one.type === 'constant' ? String(one.value ?? '') : '']))));
    const [asNew, setAsNew] = useState(report.exists);
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    if (!sources.value) return sources.error ? html`<${Message}>${sources.error}</${Message}>` : null;
    const all = sources.value;
    const valueOf = (/** @type {any} */ input) => values[input.name] || (input.type === 'constant' ? '' : firstOfKind(all, kindOf(input.pluginId))?.uid ?? '');
    const submit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        setBusy(true);
        setError('');
        try {
            const dashboard = { ...raw, title, id: null, ...(asNew ? { uid: '' } : {}) };
            const inputs = report.inputs.map((one) => ({ name: one.name, type: one.type, pluginId: one.pluginId, value: valueOf(one) }));
            const answer = await request('/api/dashboards/import', { json: { dashboard, inputs, folderUid: folder, overwrite: report.exists && !asNew } });
            navigate(answer.importedUrl);
        } catch (failure) {
            setError(heldBack(failure) ? `${messageOf(failure)}. Choose another title or folder.` : messageOf(failure));
            setBusy(false);
        }
    };
    return html`<form class="settings-card" onSubmit=${submit}>
        ${error && html`<${Message}>${error}</${Message}>`}
        <h2>${report.title}</h2><p class="muted">${report.panels} panel${report.panels === 1 ? '' : 's'}, schema version ${report.schemaVersion || 'unknown'}</p>
        ${report.problems.length === 0 ? html`<p class="good-note"><${Icon} name="check" size="14" />All of it is supported.</p>` : html`<section aria-label="Import report"><h2>What is not supported</h2><ul class="report">${report.problems.map((one) => html`<li key=${`${one.kind} ${one.name}`}><strong>${kindNames[one.kind] ?? one.kind} “${one.name}”</strong>: ${one.message}
            ${one.where.length > 0 && html` <span class="muted">${one.where.join(', ')}${one.count > one.where.length ? ` and ${one.count - one.where.length} more` : ''}</span>`}</li>`)}</ul></section>`}
        <label class="field">Title<input class="input" required value=${title} onInput=${(/** @type {any} */ event) => setTitle(event.target.value)} /></label>
        <label class="field">Folder<select class="select" onChange=${(/** @type {any} */ event) => setFolder(event.target.value)}><option value="" selected=${folder === ''}>Dashboards (top)</option>${(folders.value ?? []).map((one) => html`<option value=${one.uid} selected=${one.uid === folder}>${one.title}</option>`)}</select></label>
        ${report.inputs.map((input) => html`<label class="field" key=${input.name}>${input.label || input.name}
            ${input.type === 'constant' ? html`<input class="input" value=${values[input.name] ?? ''} onInput=${(/** @type {any} */ event) => setValues({ ...values, [input.name]: event.target.value })} />`
                : html`<select class="select" onChange=${(/** @type {any} */ event) => setValues({ ...values, [input.name]: event.target.value })}>${all.filter((one) => !input.pluginId || kindOf(one.type) === kindOf(input.pluginId)).map((one) => html`<option value=${one.uid} selected=${one.uid === valueOf(input)}>${one.name}</option>`)}</select>`}
            ${input.type !== 'constant' && !firstOfKind(all, kindOf(input.pluginId)) && html`<${Message} tone="warn">No source of type “${input.pluginName ?? input.pluginId}” is configured.</${Message}>`}</label>`)}
        ${report.exists && html`<${Message} tone="warn">A dashboard with the uid “${report.uid}” is there already.</${Message}>
            <label class="check"><input type="radio" name="exists" checked=${asNew} onChange=${() => setAsNew(true)} />Import it beside, with a new uid</label>
            <label class="check"><input type="radio" name="exists" checked=${!asNew} onChange=${() => setAsNew(false)} />Save it over that one, as its next version</label>`}
        <div class="list-line"><button class="button primary" type="submit" disabled=${busy}>Import</button><button class="button quiet" type="button" onClick=${onBack}>Another file</button></div>
    </form>`;
}
