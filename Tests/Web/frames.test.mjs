import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured, displayName } from '../../web/data/fields.js';
import { levelOf } from '../../web/data/levels.js';
import { legendName, rangeFrames, tableFrame } from '../../web/data/prometheus.js';
import { reduce } from '../../web/data/reducers.js';
import { loadTransformations, transform } from '../../web/data/transformations.js';
import { runsOf } from '../../web/panels/plot-options.js';
import { stackSeries } from '../../web/panels/series.js';

await loadTransformations([{ id: 'groupBy' }]);

test('a step without a sample is a gap', () => {
    const series = [{ metric: { a: 'x' }, values: /** @type {[number, string][]} */ ([[0, '1'], [30, 'NaN'], [45, '+Inf']]) }];
    const [frame] = rangeFrames({ series, start: 0, end: 60, step: 15 }, 'A', legendName('{{a}}', ''));
    assert.deepEqual(frame.fields[0].values, [0, 15_000, 30_000, 45_000, 60_000]);
    assert.deepEqual(frame.fields[1].values, [1, null, NaN, Infinity, null]);
    assert.equal(displayName(frame.fields[1]), 'x');
});

test('legend names: format, automatic, and the series itself', () => {
    const all = [{ __name__: 'up', job: 'a', env: 'p' }, { __name__: 'up', job: 'b', env: 'p' }];
    assert.equal(legendName('{{ job }} in {{env}}{{none}}', '')(all[0], all), 'a in p');
    assert.equal(legendName('__auto', '')(all[0], all), 'a');
    assert.equal(legendName('', '')(all[0], all), 'up{job="a", env="p"}');
    assert.equal(legendName('', 'sum(x)')({}, [{}]), 'sum(x)');
    // Labels that a series has not name nobody.
    assert.deepEqual([legendName('{{node}}', 'q')(all[0], all), legendName(' {{node}} ', 'sum(x)')({}, [{}])], ['up{job="a", env="p"}', 'sum(x)']);
});

test('tables of several queries are merged by their labels and organised', () => {
    const at = (/** @type {string} */ value) => /** @type {[number, string]} */ ([1, value]);
    const first = tableFrame({ series: [{ metric: { dev: 'a' }, value: at('1') }, { metric: { dev: 'b' }, value: at('2') }] }, 'A', true);
    const second = tableFrame({ series: [{ metric: { dev: 'b' }, value: at('20') }] }, 'B', true);
    const { frames, unknown } = transform([...first, ...second], [
        { id: 'merge', options: {} }, { id: 'noSuchThing', options: {} },
        { id: 'organize', options: { excludeByName: { Time: true }, renameByName: { 'Value #B': 'Free' }, indexByName: { dev: 0 } } },
    ]);
    assert.deepEqual(unknown, ['noSuchThing']);
    assert.deepEqual(frames[0].fields.map(displayName), ['dev', 'Value #A', 'Free']);
    assert.deepEqual(frames[0].fields.map((field) => field.values), [['a', 'b'], [1, 2], [null, 20]]);
});

test('overrides change only the fields that they match', () => {
    const frames = rangeFrames({ series: [{ metric: { a: 'in' } }, { metric: { a: 'out' } }], start: 0, end: 0, step: 1 }, 'A', legendName('eth0 {{a}}', ''));
    const [first, second] = configured(frames, {
        defaults: { unit: 'Bps', custom: { lineWidth: 1 } },
        overrides: [{ matcher: { id: 'byRegexp', options: '/ out$/' }, properties: [{ id: 'custom.transform', value: 'negative-Y' }, { id: 'unit', value: 'bps' }] }],
    }, (text) => text).map((frame) => frame.fields[1].config);
    assert.deepEqual([first.unit, first.custom?.transform], ['Bps', undefined]);
    assert.deepEqual([second.unit, second.custom?.transform, second.custom?.lineWidth], ['bps', 'negative-Y', 1]);
});

test('reducers leave gaps out', () => {
    const values = [null, 1, 5, NaN, 3, null];
    for (const [id, expected] of /** @type {[string, any][]} */ ([['lastNotNull', 3], ['last', null], ['max', 5], ['min', 1], ['mean', 3], ['sum', 9], ['count', 6], ['diff', 2], ['p50', 3], ['current', 3]])) {
        assert.equal(reduce(values, id), expected, id);
    }
    assert.equal(reduce([], 'max'), null);
});

test('stacks add up over gaps, and percent stacks end at one', () => {
    const series = (/** @type {string} */ stack, custom = {}) => [[1, null, 3], [3, 2, 1]].map((values) => /** @type {any} */ ({ values, stack, custom }));
    assert.deepEqual(stackSeries(series('normal/A/1'), 3).columns, [[1, 0, 3], [4, 2, 4]], 'areas lie on what is below them');
    for (const custom of [{ drawStyle: 'bars' }, { drawStyle: 'points' }, { spanNulls: true }]) {
        assert.deepEqual(stackSeries(series('normal/A/1', custom), 3).columns[0], [1, null, 3]);
    }
    assert.deepEqual(stackSeries(series('normal/A/1'), 3).below, [null, 0]);
    assert.deepEqual(stackSeries(series('percent/A/1'), 3).columns[1], [1, 1, 1]);
    const gaps = [[1, null, null, 2], [1, 1, null, 1], [1, 1, null, 1]].map((values) => /** @type {any} */ ({ values, stack: 'normal/A/1', custom: {} }));
    assert.deepEqual(stackSeries(gaps, 4).columns, [[1, 0, null, 2], [2, 1, null, 3], [3, 2, null, 4]], 'a gap of all is one');
    assert.deepEqual(runsOf([null, 1, 2, undefined, 3, null], 0, 5), [[1, 2], [4, 4]]);
    assert.deepEqual(runsOf([null, null], 0, 1), []);
});

test('the level of a line comes from its labels, its fields or its words', () => {
    assert.equal(levelOf('anything', { level: 'WARN' }), 'warning');
    assert.equal(levelOf('anything', { detected_level: 'fatal' }), 'critical');
    assert.equal(levelOf('ts=1 level=error msg=x', {}), 'error');
    assert.equal(levelOf('{"level":"debug","msg":"no error"}', {}), 'debug');
    assert.equal(levelOf('[ERROR] disk', {}), 'error');
    assert.equal(levelOf('terrors in the night', {}), 'unknown');
});
