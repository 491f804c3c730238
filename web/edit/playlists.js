// Playlists: which boards a screen shows one after the other, and for how long each.

import { html, useEffect, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { mayEdit } from '../dashboard/page.js';
import { useLocation } from '../router.js';
import { PageHead } from '../pages/shell.js';
import { parseDuration } from '../time/range.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { ask } from './dialogs.js';
import './icons.js';
import { adder, tool } from './options/lists.js';
import { moved } from './paths.js';
import { play } from './playlist-player.js';

/** @typedef {import('./playlist-player.js').Playlist} Playlist */

/** @param {{user: any}} properties */
export default function PlaylistsPage({ user }) {
    const { path } = useLocation();
    const playing = /^\/playlists\/play\/([^/]+)/.exec(path)?.[1];
    const [changes, setChanges] = useState(0);
    const [edited, setEdited] = useState(/** @type {Playlist | null} */ (null));
    const [error, setError] = useState('');
    const lists = useLoad((signal) => request('/api/playlists', { signal }), [changes], !playing);
    useEffect(() => {
        if (playing) play(decodeURIComponent(playing)).catch((failure) => setError(messageOf(failure)));
    }, [playing]);
    const editor = mayEdit(user);
    const done = () => {
        setEdited(null);
        setChanges(changes + 1);
    };
    const open = async (/** @type {Playlist} */ one) => setEdited(await request(`/api/playlists/${encodeURIComponent(one.uid)}`));
    const remove = async (/** @type {Playlist} */ one) => {
        if (await ask({ title: `Delete “${one.name}”?`, text: 'Its dashboards stay.', answers: [['yes', 'Delete', 'danger'], ['', 'Cancel', 'quiet']] }) !== 'yes') return;
        await request(`/api/playlists/${encodeURIComponent(one.uid)}`, { method: 'DELETE' }).then(done, (failure) => setError(messageOf(failure)));
    };
    return html`<${PageHead} title=${html`<span class="crumb"><a href="/dashboards">Dashboards</a> / </span>Playlists`}>
            ${editor && !edited && html`<button class="button primary" onClick=${() => setEdited({ uid: '', name: '', interval: '5m', items: [] })}><${Icon} name="plus" size="14" />New playlist</button>`}</${PageHead}>
        <div class="page-body narrow settings">
            ${(error || lists.error) && html`<${Message}>${error || lists.error}</${Message}>`}
            ${edited ? html`<${PlaylistForm} playlist=${edited} onDone=${done} onClose=${() => setEdited(null)} />` : html`
                ${lists.value && lists.value.length === 0 && html`<div class="list"><${Empty} title="No playlists">A playlist shows dashboards one after the other, on a screen that nobody works at.</${Empty}></div>`}
                ${(lists.value ?? []).length > 0 && html`<div class="list" role="list">${lists.value.map((/** @type {Playlist} */ one) => html`<div class="list-row" role="listitem" key=${one.uid}>
                    <${Icon} name="play" /><span class="name">${one.name}</span><span class="about">each for ${one.interval}</span>
                    <span class="tools"><a class="button small" href=${`/playlists/play/${encodeURIComponent(one.uid)}`}>Play</a>
                        ${editor && html`${tool(`Edit ${one.name}`, 'pencil', () => open(one).catch((failure) => setError(messageOf(failure))))}${tool(`Delete ${one.name}`, 'trash', () => remove(one))}`}</span></div>`)}</div>`}`}
        </div>`;
}

/** @param {{playlist: Playlist, onDone: () => void, onClose: () => void}} properties */
function PlaylistForm({ playlist, onDone, onClose }) {
    const [name, setName] = useState(playlist.name);
    const [interval, setInterval] = useState(playlist.interval);
    const [items, setItems] = useState(playlist.items ?? []);
    const [error, setError] = useState('');
    const boards = useLoad((signal) => request('/api/search?type=dash-db', { signal }), []);
    const tags = useLoad((signal) => request('/api/dashboards/tags', { signal }), []);
    const change = (/** @type {number} */ at, /** @type {any} */ part) => setItems(items.map((item, index) => (index === at ? { ...item, ...part } : item)));
    const submit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        // A bare number would be seconds, which nobody means here.
        if (!/[a-z]$/.test(interval) || !(parseDuration(interval) > 0)) return setError(`“${interval}” is no duration; write 30s, 5m or 1h.`);
        if (items.length === 0) return setError('A playlist needs a dashboard or a tag.');
        const body = { name, interval, items };
        try {
            await request(playlist.uid ? `/api/playlists/${encodeURIComponent(playlist.uid)}` : '/api/playlists', { method: playlist.uid ? 'PUT' : 'POST', json: playlist.uid ? { uid: playlist.uid, ...body } : body });
            return onDone();
        } catch (failure) {
            return setError(messageOf(failure));
        }
    };
    const titleOf = (/** @type {string} */ uid) => String((boards.value ?? []).find((/** @type {any} */ board) => board.uid === uid)?.title ?? uid);
    return html`<form class="settings-card" onSubmit=${submit}>
        ${error && html`<${Message}>${error}</${Message}>`}
        <label class="field">Name<input class="input" required value=${name} onInput=${(/** @type {any} */ event) => setName(event.target.value)} /></label>
        <label class="field">Each for<input class="input" required placeholder="5m" value=${interval} onInput=${(/** @type {any} */ event) => setInterval(event.target.value)} /></label>
        ${items.map((item, at) => html`<div class="list-line" key=${at}>
            <select class="select" aria-label=${`Kind of entry ${at + 1}`} onChange=${(/** @type {any} */ event) => change(at, { type: event.target.value, value: '', title: '' })}>
                <option value="dashboard_by_uid" selected=${item.type !== 'dashboard_by_tag'}>Dashboard</option><option value="dashboard_by_tag" selected=${item.type === 'dashboard_by_tag'}>All with the tag</option></select>
            ${item.type === 'dashboard_by_tag' ? html`<select class="select" required aria-label=${`Tag of entry ${at + 1}`} onChange=${(/** @type {any} */ event) => change(at, { value: event.target.value, title: event.target.value })}><option value=""></option>
                    ${(tags.value ?? []).map((/** @type {any} */ one) => html`<option value=${one.term} selected=${one.term === item.value}>${one.term}</option>`)}</select>`
                : html`<select class="select" required aria-label=${`Dashboard of entry ${at + 1}`} onChange=${(/** @type {any} */ event) => change(at, { value: event.target.value, title: titleOf(event.target.value) })}><option value=""></option>
                    ${(boards.value ?? []).map((/** @type {any} */ one) => html`<option value=${one.uid} selected=${one.uid === item.value}>${one.title}</option>`)}</select>`}
            ${tool(`Move entry ${at + 1} up`, 'up', () => setItems(moved(items, at, -1)))}${tool(`Remove entry ${at + 1}`, 'trash', () => setItems(items.filter((_, index) => index !== at)))}</div>`)}
        <div class="list-line">${adder('Add entry', () => setItems([...items, { type: 'dashboard_by_uid', value: '', title: '' }]))}</div>
        <div class="list-line"><button class="button primary" type="submit">Save</button><button class="button quiet" type="button" onClick=${onClose}>Cancel</button></div>
    </form>`;
}
