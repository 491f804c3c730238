// Reading and changing a part of a JSON value by its path; what is changed is a copy that shares all the rest.

/** @typedef {(string | number)[]} Path */

/** @param {string | Path} path @returns {Path} */
export function pathOf(path) {
    return Array.isArray(path) ? path : path.split('.');
}

/**
 * @param {any} value
 * @param {string | Path} path `fieldConfig.defaults.unit`, or its parts
 * @returns {any} nothing where the path leads nowhere
 */
export function getPath(value, path) {
    let current = value;
    for (const part of pathOf(path)) {
        if (current === null || typeof current !== 'object' || !Object.hasOwn(current, part)) return undefined;
        current = current[part];
    }
    return current;
}

/**
 * @template T
 * @param {T} value
 * @param {string | Path} path
 * @param {any} part `undefined` takes it away; objects that lead to it are made
 * @returns {T} the same object when nothing changes
 */
export function setPath(value, path, part) {
    const parts = pathOf(path);
    if (parts.length === 0) return part;
    const [first, ...rest] = parts;
    const source = /** @type {any} */ (value !== null && typeof value === 'object' ? value : typeof first === 'number' ? [] : {});
    const before = Object.hasOwn(source, first) ? source[first] : undefined;
    if (part === undefined && before === undefined) return value;
    const after = rest.length === 0 ? part : setPath(before, rest, part);
    if (after === before) return value;
    if (Array.isArray(source)) {
        const list = [...source];
        if (after === undefined) list.splice(Number(first), 1);
        else list[Number(first)] = after;
        return /** @type {any} */ (list);
    }
    const made = { ...source, [first]: after };
    if (after === undefined) delete made[first];
    return made;
}

/**
 * A list with one of its entries a place earlier or later.
 * @template T
 * @param {T[]} list @param {number} at @param {number} step
 */
export function moved(list, at, step) {
    const to = at + step;
    if (to < 0 || to >= list.length) return list;
    const made = [...list];
    [made[at], made[to]] = [made[to], made[at]];
    return made;
}

/**
 * A change that was made to an older state, made to the newest one: two controls may be used before the page is drawn anew.
 * @template T
 * @param {T} base what the change began with
 * @param {T} next what it made of it
 * @param {T} latest
 * @returns {T}
 */
export function rebase(base, next, latest) {
    if (next === base) return latest;
    if (latest === base || !isPlain(base) || !isPlain(next) || !isPlain(latest)) return next;
    const [before, after, made] = /** @type {any[]} */ ([base, next, { .../** @type {any} */ (latest) }]);
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        const part = rebase(before[key], after[key], made[key]);
        if (part === undefined) delete made[key];
        else made[key] = part;
    }
    return made;
}

/** @param {unknown} value */
function isPlain(value) {
    return value !== null && typeof value === 'object' && !Array.isArray(value);
}
