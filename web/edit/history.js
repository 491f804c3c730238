// What was changed, so that it can be taken back: a list of values, never of commands.

/**
 * @template T
 * @typedef {{past: {value: T, label: string}[], present: T, future: {value: T, label: string}[], key: string, at: number}} History
 *   `label` names the change that led away from a past value, or to a future one
 */

const most = 200;
/** Changes of one thing that follow each other this fast are one step: somebody types. */
const togetherMs = 1500;

/** @template T @param {T} value @returns {History<T>} */
export function begin(value) {
    return { past: [], present: value, future: [], key: '', at: 0 };
}

/**
 * @template T
 * @param {History<T>} history
 * @param {T} value
 * @param {string} label
 * @param {{key?: string, now?: number}} [options] key: what was changed, for changes that are one step together
 * @returns {History<T>}
 */
export function record(history, value, label, options = {}) {
    const { key = '', now = Date.now() } = options;
    if (value === history.present) return history;
    if (key !== '' && key === history.key && now - history.at < togetherMs && history.past.length > 0) return { ...history, present: value, future: [], at: now };
    return { past: [...history.past, { value: history.present, label }].slice(-most), present: value, future: [], key, at: now };
}

/** @template T @param {History<T>} history @returns {History<T>} */
export function undo(history) {
    const last = history.past[history.past.length - 1];
    if (!last) return history;
    return { past: history.past.slice(0, -1), present: last.value, future: [{ value: history.present, label: last.label }, ...history.future], key: '', at: 0 };
}

/** @template T @param {History<T>} history @returns {History<T>} */
export function redo(history) {
    const [next, ...rest] = history.future;
    if (!next) return history;
    return { past: [...history.past, { value: history.present, label: next.label }], present: next.value, future: rest, key: '', at: 0 };
}
