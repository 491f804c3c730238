// Annotations that the dashboard server keeps: what is asked, and what is drawn of the answer.

import { request } from '../api.js';
import { resolveColor } from '../format/colors.js';
import { interpolate } from './interpolate.js';

/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('./annotations.js').Annotation} Annotation */
/**
 * An annotation in the server's shape.
 * @typedef {{id: number, dashboardUID?: string, panelId?: number, time: number, timeEnd?: number, text?: string, tags?: string[], login?: string}} Stored
 */

/** What Grafana marks its own with. */
const usualColor = 'rgba(0, 211, 255, 1)';

/**
 * What a query of a board asks the server for: those of the board, or those with some tags wherever they belong.
 * @param {any} one @param {Scope} scope
 * @returns {URLSearchParams | undefined} nothing where a query can find none
 */
export function storedSearch(one, scope) {
    const target = { ...one, ...one.target };
    const limit = Math.min(1000, Math.max(1, Math.round(Number(target.limit)) || 100));
    const search = new URLSearchParams({ from: String(Math.floor(scope.range.from)), to: String(Math.ceil(scope.range.to)), limit: String(limit) });
    if (target.type !== 'tags' || one.builtIn) {
        if (!scope.dashboard?.uid) return undefined;
        search.set('dashboardUID', scope.dashboard.uid);
        return search;
    }
    const tags = (Array.isArray(target.tags) ? target.tags : []).flatMap((/** @type {unknown} */ tag) => interpolate(String(tag), scope, 'pipe').split('|')).filter(Boolean);
    if (tags.length === 0) return undefined;
    for (const tag of new Set(tags)) search.append('tags', tag);
    if (target.matchAny) search.set('matchAny', 'true');
    return search;
}

/**
 * @param {Stored} stored @param {any} one the query that has found it @param {Annotation['panels']} panels where the query draws
 * @returns {Annotation}
 */
export function storedMark(stored, one, panels) {
    const [title, ...rest] = String(stored.text ?? '').trim().split('\n');
    const ofTags = !one.builtIn && (one.target?.type ?? one.type) === 'tags';
    return {
        id: stored.id, from: stored.time, to: Math.max(stored.time, stored.timeEnd ?? 0), title: title.slice(0, 300) || 'Annotation',
        text: [rest.join(' ').trim().slice(0, 300), stored.login].filter(Boolean).join(' · '), tags: stored.tags ?? [], color: resolveColor(one.iconColor || usualColor),
        // One of a panel stays on it, unless it is looked for by its tags.
        panels: stored.panelId && !ofTags ? { ids: [stored.panelId], exclude: false } : panels,
    };
}

/**
 * @param {any} one @param {Scope} scope @param {Annotation['panels']} panels @param {AbortSignal} signal
 * @returns {Promise<Annotation[]>}
 */
export async function loadStored(one, scope, panels, signal) {
    const search = storedSearch(one, scope);
    const found = search ? await request(`/api/annotations?${search}`, { signal }) : [];
    return found.map((/** @type {Stored} */ stored) => storedMark(stored, one, panels));
}

/**
 * What somebody has typed, as the server takes it.
 * @param {{text: string, tags: string, from: number, to: number}} typed times in milliseconds; NaN for what is no time
 * @returns {{problem: string} | {body: {text: string, tags: string[], time: number, timeEnd: number}}}
 */
export function annotationBody({ text, tags, from, to }) {
    if (text.trim() === '') return { problem: 'An annotation needs a text.' };
    if (!(from > 0) || !(to > 0)) return { problem: 'Times are written like 2026-11-21 08:30:00, now or now-5m.' };
    const list = [...new Set(tags.split(',').map((tag) => tag.trim()).filter(Boolean))];
    return { body: { text: text.trim(), tags: list, time: Math.round(Math.min(from, to)), timeEnd: Math.round(Math.max(from, to)) } };
}

/**
 * The kept annotation whose line is nearest to a place on a plot.
 * @template {{id?: number, from: number, to: number}} Mark
 * @param {Mark[]} marks @param {(time: number) => number} pixel where a time is @param {number} left @param {number} [within] pixels
 * @returns {Mark | undefined}
 */
export function storedAt(marks, pixel, left, within = 6) {
    const away = (/** @type {Mark} */ mark) => Math.min(Math.abs(pixel(mark.from) - left), Math.abs(pixel(mark.to) - left));
    return marks.filter((mark) => mark.id && away(mark) <= within).sort((a, b) => away(a) - away(b))[0];
}
