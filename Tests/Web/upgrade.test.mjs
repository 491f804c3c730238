import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placePanels } from '../../web/dashboard/layout.js';
import { upgradeDashboard } from '../../web/dashboard/upgrade.js';
import { loadOldTypes } from '../../web/dashboard/upgrade-panel.js';

await loadOldTypes({ type: 'graph' });

/** @param {any} panel */
const upgraded = (panel) => upgradeDashboard({ title: 'T', panels: [panel] }).panels[0];

test('a graph keeps its axes, thresholds, series overrides and gaps', () => {
    const panel = upgraded({
        type: 'graph', nullPointMode: 'null as zero', fillGradient: 5, thresholds: [{ value: 80, op: 'gt', colorMode: 'critical', line: true, fill: false }],
        yaxes: [{ format: 'bytes', logBase: 2 }, { format: 's', min: '0', label: 'time' }], legend: { show: true, values: true, avg: true, current: true, alignAsTable: true, sort: 'current', sortDesc: true },
        seriesOverrides: [{ alias: 'late', yaxis: 2, bars: true, stack: 'B' }, { alias: '/x/', nullPointMode: 'connected', legend: false }], aliasColors: { late: '#fff' },
    });
    const { custom, thresholds, unit } = panel.fieldConfig.defaults;
    assert.deepEqual([panel.type, unit, custom?.nullAsZero, custom?.gradientMode, custom?.scaleDistribution, custom?.thresholdsStyle], ['timeseries', 'bytes', true, 'opacity', { type: 'log', log: 2 }, { mode: 'line' }]);
    assert.deepEqual(thresholds?.steps, [{ value: null, color: 'transparent' }, { value: 80, color: 'red' }]);
    assert.deepEqual(panel.options.legend.calcs, ['lastNotNull', 'mean']);
    assert.equal(panel.options.legend.sortBy, 'Last *');
    const late = Object.fromEntries(panel.fieldConfig.overrides[1].properties.map(({ id, value }) => [id, value]));
    assert.deepEqual([late.unit, late.min, late['custom.drawStyle'], late['custom.stacking'].group, late['custom.axisPlacement']], ['s', 0, 'bars', 'B', 'right']);
    assert.deepEqual(panel.fieldConfig.overrides[2].matcher, { id: 'byRegexp', options: '/x/' });
});

test('a graph by series is a bar chart, one of a histogram a histogram', () => {
    const bars = upgraded({ type: 'graph', xaxis: { mode: 'series', values: ['current'] } });
    assert.deepEqual([bars.type, bars.transformations], ['barchart', [{ id: 'reduce', options: { reducers: ['lastNotNull'], mode: 'seriesToRows' } }]]);
    assert.equal(upgraded({ type: 'graph', xaxis: { mode: 'histogram', buckets: 12 } }).options.bucketCount, 12);
});

test('a single stat keeps its thresholds, mappings, prefix and column', () => {
    const panel = upgraded({ type: 'singlestat', format: 's', valueName: 'current', thresholds: '1, 2', colors: ['a', 'b', 'c'], prefix: '~', tableColumn: 'x', mappingType: 2, rangeMaps: [{ from: '1', to: '3', text: 'few' }], sparkline: { show: true } });
    assert.deepEqual(panel.fieldConfig.defaults.thresholds?.steps, [{ value: null, color: 'a' }, { value: 1, color: 'b' }, { value: 2, color: 'c' }]);
    assert.deepEqual(panel.fieldConfig.defaults.mappings, [{ type: 'range', options: { from: 1, to: 3, result: { text: 'few' } } }]);
    assert.deepEqual([panel.options.prefix, panel.options.graphMode, panel.options.reduceOptions], ['~', 'area', { calcs: ['lastNotNull'], fields: 'x' }]);
});

test('styles of an old table become overrides, the first style last', () => {
    const panel = upgraded({ type: 'table', transform: 'table', sort: { col: 1, desc: true }, styles: [
        { pattern: 'Value', type: 'number', unit: 'bytes', colorMode: 'cell', thresholds: ['5'], colors: ['g', 'r'], link: true, linkUrl: '/d/x?v=$__cell&n=$__cell_0' }, { pattern: '/.*/', type: 'string' }] });
    const [rest, value] = panel.fieldConfig.overrides;
    assert.equal(rest.matcher.id, 'byRegexp');
    const properties = Object.fromEntries(value.properties.map(({ id, value: one }) => [id, one]));
    assert.deepEqual([properties.unit, properties['custom.cellOptions'].type, properties.links[0].url], ['bytes', 'color-background', '/d/x?v=${__value.raw}&n=${__data.fields[0]}']);
    assert.deepEqual([panel.transformations?.[0].id, panel.options.sortByIndex, panel.options.sortDesc], ['merge', 1, true]);
});

test('gauges of version 6 and numeric mappings are lifted to today’s places', () => {
    const panel = upgraded({ type: 'gauge', options: { fieldOptions: { calcs: ['mean'], defaults: { unit: 's', max: 5, mappings: [{ type: 1, value: '0', text: 'none' }, { type: 2, from: '1', to: '2', text: 'some' }] } } } });
    assert.deepEqual([panel.fieldConfig.defaults.unit, panel.fieldConfig.defaults.max, panel.options.reduceOptions.calcs], ['s', 5, ['mean']]);
    assert.deepEqual(panel.fieldConfig.defaults.mappings?.map(({ type }) => type), ['value', 'range']);
});

test('inputs of an exported file, library panels, doubled ids and stored clones', () => {
    const board = upgradeDashboard({
        __inputs: [{ name: 'DS_PROM', pluginId: 'prometheus' }], __elements: { lib: { model: { type: 'stat', title: 'Shared' } } },
        panels: [{ id: 1, type: 'stat', datasource: '${DS_PROM}', targets: [{ expr: 'up', datasource: { uid: '${DS_PROM}' } }] }, { id: 1, libraryPanel: { uid: 'lib' } }, { id: 9, type: 'stat', repeatPanelId: 1 }],
    });
    assert.deepEqual(board.panels.map(({ id, type, title }) => [id, type, title]), [[1, 'stat', ''], [10 - 8, 'stat', 'Shared']]);
    assert.deepEqual([board.panels[0].datasource, board.panels[0].targets?.[0].datasource], [{ type: 'prometheus' }, { type: 'prometheus' }]);
});

test('the v2 schema is named, not misread', () => {
    assert.throws(() => upgradeDashboard({ spec: { elements: { a: {} } } }), /v2 schema/);
});

test('no broken file stops the page', () => {
    const odd = [null, undefined, 0, -1, NaN, 1e9, '', 'x', [], {}, [null], { a: 1 }, true, '\u202e<b>'];
    // A linear congruential generator: the same files each time.
    let seed = 7;
    const next = (/** @type {number} */ most) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return seed % most;
    };
    const sample = () => ({
        title: 'x', schemaVersion: 14, rows: [{ height: '250px', collapse: true, panels: [{ type: 'graph', span: 6, yaxes: [{ format: 's' }, {}], targets: [{ expr: 'a' }] }] }],
        panels: [{ id: 1, type: 'table', styles: [{ pattern: 'a', thresholds: ['1'] }], gridPos: { x: 0, y: 0, w: 12, h: 8 }, targets: [{ expr: 'x' }], fieldConfig: { defaults: { thresholds: { steps: [{ value: null }] }, mappings: [{ type: 1 }] }, overrides: [{ matcher: { id: 'byName' }, properties: [{ id: 'unit' }] }] } },
            { type: 'row', collapsed: true, panels: [{ type: 'singlestat', thresholds: '1,2', valueMaps: [{ value: '1', text: 'a' }] }] }, { type: 'heatmap', dataFormat: 'tsbuckets' }, { type: 'grafana-piechart-panel', legend: {} }],
        templating: { list: [{ name: 'v', type: 'query' }] }, annotations: { list: [{}] }, links: [{}], time: { from: 'now-1h' },
    });
    /** @param {any} value @param {number} depth @returns {any} */
    const broken = (value, depth) => {
        if (next(9) === 0) return odd[next(odd.length)];
        if (Array.isArray(value)) return value.map((one) => broken(one, depth + 1));
        if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, broken(one, depth + 1)]));
        return value;
    };
    const range = { from: 0, to: 1, raw: { from: 'now-1h', to: 'now' } };
    for (let round = 0; round < 3000; round++) {
        const file = broken(sample(), 0);
        const board = upgradeDashboard(file);
        for (const { w, h, x } of placePanels(board.panels, { range, variables: {} }, () => false)) assert.ok(w >= 1 && x + w <= 24 && h >= 1, JSON.stringify(file));
    }
});

test('what old types need is loaded for them alone', async () => {
    await assert.doesNotReject(loadOldTypes(undefined));
    await loadOldTypes({ rows: [{ panels: [{ type: 'singlestat' }] }] });
    assert.equal(upgraded({ type: 'singlestat' }).type, 'stat');
});
