// All dashboards: by folder, by words and tags, starred, and those looked at last.

import { html, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { mayEdit } from '../dashboard/page.js';
import { setParams, useLocation } from '../router.js';
import { PageHead } from '../pages/shell.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { Empty, Message } from '../ui/messages.js';
import { addFolder, deleteBoard, setStar } from './calls.js';
import { Sheet, ask, openSheet, tell } from './dialogs.js';
import './icons.js';
import { recentBoards } from './recent.js';

/** @param {unknown} error */
const complain = (error) => openSheet((close) => html`<${Sheet} title="This could not be done" onClose=${() => close()}><${Message}>${messageOf(error)}</${Message}></${Sheet}>`);

/** @param {{params: URLSearchParams, user: any}} properties */
export default function DashboardsPage({ params, user }) {
    const { path } = useLocation();
    const folderUid = /^\/dashboards\/f\/([^/]+)/.exec(path)?.[1];
    const query = params.get('query') ?? '';
    const tags = params.getAll('tag');
    const view = params.get('view') ?? '';
    const [changes, setChanges] = useState(0);
    const again = () => setChanges((count) => count + 1);
    const searching = query !== '' || tags.length > 0 || view !== '';
    const search = new URLSearchParams({ limit: '1000', ...(searching ? { type: 'dash-db' } : { folderUIDs: folderUid ? decodeURIComponent(folderUid) : 'general' }), ...(query ? { query } : {}), ...(view === 'starred' ? { starred: 'true' } : {}) });
    for (const tag of tags) search.append('tag', tag);
    const recent = view === 'recent' ? recentBoards() : [];
    for (const uid of recent) search.append('dashboardUIDs', uid);
    const key = search.toString();
    const found = useLoad((signal) => (view === 'recent' && recent.length === 0 ? Promise.resolve([]) : request(`/api/search?${key}`, { signal })), [key, changes]);
    const folder = useLoad((signal) => request(`/api/folders/${folderUid}`, { signal }), [folderUid, changes], Boolean(folderUid));
    const allTags = useLoad((signal) => request('/api/dashboards/tags', { signal }), [changes]);
    const editor = mayEdit(user);
    const here = folderUid ? folder.value : undefined;
    const entries = /** @type {any[]} */ (found.value ?? []);
    const ordered = view === 'recent' ? [...entries].sort((a, b) => recent.indexOf(a.uid) - recent.indexOf(b.uid)) : [...entries.filter((one) => one.type === 'dash-folder'), ...entries.filter((one) => one.type !== 'dash-folder')];
    const inFolder = folderUid ? `?folderUid=${folderUid}` : '';
    const tab = (/** @type {string} */ name, /** @type {string} */ text) => html`<button class="tab" role="tab" aria-selected=${view === name ? 'true' : 'false'} onClick=${() => setParams({ view: name || null })}>${text}</button>`;
    const newFolder = () => askText('New folder', 'Title', '').then(async (title) => {
        if (!title) return;
        await addFolder(title, here?.uid);
        again();
    }).catch(complain);
    const crumbs = html`<span class="crumb"><a href="/dashboards">Dashboards</a>${(here?.parents ?? []).map((/** @type {any} */ one) => html` / <a href=${one.url}>${one.title}</a>`)}${here && ' / '}</span>${here?.title ?? ''}`;
    return html`<${PageHead} title=${folderUid ? crumbs : 'Dashboards'}>
            <a class="button" href="/playlists"><${Icon} name="play" size="13" />Playlists</a>
            ${editor && html`<${Menu} title="New" right=${true} class="button primary" label=${html`<${Icon} name="plus" size="14" />New<${Icon} name="down" size="12" />`}>
                ${(/** @type {() => void} */ close) => html`<a class="menu-item" role="menuitem" href=${`/dashboard/new${inFolder}`}><${Icon} name="boards" size="14" />Dashboard</a>
                    <button class="menu-item" role="menuitem" onClick=${() => { close(); newFolder(); }}><${Icon} name="folder" size="14" />Folder</button>
                    <a class="menu-item" role="menuitem" href=${`/dashboard/import${inFolder}`}><${Icon} name="upload" size="14" />Import</a>`}
            </${Menu}>`}
            ${editor && here && here.canSave !== false && !here.provisioned && html`<${FolderMenu} folder=${here} again=${again} />`}
        </${PageHead}>
        <div class="page-body narrow settings">
            <div class="browse-bar"><div class="tabs" role="tablist">${tab('', 'Folders')}${tab('starred', 'Starred')}${tab('recent', 'Recent')}</div>
                <input class="input" type="search" placeholder="Search by name" aria-label="Search dashboards" value=${query} onInput=${(/** @type {any} */ event) => setParams({ query: event.target.value || null }, { replace: true })} />
                ${(allTags.value ?? []).length > 0 && html`<${Menu} title="Tags" right=${true} role="listbox" label=${html`${tags.length > 0 ? tags.join(', ') : 'Tags'}<${Icon} name="down" size="12" />`}>
                    ${() => html`<div class="menu-scroll">${allTags.value.map((/** @type {any} */ one) => html`<button class="menu-item check" role="option" aria-selected=${tags.includes(one.term) ? 'true' : 'false'} onClick=${() => setParams({ tag: tags.includes(one.term) ? tags.filter((tag) => tag !== one.term) : [...tags, one.term] })}>
                        <input type="checkbox" tabindex="-1" checked=${tags.includes(one.term)} aria-hidden="true" readonly />${one.term} <span class="muted">${one.count}</span></button>`)}</div>`}
                </${Menu}>`}</div>
            ${found.error && html`<${Message}>${found.error}</${Message}>`}${folder.error && html`<${Message}>${folder.error}</${Message}>`}
            ${found.value && ordered.length === 0 && html`<div class="list"><${Empty} title=${searching ? 'No dashboard matches' : 'This folder is empty'}>${view === 'starred' ? 'A star in the menu of a dashboard puts it here.' : ''}</${Empty}></div>`}
            ${ordered.length > 0 && html`<div class="list" role="list">${ordered.map((one) => html`<${Entry} key=${one.uid} entry=${one} editor=${editor} searching=${searching} again=${again} />`)}</div>`}
        </div>`;
}

/** @param {{entry: any, editor: boolean, searching: boolean, again: () => void}} properties */
function Entry({ entry, editor, searching, again }) {
    const [star, setStarred] = useState(Boolean(entry.isStarred));
    const isFolder = entry.type === 'dash-folder';
    const flip = () => setStar(entry.uid, !star).then(() => setStarred(!star)).catch(complain);
    const remove = async () => {
        const answer = await ask({ title: `Delete “${entry.title}”?`, text: 'The dashboard and all its versions are deleted. This cannot be undone.', answers: [['yes', 'Delete', 'danger'], ['', 'Cancel', 'quiet']] });
        if (answer === 'yes') await deleteBoard(entry.uid).then(again, complain);
    };
    const move = () => import('./board-menu.js').then((module) => module.openMove(entry.uid, entry.title, entry.folderUid ?? '')).then((done) => done && again(), complain);
    const item = (/** @type {string} */ icon, /** @type {string} */ text, /** @type {() => void} */ run) => html`<button class="menu-item" role="menuitem" onClick=${run}><${Icon} name=${icon} size="14" />${text}</button>`;
    return html`<div class="list-row" role="listitem">
        ${isFolder ? html`<${Icon} name="folder" />` : html`<button class="star ${star ? 'on' : ''}" aria-pressed=${star ? 'true' : 'false'} aria-label=${`Star ${entry.title}`} title=${star ? 'Remove the star' : 'Star'} onClick=${flip}><${Icon} name="star" /></button>`}
        <a class="name" href=${entry.url}>${entry.title}</a>
        <span class="about">${searching && entry.folderTitle ? entry.folderTitle : entry.description}</span>
        <span class="tags">${(entry.tags ?? []).slice(0, 5).map((/** @type {string} */ tag) => html`<button class="tag" onClick=${() => setParams({ tag: [tag] })}>${tag}</button>`)}</span>
        ${editor && !isFolder && !entry.provisioned && html`<${Menu} title=${`Menu of ${entry.title}`} right=${true} class="button quiet small icon" label=${html`<${Icon} name="dots" />`}>
            ${(/** @type {() => void} */ close) => html`<a class="menu-item" role="menuitem" href=${`${entry.url}?edit=1`}><${Icon} name="pencil" size="14" />Edit</a>
                ${item('folder', 'Move', () => { close(); move(); })}${item('trash', 'Delete', () => { close(); remove(); })}`}
        </${Menu}>`}
    </div>`;
}

/** @param {{folder: any, again: () => void}} properties */
function FolderMenu({ folder, again }) {
    const path = `/api/folders/${encodeURIComponent(folder.uid)}`;
    const rename = () => askText('Rename folder', 'Title', folder.title).then(async (title) => {
        if (!title || title === folder.title) return;
        await request(path, { method: 'PUT', json: { title, version: folder.version } });
        again();
    }).catch(complain);
    const remove = async () => {
        try {
            const counts = await request(`${path}/counts`);
            const answer = await ask({ title: `Delete the folder “${folder.title}”?`, text: `Everything in it is deleted with it: ${counts.dashboard ?? 0} dashboards, ${counts.folder ?? 0} folders. This cannot be undone.`, answers: [['yes', 'Delete', 'danger'], ['', 'Cancel', 'quiet']] });
            if (answer !== 'yes') return;
            await request(path, { method: 'DELETE' });
            tell(`“${folder.title}” is deleted.`);
            history.back();
        } catch (error) {
            complain(error);
        }
    };
    const item = (/** @type {string} */ icon, /** @type {string} */ text, /** @type {() => void} */ run) => html`<button class="menu-item" role="menuitem" onClick=${run}><${Icon} name=${icon} size="14" />${text}</button>`;
    return html`<${Menu} title="Folder menu" right=${true} class="button icon" label=${html`<${Icon} name="dots" />`}>
        ${(/** @type {() => void} */ close) => html`${item('pencil', 'Rename', () => { close(); rename(); })}${item('trash', 'Delete', () => { close(); remove(); })}`}
    </${Menu}>`;
}

/** @param {string} title @param {string} label @param {string} value @returns {Promise<string | undefined>} */
function askText(title, label, value) {
    let text = value;
    return openSheet((close) => html`<${Sheet} title=${title} onClose=${() => close()} onSubmit=${() => close(text.trim())} buttons=${html`<button class="button primary" type="submit">Save</button><button class="button quiet" type="button" onClick=${() => close()}>Cancel</button>`}>
        <label class="field">${label}<input class="input" required value=${value} onInput=${(/** @type {any} */ event) => { text = event.target.value; }} /></label></${Sheet}>`);
}
