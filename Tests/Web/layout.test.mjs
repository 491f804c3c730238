import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placePanels } from '../../web/dashboard/layout.js';
import { upgradeDashboard } from '../../web/dashboard/upgrade.js';
import { loadOldTypes } from '../../web/dashboard/upgrade-panel.js';

await loadOldTypes({ type: 'graph' });

const range = { from: 0, to: 1, raw: { from: 'now-1h', to: 'now' } };
const values = (/** @type {string[]} */ list) => ({ values: list, texts: list, isAll: false, multi: true });
const panel = (/** @type {number} */ id, /** @type {number} */ x, /** @type {number} */ y, extra = {}) =>
    /** @type {any} */ ({ id, type: 'stat', gridPos: { x, y, w: 12, h: 4 }, ...extra });
const row = (/** @type {number} */ id, /** @type {number} */ y, extra = {}) => /** @type {any} */ ({ id, type: 'row', gridPos: { x: 0, y, w: 24, h: 1 }, ...extra });
const places = (/** @type {any[]} */ panels, variables = {}, folded = (/** @type {string} */ _key, /** @type {any} */ one) => Boolean(one.collapsed)) =>
    placePanels(panels, { range, variables }, folded).map(({ panel: { id }, x, y }) => [id, x, y]);

test('a folded row takes one line and the panels below move up', () => {
    const panels = [row(1, 0, { collapsed: true, panels: [panel(2, 0, 1)] }), row(3, 5), panel(4, 0, 6), panel(5, 12, 6)];
    assert.deepEqual(places(panels), [[1, 0, 0], [3, 0, 1], [4, 0, 2], [5, 12, 2]]);
    assert.deepEqual(places(panels, {}, () => false), [[1, 0, 0], [2, 0, 1], [3, 0, 5], [4, 0, 6], [5, 12, 6]]);
});

test('a repeated panel fills lines and pushes down what follows', () => {
    const panels = [panel(1, 0, 0, { repeat: 'v', maxPerRow: 2 }), panel(2, 0, 4)];
    assert.deepEqual(places(panels, { v: values(['a', 'b', 'c']) }), [[1, 0, 0], [1, 12, 0], [1, 0, 4], [2, 0, 8]]);
});

test('one value of a panel that is repeated across the board has the whole line', () => {
    const widths = (/** @type {any} */ extra) => placePanels([panel(1, 12, 0, { repeat: 'v', ...extra })], { range, variables: { v: values(['a']) } }, () => false).map(({ x, w }) => [x, w]);
    assert.deepEqual([widths({}), widths({ repeatDirection: 'h' }), widths({ repeatDirection: 'v' }), widths({ repeat: 'other' })], [[[0, 24]], [[0, 24]], [[12, 12]], [[12, 12]]]);
});

test('a repeated row brings its panels for every value', () => {
    const found = placePanels([row(1, 0, { repeat: 'v' }), panel(2, 0, 1)], { range, variables: { v: values(['a', 'b']) } }, () => false);
    assert.deepEqual(found.map(({ panel: { id, scoped }, y }) => [id, scoped?.v.values[0], y]), [[1, 'a', 0], [2, 'a', 1], [1, 'b', 5], [2, 'b', 6]]);
});

test('rows of old dashboards become panels on the grid, graphs become time series', () => {
    const board = upgradeDashboard({
        title: 'Old', rows: [{ title: 'R', showTitle: true, height: '250px', panels: [
            { id: 1, type: 'graph', span: 6, stack: true, fill: 3, yaxes: [{ format: 'bytes', min: '0' }], seriesOverrides: [{ alias: '/out/', transform: 'negative-Y' }] },
            { id: 2, type: 'singlestat', span: 6, format: 's', thresholds: '1,2', valueName: 'current' },
        ] }],
    });
    const [heading, graph, stat] = board.panels;
    assert.equal(heading.type, 'row');
    assert.deepEqual(graph.gridPos, { x: 0, y: 1, w: 12, h: 7 });
    assert.deepEqual([graph.type, graph.fieldConfig.defaults.unit, graph.fieldConfig.defaults.min, graph.fieldConfig.defaults.custom?.stacking.mode], ['timeseries', 'bytes', 0, 'normal']);
    assert.deepEqual([stat.type, stat.gridPos.x, stat.fieldConfig.defaults.thresholds?.steps.length], ['stat', 12, 3]);
});
