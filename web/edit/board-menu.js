// What can be done with a whole dashboard while it is looked at.

import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { mayEdit } from '../dashboard/page.js';
import { navigate, setParams } from '../router.js';
import { save as saveFile } from '../panels/save.js';
import { Icon } from '../ui/icons.js';
import { Message } from '../ui/messages.js';
import { loadStyles } from '../ui/styles.js';
import { deleteBoard, loadBoard, moveBoard, setStar, allFolders } from './calls.js';
import { Sheet, ask, copyText, openSheet, tell } from './dialogs.js';
import { Draft, forgetDraft } from './draft.js';
import { plainExport, sharedExport } from './export.js';
import './icons.js';
import { openSave } from './save.js';
import { openShare } from './share.js';
import { Versions } from './versions.js';

await loadStyles(new URL('../styles/edit.css', import.meta.url));

/**
 * Stars that were set since the page was loaded.
 * @type {Map<string, boolean>}
 */
const starred = new Map();

/** @param {unknown} error */
const complain = (error) => openSheet((close) => html`<${Sheet} title="This could not be done" onClose=${() => close()}><${Message}>${messageOf(error)}</${Message}></${Sheet}>`);

/** @param {{dashboard: any, meta: any, user: any, states: any, sources: any[], range: any, close: () => void}} properties */
export function BoardMenuItems({ dashboard, meta, user, states, sources, range, close }) {
    const { uid, title } = dashboard;
    const first = useRef(/** @type {HTMLElement | null} */ (null));
    const [star, setStarred] = useState(starred.get(uid) ?? Boolean(meta.isStarred));
    useLayoutEffect(() => first.current?.querySelector('button')?.focus(), []);
    const editor = mayEdit(user);
    const item = (/** @type {string} */ icon, /** @type {string} */ text, /** @type {() => any} */ run) => html`<button class="menu-item" role="menuitem" onClick=${() => { close(); Promise.resolve(run()).catch(complain); }}><${Icon} name=${icon} size="14" />${text}</button>`;
    const flip = async () => {
        await setStar(uid, !star);
        starred.set(uid, !star);
        setStarred(!star);
        tell(star ? 'No longer starred.' : 'Starred.');
    };
    const fresh = async () => new Draft((await loadBoard(uid)).dashboard, meta);
    const copy = async () => {
        const saved = await openSave({ draft: await fresh(), range, states, copy: true, onSaved: () => {} });
        if (saved) navigate(saved.url);
    };
    const remove = async () => {
        const answer = await ask({ title: `Delete “${title}”?`, text: 'The dashboard and all its versions are deleted. This cannot be undone.', answers: [['yes', 'Delete', 'danger'], ['', 'Cancel', 'quiet']] });
        if (answer !== 'yes') return;
        await deleteBoard(uid);
        forgetDraft(uid);
        tell(`“${title}” is deleted.`);
        navigate('/dashboards');
    };
    const versions = () => openSheet((closeSheet) => html`<${Sheet} title=${`Versions of “${title}”`} wide=${true} onClose=${() => closeSheet()}><${Versions} uid=${uid} canRestore=${editor && !meta.provisioned} onRestored=${() => window.location.reload()} /></${Sheet}>`);
    return html`<div ref=${first}>
        ${item('star', star ? 'Remove the star' : 'Star', flip)}
        ${item('share', 'Share', () => openShare({ dashboard, range }))}
        ${item('download', 'Export', () => openExport({ uid, sources }))}
        ${!meta.provisioned && item('history', 'Versions', versions)}
        ${editor && item('gear', 'Settings', () => setParams({ edit: '1', editview: 'settings' }))}
        ${editor && item('copy', 'Save as a copy', copy)}
        ${editor && !meta.provisioned && item('folder', 'Move', () => openMove(uid, title, meta.folderUid ?? ''))}
        ${editor && !meta.provisioned && item('trash', 'Delete', remove)}
        ${item('expand', 'Kiosk (Esc leaves it)', () => setParams({ kiosk: '1' }))}
        ${editor && meta.provisioned && html`<p class="menu-note">From a file${meta.provisionedExternalId ? html` <code>${meta.provisionedExternalId}</code>` : ''}: it is changed there. A copy can be changed here.</p>`}
    </div>`;
}

/** @param {{uid: string, sources: any[]}} context */
async function openExport({ uid, sources }) {
    const { dashboard } = await loadBoard(uid);
    let external = true;
    const content = () => JSON.stringify(external ? sharedExport(dashboard, sources) : plainExport(dashboard), null, 2);
    await openSheet((close) => {
        const give = () => {
            saveFile(dashboard.title, 'json', new Blob([content()], { type: 'application/json' }));
            close();
        };
        return html`<${Sheet} title="Export as Grafana JSON" onClose=${() => close()} onSubmit=${give}
            buttons=${html`<button class="button primary" type="submit">Download</button><button class="button" type="button" onClick=${() => copyText(content()).catch(complain)}>Copy</button><button class="button quiet" type="button" onClick=${() => close()}>Cancel</button>`}>
            <label class="check"><input type="checkbox" checked=${external} onChange=${(/** @type {any} */ event) => { external = event.target.checked; }} />For others: their data sources are asked for when it is imported</label>
        </${Sheet}>`;
    });
}

/** @param {string} uid @param {string} title @param {string} current */
export async function openMove(uid, title, current) {
    const folders = (await allFolders()).filter((one) => !one.provisioned || one.uid === current);
    let target = current;
    const done = await openSheet((close) => html`<${Sheet} title=${`Move “${title}”`} onClose=${() => close()} onSubmit=${() => close(true)} buttons=${html`<button class="button primary" type="submit">Move</button><button class="button quiet" type="button" onClick=${() => close()}>Cancel</button>`}>
        <label class="field">Folder<select class="select" onChange=${(/** @type {any} */ event) => { target = event.target.value; }}><option value="" selected=${current === ''}>Dashboards (top)</option>
            ${folders.map((one) => html`<option value=${one.uid} selected=${one.uid === current}>${one.title}</option>`)}</select></label></${Sheet}>`);
    if (!done || target === current) return false;
    await moveBoard(uid, target);
    tell('Moved.');
    return true;
}
