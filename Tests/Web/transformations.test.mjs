import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, series, table } from './page.mjs';
import { loadTransformations, transform } from '../../web/data/transformations.js';

await loadTransformations([{ id: 'groupBy' }]);

/** @param {any[]} frames @param {string} id @param {any} options */
const apply = (frames, id, options = {}) => transform(frames, [{ id, options }]).frames;
const shop = () => table({ Time: [1, 2, 3], city: ['Rome', 'Oslo', 'Rome'], sales: [5, 7, null] });

test('an unknown transformation is named and passed over, even one called constructor', () => {
    const { frames, unknown } = transform([shop()], [{ id: 'constructor', options: {} }, { id: 'sortBy', options: { sort: [{ field: 'city' }] } }]);
    assert.deepEqual(unknown, ['constructor']);
    assert.deepEqual(columns(frames[0]).city, ['Oslo', 'Rome', 'Rome']);
});

test('organize leaves out, orders and renames', () => {
    const [frame] = apply([shop()], 'organize', { excludeByName: { Time: true }, indexByName: { sales: 0, city: 1 }, renameByName: { sales: 'Sold' } });
    assert.deepEqual(Object.keys(columns(frame)), ['Sold', 'city']);
});

test('merge joins rows by the columns that all frames have', () => {
    const [frame] = apply([table({ dev: ['a', 'b'], size: [1, 2] }), table({ dev: ['b', 'c'], free: [20, 30] }, 'B')], 'merge');
    assert.deepEqual(columns(frame), { dev: ['a', 'b', 'c'], size: [1, 2, null], free: [null, 20, 30] });
});

test('merge keeps rows apart when nothing is shared', () => {
    const [frame] = apply([table({ a: [1, 2] }), table({ b: [3] }, 'B')], 'merge');
    assert.deepEqual(columns(frame), { a: [1, 2, null], b: [null, null, 3] });
});

test('joinByField aligns series on their times', () => {
    const [frame] = apply([series('x', [1, 3], [10, 30]), series('y', [2, 3], [200, 300])], 'joinByField', { mode: 'outer' });
    assert.deepEqual(columns(frame), { Time: [1, 2, 3], x: [10, null, 30], y: [null, 200, 300] });
    assert.deepEqual(columns(apply([series('x', [1, 3], [10, 30]), series('y', [2, 3], [200, 300])], 'joinByField', { mode: 'inner' })[0]).Time, [3]);
});

test('groupBy aggregates what it does not group by', () => {
    const [frame] = apply([shop()], 'groupBy', { fields: { city: { operation: 'groupby' }, sales: { operation: 'aggregate', aggregations: ['sum', 'count'] } } });
    assert.deepEqual(columns(frame), { city: ['Rome', 'Oslo'], 'sales (sum)': [5, 7], 'sales (count)': [2, 1] });
});

test('reduce makes rows of series, or one row of fields', () => {
    const frames = [series('x', [1, 2], [10, 30], { labels: { job: 'a' } }), series('y', [1, 2], [1, 3], { labels: { job: 'b' } })];
    assert.deepEqual(columns(apply(frames, 'reduce', { reducers: ['max', 'mean'] })[0]), { Field: ['x', 'y'], Max: [30, 3], Mean: [20, 2] });
    assert.deepEqual(columns(apply(frames, 'reduce', { reducers: ['max'], labelsToFields: true })[0]), { Field: ['x', 'y'], job: ['a', 'b'], Max: [30, 3] });
    assert.deepEqual(columns(apply([frames[0]], 'reduce', { reducers: ['max'], mode: 'reduceFields' })[0]), { x: [30] });
});

test('calculateField: two operands, a row, a running sum, a function', () => {
    const frame = table({ a: [6, null, 4], b: [2, 3, 0] });
    const made = (/** @type {any} */ options) => columns(apply([frame], 'calculateField', { replaceFields: true, alias: 'r', ...options })[0]).r;
    assert.deepEqual(made({ mode: 'binary', binary: { left: 'a', operator: '/', right: 'b' } }), [3, null, Infinity]);
    assert.deepEqual(made({ mode: 'binary', binary: { left: { matcher: { id: 'byName', options: 'a' } }, operator: '*', right: { fixed: '10' } } }), [60, null, 40]);
    assert.deepEqual(made({ mode: 'reduceRow', reduce: { reducer: 'sum' } }), [8, 3, 4]);
    assert.deepEqual(made({ mode: 'cumulativeFunctions', cumulative: { field: 'b', reducer: 'sum' } }), [2, 5, 5]);
    assert.deepEqual(made({ mode: 'unary', unary: { operator: 'abs', fieldName: 'b' } }), [2, 3, 0]);
});

test('calculateField joins series by time first', () => {
    const [frame, ...rest] = apply([series('x', [1, 2], [10, 20]), series('y', [1, 2], [1, 2])], 'calculateField', { mode: 'binary', alias: 'sum', binary: { left: 'x', operator: '+', right: 'y' } });
    assert.deepEqual([columns(frame).sum, rest.length], [[11, 22], 0]);
});

test('labelsToFields makes columns of labels, or rows', () => {
    const frames = [series('x', [1], [10], { labels: { __name__: 'up', job: 'a', env: 'p' } })];
    assert.deepEqual(columns(apply(frames, 'labelsToFields', { keepLabels: ['job'] })[0]), { Time: [1], job: ['a'], up: [10] });
    assert.deepEqual(columns(apply(frames, 'labelsToFields', { valueLabel: 'job' })[0]), { Time: [1], env: ['p'], a: [10] });
    assert.deepEqual(columns(apply(frames, 'labelsToFields', { mode: 'rows' })[0]), { label: ['job', 'env'], value: ['a', 'p'] });
});

test('extractFields reads JSON, key=value pairs and named groups', () => {
    const made = (/** @type {any[]} */ line, /** @type {any} */ options) => columns(apply([table({ Line: line })], 'extractFields', { source: 'Line', replace: true, ...options })[0]);
    assert.deepEqual(made(['{"a":1,"b":{"c":"x"}}', 'no json'], { format: 'json' }), { a: [1, null], b: ['{"c":"x"}', null] });
    assert.deepEqual(made(['{"b":{"c":["x","y"]}}'], { format: 'json', jsonPaths: [{ path: 'b.c[1]', alias: 'second' }] }), { second: ['y'] });
    assert.deepEqual(made(['level=warn msg="a b"'], { format: 'kvp' }), { level: ['warn'], msg: ['a b'] });
    assert.deepEqual(made(['took 15ms'], { format: 'regexp', regExp: '/took (?<took>\\d+)/' }), { took: ['15'] });
});

test('filterByValue keeps or drops rows', () => {
    const kept = (/** @type {any} */ options) => columns(apply([shop()], 'filterByValue', options)[0]).city;
    assert.deepEqual(kept({ type: 'include', match: 'any', filters: [{ fieldName: 'sales', config: { id: 'greater', options: { value: 5 } } }] }), ['Oslo']);
    assert.deepEqual(kept({ type: 'exclude', match: 'any', filters: [{ fieldName: 'sales', config: { id: 'isNull' } }] }), ['Rome', 'Oslo']);
    assert.deepEqual(kept({ type: 'include', match: 'all', filters: [{ fieldName: 'city', config: { id: 'regex', options: { value: '^R' } } }, { fieldName: 'sales', config: { id: 'isNotNull' } }] }), ['Rome']);
});

test('the rest: names, limits, rows and columns', () => {
    assert.deepEqual(Object.keys(columns(apply([series('web_total', [1], [1])], 'renameByRegex', { regex: '(.*)_total', renamePattern: '$1' })[0])), ['Time', 'web']);
    assert.deepEqual(Object.keys(columns(apply([shop()], 'filterFieldsByName', { include: { pattern: '/^(city|sales)$/' }, exclude: { names: ['city'] } })[0])), ['sales']);
    assert.equal(apply([shop()], 'limit', { limitField: 2 })[0].rows, 2);
    assert.deepEqual(columns(apply([series('x', [1, 2], [10, 20])], 'seriesToRows')[0]), { Time: [2, 1], Metric: ['x', 'x'], Value: [20, 10] });
    assert.deepEqual(columns(apply([shop()], 'groupingToMatrix', { columnField: 'city', rowField: 'Time', valueField: 'sales', emptyValue: 'null' })[0]), { 'Time\\city': [1, 2, 3], Rome: [5, null, null], Oslo: [null, 7, null] });
    assert.deepEqual(columns(apply([table({ key: ['a', 'b'], value: [1, 2] })], 'rowsToFields')[0]), { a: [1], b: [2] });
    assert.deepEqual(columns(apply([table({ key: ['a', 'b'], value: [1, 2] })], 'transpose')[0]), { Field: ['value'], a: [1], b: [2] });
    assert.deepEqual(apply([shop()], 'partitionByValues', { fields: ['city'] }).map((frame) => frame.rows), [2, 1]);
    assert.deepEqual(columns(apply([table({ v: [0, 1, 1, 9] })], 'histogram', { bucketSize: 5 })[0]), { xMin: [0, 5], xMax: [5, 10], v: [3, 1] });
    assert.deepEqual(columns(apply([series('x', [1], [1], { labels: { what: 'size', dev: 'a' } }), series('y', [1], [2], { labels: { what: 'free', dev: 'a' } })], 'joinByLabels', { value: 'what' })[0]), { dev: ['a'], size: [1], free: [2] });
    const [trends] = apply([series('x', [1, 2], [3, 4], { labels: { job: 'a' } })], 'timeSeriesTable', { A: { stat: 'mean' } });
    assert.deepEqual([trends.fields[1].type, trends.fields[1].values[0].value], ['trend', 3.5]);
});
