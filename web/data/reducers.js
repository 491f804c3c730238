// Grafana's reducers: many values of a series → one.

/** @typedef {(values: any[]) => any} Reducer */

/**
 * The values themselves when all are numbers: nobody may change them.
 * @param {any[]} values @returns {any[]}
 */
function numbers(values) {
    if (values.every((value) => typeof value === 'number' && !Number.isNaN(value))) return values;
    return values.filter((value) => typeof value === 'number' && !Number.isNaN(value));
}

/** @param {number[]} values */
function sum(values) {
    return values.reduce((total, value) => total + value, 0);
}

/** @param {any[]} values @param {number} share */
function percentile(values, share) {
    const sorted = [...numbers(values)].sort((a, b) => a - b);
    return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** @param {Reducer} reducer @returns {Reducer} */
function ofNumbers(reducer) {
    return (values) => {
        const found = numbers(values);
        return found.length === 0 ? null : reducer(found);
    };
}

/**
 * A loop instead of Math.min(...): a series may hold more values than a call takes arguments.
 * @type {Reducer}
 */
const least = (values) => values.reduce((a, b) => (b < a ? b : a));
/** @type {Reducer} */
const greatest = (values) => values.reduce((a, b) => (b > a ? b : a));
/** @type {Reducer} */
const lastNotNull = (values) => {
    for (let index = values.length - 1; index >= 0; index--) {
        const value = values[index];
        if (value !== null && value !== undefined && !Number.isNaN(value)) return value;
    }
    return null;
};

/** @type {Record<string, [string, Reducer]>} */
const reducers = {
    lastNotNull: ['Last *', lastNotNull],
    last: ['Last', (values) => values[values.length - 1] ?? null],
    first: ['First', (values) => values[0] ?? null],
    firstNotNull: ['First *', (values) => values.find((value) => value !== null && value !== undefined) ?? null],
    min: ['Min', ofNumbers(least)],
    max: ['Max', ofNumbers(greatest)],
    mean: ['Mean', ofNumbers((values) => sum(values) / values.length)],
    sum: ['Total', ofNumbers(sum)],
    count: ['Count', (values) => values.length],
    range: ['Range', ofNumbers((values) => greatest(values) - least(values))],
    diff: ['Difference', ofNumbers((values) => values[values.length - 1] - values[0])],
    diffperc: ['Difference %', ofNumbers((values) => (values[0] ? (values[values.length - 1] - values[0]) / values[0] : 0))],
    delta: ['Delta', ofNumbers((values) => values.reduce((total, value, index) => {
        const step = index === 0 ? 0 : value - values[index - 1];
        return total + (step < 0 ? value : step);
    }, 0))],
    step: ['Step', ofNumbers((values) => least(values.slice(1).map((value, index) => value - values[index])))],
    logmin: ['Min (above zero)', ofNumbers((values) => {
        const above = values.filter((value) => value > 0);
        return above.length ? least(above) : null;
    })],
    median: ['Median', (values) => percentile(values, 0.5)],
    changeCount: ['Change count', (values) => values.filter((value, at) => at > 0 && value !== values[at - 1]).length],
    distinctCount: ['Distinct count', (values) => new Set(values).size],
    uniqueValues: ['All unique values', (values) => [...new Set(values)].join(', ')],
    allIsZero: ['All zeros', (values) => values.every((value) => value === 0)],
    allIsNull: ['All nulls', (values) => values.every((value) => value === null)],
};

/** @type {Record<string, string>} */
const aliases = { current: 'lastNotNull', avg: 'mean', total: 'sum', average: 'mean' };

/** @param {string} id */
export function reducerName(id) {
    return reducers[aliases[id] ?? id]?.[0] ?? (/^p\d+$/.test(id) ? `${id.slice(1)}th %` : id);
}

/** @param {any[]} values @param {string} id */
export function reduce(values, id) {
    const known = reducers[aliases[id] ?? id];
    if (known) return values.length === 0 ? (id === 'count' ? 0 : null) : known[1](values);
    const quantile = /^p(\d+)$/.exec(id);
    return quantile ? percentile(values, Number(quantile[1]) / 100) : lastNotNull(values);
}

/**
 * True when the reduced number has the unit of the values.
 * @param {string} id
 */
export function keepsUnit(id) {
    return !['count', 'changeCount', 'distinctCount', 'diffperc', 'allIsZero', 'allIsNull'].includes(aliases[id] ?? id);
}
