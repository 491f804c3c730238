// Shows the boards of a playlist one after the other, until somebody leaves the kiosk.

import { request } from '../api.js';
import { navigate } from '../router.js';
import { parseDuration } from '../time/range.js';
import { tell } from './dialogs.js';

/** @typedef {{uid: string, name: string, interval: string, items: {type: string, value: string, title?: string}[]}} Playlist */

/** A board needs the time to be drawn. */
const shortestMs = 5000;

/**
 * The boards of a playlist in its order; a tag stands for all that carry it.
 * @param {Playlist['items']} items
 * @param {(path: string) => Promise<any[]>} ask
 * @returns {Promise<string[]>} uids; one that comes twice is shown twice
 */
export async function boardsOf(items, ask = (path) => request(path)) {
    const lists = await Promise.all(items.map((item) => (item.type === 'dashboard_by_tag'
        ? ask(`/api/search?type=dash-db&tag=${encodeURIComponent(item.value)}`).then((found) => found.map((one) => String(one.uid))) : [String(item.value)])));
    return lists.flat();
}

/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;

/**
 * Begins with its first board; ends when the page is no longer a kiosk.
 * @param {string} uid
 * @throws what the server says, or that there is nothing to show
 */
export async function play(uid) {
    const playlist = /** @type {Playlist} */ (await request(`/api/playlists/${encodeURIComponent(uid)}`));
    const boards = await boardsOf(playlist.items ?? []);
    if (boards.length === 0) throw new Error(`The playlist “${playlist.name}” has no dashboards.`);
    clearInterval(timer);
    let at = 0;
    const show = (/** @type {boolean} */ replace) => navigate(`/d/${encodeURIComponent(boards[at % boards.length])}?kiosk=1`, { replace });
    show(true);
    tell(`Playlist “${playlist.name}”: Esc ends it.`);
    const running = setInterval(() => {
        if (!window.location.search.includes('kiosk')) return clearInterval(running);
        at += 1;
        return show(true);
    }, Math.max(shortestMs, parseDuration(playlist.interval) || 300_000));
    timer = running;
}
