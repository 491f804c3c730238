// The order of the values of a column: numbers by size, texts by their numbers and letters, what is missing first.

/** @param {any} a @param {any} b */
export function compareValues(a, b) {
    const missing = (/** @type {any} */ value) => value === null || value === undefined || Number.isNaN(value);
    if (missing(a) || missing(b)) return missing(a) === missing(b) ? 0 : missing(a) ? -1 : 1;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
}
