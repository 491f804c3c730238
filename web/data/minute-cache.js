// Answers that are good for a minute: names and values for completion and for the ways between signals.

/** @type {Map<string, {at: number, found: Promise<any>}>} */
const kept = new Map();
/** Questions of one reader within minutes; beyond that all are forgotten. */
const most = 500;

/**
 * @template T
 * @param {string} key names the question
 * @param {() => Promise<T>} load asked once a minute; a failure is not kept
 * @returns {Promise<T>}
 */
export function forAMinute(key, load) {
    const before = kept.get(key);
    if (before && performance.now() - before.at < 60_000) return before.found;
    if (kept.size >= most) kept.clear();
    const found = load();
    found.catch(() => kept.delete(key));
    kept.set(key, { at: performance.now(), found });
    return found;
}
