// Changes that are not saved yet, kept in this browser for each user and board, so that a reload or a crash loses nothing.

/**
 * @typedef {{at: number, version: number, model: any}} Kept `at`: when it was written, milliseconds; `version`: the one that the changes began with
 */

const prefix = 'martlet.draft.';
const longest = 2_000_000;
const most = 8;
const oldestMs = 30 * 86_400_000;

/** A browser may forbid even to ask for its storage. @returns {Storage | undefined} */
function storage() {
    try {
        return window.localStorage;
    } catch {
        return undefined;
    }
}

/** @param {string} user @param {string} board */
function nameOf(user, board) {
    return `${prefix}${encodeURIComponent(user)}.${encodeURIComponent(board)}`;
}

/**
 * The changes that were kept; none where there are none, or nothing that can be read.
 * @param {string} user @param {string} board its uid, or `new` @param {Storage | undefined} [store] @param {number} [now]
 * @returns {Kept | undefined}
 */
export function keptDraft(user, board, store = storage(), now = Date.now()) {
    const name = nameOf(user, board);
    if (!store) return undefined;
    try {
        const kept = JSON.parse(store.getItem(name) ?? 'null');
        if (kept !== null && typeof kept.at === 'number' && now - kept.at < oldestMs && Array.isArray(kept.model?.panels)) return kept;
        store.removeItem(name);
    } catch {
        // A browser without storage, or a text that is no draft of ours.
    }
    return undefined;
}

/**
 * @param {string} user @param {string} board @param {Kept} kept @param {Storage | undefined} [store]
 * @returns {boolean} false when the browser does not keep it: no room, or no storage
 */
export function keepDraft(user, board, kept, store = storage()) {
    try {
        const text = JSON.stringify(kept);
        if (!store || text.length > longest) return false;
        const name = nameOf(user, board);
        const others = Object.keys(store).filter((one) => one.startsWith(prefix) && one !== name).map((one) => ({ one, at: atOf(store.getItem(one)) })).sort((a, b) => b.at - a.at);
        for (const { one } of others.slice(most - 1)) store.removeItem(one);
        store.setItem(name, text);
        return true;
    } catch {
        return false;
    }
}

/** @param {string | null} text */
function atOf(text) {
    return Number(/^\{"at":(\d+)/.exec(text ?? '')?.[1] ?? 0);
}

/** @param {string} user @param {string} board @param {Storage | undefined} [store] */
export function dropDraft(user, board, store = storage()) {
    try {
        store?.removeItem(nameOf(user, board));
    } catch {
        // Nothing is kept there.
    }
}

/**
 * Keeps a draft while it has changes, and drops what was kept when it has none any more.
 * @param {import('./draft.js').Draft} draft @param {string} user @param {string} board
 * @returns {() => void} ends it
 */
export function keepWhileChanged(draft, user, board) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let wasDirty = draft.dirty;
    const write = () => {
        clearTimeout(timer);
        timer = undefined;
        if (draft.dirty) keepDraft(user, board, { at: Date.now(), version: draft.version, model: draft.model });
    };
    const onHide = () => timer !== undefined && write();
    const stop = draft.follow(() => {
        if (draft.dirty) timer ??= setTimeout(write, 400);
        else if (wasDirty) dropDraft(user, board);
        wasDirty = draft.dirty;
    });
    window.addEventListener('pagehide', onHide);
    return () => {
        onHide();
        stop();
        window.removeEventListener('pagehide', onHide);
    };
}
