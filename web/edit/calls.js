// What is asked of the server about dashboards, folders, versions and stars.

import { ApiError, request } from '../api.js';

const board = (/** @type {string} */ uid) => `/api/dashboards/uid/${encodeURIComponent(uid)}`;

/**
 * @param {{dashboard: any, folderUid?: string, message?: string, overwrite?: boolean}} body
 * @returns {Promise<{uid: string, url: string, version: number, slug: string, folderUid?: string}>}
 */
export function saveBoard(body) {
    return request('/api/dashboards/db', { json: body });
}

/**
 * Why a save was held back: `version-mismatch` and `name-exists`.
 * @param {unknown} error @returns {{status: string, body: any} | undefined}
 */
export function heldBack(error) {
    return error instanceof ApiError && error.status === 412 ? { status: String(error.body?.status ?? ''), body: error.body } : undefined;
}

/** @param {string} uid */
export const loadBoard = (uid) => request(board(uid));
/** @param {string} uid */
export const deleteBoard = (uid) => request(board(uid), { method: 'DELETE' });
/** @param {string} uid @param {string} folderUid */
export const moveBoard = (uid, folderUid) => request(`${board(uid)}/move`, { json: { folderUid } });
/** @param {string} uid @param {AbortSignal} [signal] */
export const versionsOf = (uid, signal) => request(`${board(uid)}/versions?limit=50`, { signal }).then((answer) => (Array.isArray(answer) ? answer : answer.versions ?? []));
/** @param {string} uid @param {number} version */
export const restoreVersion = (uid, version) => request(`${board(uid)}/restore`, { json: { version } });
/** @param {string} uid @param {boolean} on */
export const setStar = (uid, on) => request(`/api/user/stars/dashboard/uid/${encodeURIComponent(uid)}`, { method: on ? 'POST' : 'DELETE' });

/** @typedef {{uid: string, version?: number, dashboard?: any}} Side */
/** @typedef {{op: 'add' | 'remove' | 'replace', path: string, label: string, from?: any, value?: any}} Change */

/** @param {Side} base @param {Side} next @param {AbortSignal} [signal] @returns {Promise<Change[]>} */
export const changesBetween = (base, next, signal) => request('/api/dashboards/calculate-diff', { json: { base, new: next }, signal }).then((answer) => answer.changes ?? []);

/**
 * All folders, each with the titles on the way to it.
 * @param {AbortSignal} [signal]
 * @returns {Promise<{uid: string, title: string, parentUid: string, provisioned?: boolean}[]>}
 */
export async function allFolders(signal) {
    const found = await request('/api/search?type=dash-folder&limit=5000', { signal });
    return found.map((/** @type {any} */ one) => ({ uid: one.uid, title: one.folderTitle ? `${one.folderTitle} / ${one.title}` : one.title, parentUid: one.folderUid ?? '', provisioned: one.provisioned }))
        .sort((/** @type {any} */ a, /** @type {any} */ b) => a.title.localeCompare(b.title));
}

/** @param {string} title @param {string} [parentUid] @returns {Promise<{uid: string, title: string}>} */
export const addFolder = (title, parentUid) => request('/api/folders', { json: { title, ...(parentUid ? { parentUid } : {}) } });
