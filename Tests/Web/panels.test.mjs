import assert from 'node:assert/strict';
import { test } from 'node:test';
import { series, table } from './page.mjs';
import { bucketFrames } from '../../web/data/buckets.js';
import { deduplicated, commonLabels, ownLabels } from '../../web/data/log-lines.js';
import { alertsOf, chosenAlerts } from '../../web/panels/alerts.js';
import { barGroups, barSpans } from '../../web/panels/bar-groups.js';
import { boxOf, boxesOf } from '../../web/panels/boxes.js';
import { heatmapCells } from '../../web/panels/heatmap-cells.js';
import { histogramBars } from '../../web/panels/histogram-bars.js';
import { nodeGraph } from '../../web/panels/node-layout.js';
import { collectSeries, mostSeries } from '../../web/panels/series.js';
import { distinctStates, stateLanes } from '../../web/panels/states.js';

const times = [0, 60_000, 120_000];
const bucket = (/** @type {string} */ le, /** @type {any[]} */ values) => series(le, times, values, { labels: { le } });

test('buckets that count all below them come to stand alone, in the order of their edges', () => {
    const frames = bucketFrames([bucket('+Inf', [9, 9, null]), bucket('10', [6, 7, 1]), bucket('5', [2, 8, 1])]);
    assert.deepEqual(frames.map((frame) => [frame.fields[1].config.displayNameFromDS, frame.fields[1].values]), [['5', [2, 8, 1]], ['10', [4, 0, 0]], ['+Inf', [3, 2, null]]]);
});

test('a heatmap takes rows from bucket edges and leaves zeros out', () => {
    const cells = heatmapCells(bucketFrames([bucket('5', [2, 0, 1]), bucket('10', [6, 0, 1])]), {}, { from: 0, to: 120_000 });
    assert.deepEqual(cells.rows, [{ name: '5', low: 0, high: 5 }, { name: '10', low: 5, high: 10 }]);
    assert.deepEqual(cells.counts, [[2, null, 1], [4, null, null]]);
    assert.deepEqual([cells.times[0], cells.step, cells.min, cells.max], [-60_000, 60_000, 1, 4]);
});

test('a calculated heatmap counts the values of all series', () => {
    const options = { calculate: true, calculation: { xBuckets: { mode: 'size', value: '1m' }, yBuckets: { mode: 'size', value: '10' } } };
    const cells = heatmapCells([series('a', times, [1, 11, 12]), series('b', times, [2, 15, null])], options, { from: 0, to: 180_000 });
    assert.deepEqual(cells.counts, [[2, null, null], [null, 2, 1]]);
    const log = heatmapCells([series('a', times, [1, 8, 0])], { calculate: true, calculation: { yBuckets: { scale: { type: 'log', log: 2 } } } }, { from: 0, to: 180_000 });
    assert.deepEqual(log.rows.map(({ low }) => low), [1, 2, 4, 8]);
});

test('equal neighbours are one state, a gap ends it, a mapping names it', () => {
    const mappings = [{ type: 'value', options: { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } } }];
    const frame = series('api', [0, 10, 20, 30, 40], [1, 1, 0, null, 0], { config: { mappings } });
    const { lanes } = stateLanes([frame], { merge: true, zone: 'utc', to: 50 });
    assert.deepEqual(lanes[0].states.map(({ from, to, text }) => [from, to, text]), [[0, 20, 'up'], [20, 30, 'down'], [40, 50, 'down']]);
    assert.deepEqual(distinctStates(lanes, 9).map(({ text }) => text), ['up', 'down']);
    assert.equal(stateLanes([frame], { merge: false, zone: 'utc', to: 50 }).lanes[0].states.length, 4);
    const bridged = series('api', [0, 10, 20], [1, null, 1], { config: { mappings, custom: { spanNulls: true } } });
    assert.equal(stateLanes([bridged], { merge: true, zone: 'utc', to: 30 }).lanes[0].states.length, 1);
});

test('a histogram has equal buckets with round edges, and keeps those that a query made', () => {
    const bars = histogramBars([series('a', [1, 2, 3, 4], [0, 4, 9.5, 10])], { bucketCount: 4 });
    assert.deepEqual([bars.edges, bars.size, bars.series[0].counts], [[0, 2.5, 5, 7.5, 10], 2.5, [1, 1, 0, 1, 1]]);
    assert.deepEqual(histogramBars([table({ xMin: [0, 5], xMax: [5, 10], n: [3, 1] })], {}).series[0].counts, [3, 1]);
    assert.deepEqual(histogramBars([series('a', [1], [null])], {}).edges, []);
    assert.ok(histogramBars([series('a', [1, 2], [0, 1e9])], { bucketSize: 1 }).edges.length <= 1001);
});

test('a bar chart takes its names from the first column of texts, stacks add up', () => {
    const groups = barGroups([table({ city: ['Rome', 'Oslo'], a: [1, 2], b: [3, -4] })], {}, 'utc');
    assert.deepEqual([groups.categories, groups.series.map(({ name }) => name)], [['Rome', 'Oslo'], ['a', 'b']]);
    assert.deepEqual(barSpans(groups.series, 2, 'normal')[1], [{ from: 1, to: 4 }, { from: 0, to: -4 }]);
    assert.deepEqual(barSpans(groups.series, 2, 'percent')[1][0], { from: 0.25, to: 1 });
    assert.deepEqual(barGroups([series('x', [1], [5]), series('y', [1], [6])], {}, 'utc').categories, ['x', 'y']);
});

test('a box spans the quartiles, whiskers end at the last near value, the rest are points', () => {
    const box = boxOf('x', '#fff', [1, 2, 3, 4, 5, 100]);
    assert.deepEqual([box.first, box.middle, box.third, box.low, box.high, box.outliers], [2.25, 3.5, 4.75, 1, 5, [100]]);
    const [candle] = boxesOf([table({ Time: [0], open: [2], high: [9], low: [1], close: [5] })], 'utc');
    assert.deepEqual([candle.low, candle.first, candle.third, candle.high, candle.middle], [1, 2, 5, 9, null]);
});

test('a graph is laid out in layers although its edges go round', () => {
    const { nodes, edges } = nodeGraph([table({ id: ['1', '2', '3'], source: ['a', 'b', 'c'], target: ['b', 'c', 'a'] })]);
    const x = Object.fromEntries(nodes.map((node) => [node.id, node.x]));
    assert.ok(x.a < x.b && x.b < x.c);
    assert.equal(edges.length, 3);
    const chain = Array.from({ length: 5000 }, (_, index) => String(index));
    const large = nodeGraph([table({ id: chain, source: chain, target: chain.map((_, index) => String(index + 1)) })]);
    assert.equal(large.nodes.length, 300);
    assert.ok(large.left > 4000);
});

test('only so many series are drawn, and it is known how many are left out', () => {
    const frames = Array.from({ length: 10_000 }, (_, index) => series(`s${index}`, times, [index, index, index]));
    const { series: drawn, left } = collectSeries(frames);
    assert.deepEqual([drawn.length, left], [mostSeries, 10_000 - mostSeries]);
});

test('nulls as zero, constants and logarithms', () => {
    const one = (/** @type {any} */ custom) => collectSeries([series('x', times, [null, -2, 5], { config: { custom } })]).series[0].values;
    assert.deepEqual(one({ nullAsZero: true }), [0, -2, 5]);
    assert.deepEqual(one({ transform: 'constant' }), [-2, -2, -2]);
    assert.deepEqual(one({ transform: 'negative-Y' }), [null, 2, -5]);
    assert.deepEqual(one({ scaleDistribution: { type: 'log' } }), [null, null, 5]);
});

test('repeated log lines are counted, common labels are told apart from own ones', () => {
    const line = (/** @type {string} */ key, /** @type {string} */ text, labels = {}) => /** @type {any} */ ({ key, line: text, labels });
    const lines = [line('1', 'took 5ms', { app: 'a', pod: 'x' }), line('2', 'took 7ms', { app: 'a', pod: 'y' }), line('3', 'done', { app: 'a', pod: 'y' })];
    const { lines: kept, counts } = deduplicated(lines, 'numbers');
    assert.deepEqual([kept.map(({ key }) => key), counts.get('1')], [['1', '3'], 2]);
    assert.equal(deduplicated(lines, 'exact').lines.length, 3);
    assert.deepEqual([commonLabels(lines), ownLabels(lines[0], commonLabels(lines))], [{ app: 'a' }, 'pod=x']);
});

test('alerts of rules, by state and label', () => {
    const body = { data: { groups: [{ rules: [
        { type: 'alerting', name: 'Down', health: 'ok', alerts: [{ state: 'firing', labels: { job: 'api' }, annotations: {}, activeAt: '2026-11-28T10:00:00Z' }, { state: 'pending', labels: { job: 'web' }, annotations: {}, activeAt: '2026-11-28T11:00:00Z' }] },
        { type: 'alerting', name: 'Slow', health: 'ok', alerts: [] }, { type: 'alerting', name: 'Broken', health: 'err', lastError: 'no', alerts: [] }, { type: 'recording', name: 'r' }, null] }, null] } };
    const all = alertsOf(body, 'm');
    assert.deepEqual(all.map(({ name, state }) => [name, state]), [['Down', 'firing'], ['Down', 'pending'], ['Slow', 'normal'], ['Broken', 'error']]);
    assert.deepEqual(chosenAlerts(all, {}).map(({ name, state }) => `${name} ${state}`), ['Down firing', 'Broken error', 'Down pending']);
    assert.deepEqual(chosenAlerts(all, { alertInstanceLabelFilter: '{job=~"a.*"}' }).length, 1);
    assert.deepEqual(chosenAlerts(all, { stateFilter: { normal: true } }).map(({ name }) => name), ['Slow']);
    assert.deepEqual(alertsOf('<html>', 'm'), []);
});
