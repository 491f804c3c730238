// The links in the head of a dashboard: to addresses, and to the boards which carry some tags.

import { html } from '../vendor/preact.js';
import { request } from '../api.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { useLoad } from '../ui/hooks.js';
import { boardAddress, resolveLink } from './links.js';
import { interpolate } from './interpolate.js';

/** @typedef {import('../types/model').Scope} Scope */

/** @param {{links: any[], scope: Scope, uid: string}} properties */
export function BoardLinks({ links, scope, uid }) {
    return html`${links.map((link) => (link?.type === 'dashboards'
        ? html`<${TaggedBoards} link=${link} scope=${scope} uid=${uid} />` : html`<${PlainLink} link=${link} scope=${scope} />`))}`;
}

/** @param {{link: any, scope: Scope}} properties */
function PlainLink({ link, scope }) {
    const found = resolveLink(link, scope);
    return found && html`<a class="button quiet" href=${found.href} target=${link.targetBlank ? '_blank' : undefined} rel="noreferrer" title=${link.tooltip}>${found.title}</a>`;
}

/** @param {{link: any, scope: Scope, uid: string}} properties */
function TaggedBoards({ link, scope, uid }) {
    const tags = (link.tags ?? []).map(String);
    const search = tags.map((/** @type {string} */ tag) => `tag=${encodeURIComponent(tag)}`).join('&');
    const boards = useLoad((signal) => request(`/api/search?type=dash-db&limit=100&${search}`, { signal }), [search]);
    const others = (boards.value ?? []).filter((/** @type {any} */ board) => board.uid !== uid);
    if (others.length === 0) return null;
    const anchor = (/** @type {any} */ board, /** @type {string} */ style) => html`<a class=${style} key=${board.uid} href=${boardAddress(board.url, link, scope)}
        target=${link.targetBlank ? '_blank' : undefined} rel="noreferrer">${board.title}</a>`;
    if (!link.asDropdown && others.length <= 3) return others.map((/** @type {any} */ board) => anchor(board, 'button quiet'));
    const title = interpolate(String(link.title || tags.join(', ') || 'Dashboards'), scope, 'text');
    return html`<${Menu} title=${title} class="button quiet" right=${true} label=${html`${title}<${Icon} name="down" size="12" />`}>
        ${() => html`<div class="menu-scroll">${others.map((/** @type {any} */ board) => anchor(board, 'menu-item'))}</div>`}</${Menu}>`;
}
