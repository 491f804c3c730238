// Links to other dashboards: found by words and tags.

import { html, useState } from '../vendor/preact.js';
import { request } from '../api.js';
import { boardAddress } from '../dashboard/links.js';
import { interpolate } from '../dashboard/interpolate.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';

/**
 * @param {{panel: import('../types/model').Panel, scope: import('../types/model').Scope}} properties
 */
export function DashboardListPanel({ panel, scope }) {
    const { options } = panel;
    const [filter, setFilter] = useState('');
    const tags = (Array.isArray(options.tags) ? options.tags : []).map(String);
    const query = interpolate(String(options.query ?? ''), scope, 'text');
    const search = new URLSearchParams([['type', 'dash-db'], ['limit', String(Math.min(1000, Number(options.maxItems) || 10))], ['query', query], ...tags.map((tag) => ['tag', tag])]).toString();
    const boards = useLoad((signal) => request(`/api/search?${search}`, { signal }), [search]);
    if (boards.error) return html`<${Message}>${boards.error}</${Message}>`;
    const words = filter.toLowerCase();
    const found = (boards.value ?? []).filter((/** @type {any} */ board) => String(board.title).toLowerCase().includes(words));
    return html`<div class="item-list">
        ${options.showSearch && (boards.value ?? []).length > 10 && html`<input class="input" type="search" placeholder="Filter" aria-label="Filter dashboards" value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value)} />`}
        ${boards.value && found.length === 0 && html`<${Empty} title="No dashboard matches" />`}
        ${found.map((/** @type {any} */ board) => html`<a class="item" key=${board.uid} href=${boardAddress(board.url, { keepTime: options.keepTime, includeVars: options.includeVars }, scope)}>
            <span class="name">${board.title}</span><span class="tags">${(board.tags ?? []).slice(0, 4).map((/** @type {string} */ tag) => html`<span class="tag">${tag}</span>`)}</span></a>`)}
    </div>`;
}
