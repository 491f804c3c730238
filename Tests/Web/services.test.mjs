import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { apdex, countWithin, figuresOf, kindOfParam, quantile, queriesFor, windowOf } from '../../web/services/red.js';
import { busiest, callsOf, nearest, neighbourhood, traffic } from '../../web/services/calls.js';
import { framesOf, pictureOf } from '../../web/services/map.js';
import { outsideRows } from '../../web/services/dependencies.js';
import { thrownIn } from '../../web/services/exceptions.js';
import { instanceRows } from '../../web/services/instances.js';
import { marksOf } from '../../web/services/overview.js';
import { groupOf, readableRange, spansWith } from '../../web/services/span-counts.js';
import { changeOf, healthOf, shown, shownRate } from '../../web/services/words.js';
import { adviceFor } from '../../web/diagnostics/sources.js';
import { selectorOf } from '../../web/diagnostics/cardinality.js';
import { rowsOf } from '../../web/diagnostics/receivers.js';
import { targetsOf } from '../../web/diagnostics/targets.js';
import { nextSort, sorted } from '../../web/ui/grid.js';
import { nodeGraph } from '../../web/panels/node-layout.js';

const range = (/** @type {number} */ ms) => ({ from: 1_000_000, to: 1_000_000 + ms, raw: { from: 'now-1h', to: 'now' } });
const sample = (/** @type {Record<string, string>} */ metric, /** @type {number | string} */ value) => ({ metric, value: /** @type {[number, string]} */ ([0, String(value)]) });
/** @type {[number, number][]} */
const buckets = [[0.1, 10], [0.5, 60], [1, 90], [Infinity, 100]];

test('queries group by what is asked for and heed the kind of spans', () => {
    const { counts, buckets: durations, failedBuckets } = queriesFor({ by: ['service'], matchers: ['service="a"'], kind: 'incoming', window: '1h' });
    assert.equal(counts, 'sum by (service, span_kind, status_code) (rate(traces_spanmetrics_calls_total{service="a"}[1h]))');
    assert.equal(durations, 'sum by (service, le) (rate(traces_spanmetrics_latency_bucket{service="a", span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"}[1h]))');
    assert.match(failedBuckets, /status_code="STATUS_CODE_ERROR"/);
    assert.equal(queriesFor({ by: ['service'], matchers: [], kind: 'all', window: '5m' }).buckets, 'sum by (service, le) (rate(traces_spanmetrics_latency_bucket[5m]))');
    assert.equal(kindOfParam('nonsense'), 'incoming');
});

test('the window is the range, and never too short for two collections', () => {
    assert.equal(windowOf(range(3_600_000)), '1h');
    assert.equal(windowOf(range(20_000)), '1m');
});

test('quantiles are those of histogram_quantile', () => {
    assert.equal(quantile(buckets, 0.5), 0.1 + 0.4 * (40 / 50));
    assert.equal(quantile(buckets, 0.05), 0.05);
    assert.equal(quantile(buckets, 0.99), 1, 'beyond the last bound is the last bound');
    assert.equal(quantile([[0.1, 0], [Infinity, 0]], 0.5), null);
    assert.equal(quantile([], 0.5), null);
    assert.equal(quantile([[Infinity, 3]], 0.5), null);
});

test('between two bounds requests are spread evenly', () => {
    assert.equal(countWithin(buckets, 0.5), 60);
    assert.equal(countWithin(buckets, 0.75), 75);
    assert.equal(countWithin(buckets, 30), 90, 'what is slower than the last bound is never taken for fast');
});

test('the Apdex counts half what takes up to four times as long, and nothing that failed', () => {
    assert.equal(apdex(buckets, [], 0.25), (10 + 50 * (0.15 / 0.4) + 90) / 200);
    assert.ok(Math.abs(/** @type {number} */ (apdex(buckets, [[0.1, 0], [0.5, 20], [1, 20], [Infinity, 20]], 0.5)) - (40 + 70) / 200) < 1e-9);
    assert.equal(apdex([], [], 0.5), null);
    assert.equal(apdex([[0.1, 5], [Infinity, 5]], [], 0.5), 1);
});

test('figures take spans of one kind, and failures from the status', () => {
    const counts = [
        sample({ service: 'a', span_kind: 'SPAN_KIND_SERVER', status_code: 'STATUS_CODE_UNSET' }, 3), sample({ service: 'a', span_kind: 'SPAN_KIND_SERVER', status_code: 'STATUS_CODE_ERROR' }, 1),
        sample({ service: 'a', span_kind: 'SPAN_KIND_CLIENT', status_code: 'STATUS_CODE_UNSET' }, 50), sample({ service: 'job', span_kind: 'SPAN_KIND_INTERNAL', status_code: 'STATUS_CODE_UNSET' }, 2),
    ];
    const durations = [['0.1', 2], ['+Inf', 4], ['0.5', 4]].map(([le, value]) => sample({ service: 'a', le: String(le) }, value));
    const answers = { by: ['service'], threshold: 0.5, counts, buckets: durations, failedBuckets: [] };
    const incoming = figuresOf({ ...answers, kind: 'incoming' });
    assert.deepEqual([...incoming.keys()], ['a']);
    assert.equal(incoming.get('a')?.errorShare, 0.25);
    assert.equal(incoming.get('a')?.p50, 0.1, 'buckets are put in order');
    assert.deepEqual([...figuresOf({ ...answers, kind: 'all' }).keys()], ['a', 'job']);
    const idle = figuresOf({ ...answers, kind: 'incoming', counts: [sample({ service: 'a', span_kind: 'SPAN_KIND_SERVER', status_code: '' }, 'NaN')] });
    assert.equal(idle.get('a')?.errorShare, null, 'no requests, no share');
});

test('changes are told from five per cent on', () => {
    assert.equal(changeOf(1.04, 1), undefined);
    assert.deepEqual(changeOf(1.5, 1), { text: '+50%', more: true });
    assert.deepEqual(changeOf(0.5, 1), { text: '−50%', more: false });
    assert.deepEqual(changeOf(20, 1), { text: '×20', more: true });
    assert.deepEqual(changeOf(2, 0), { text: 'new', more: true });
    for (const [now, before] of [[null, 1], [1, undefined], [0, 0]]) assert.equal(changeOf(now, before), undefined);
    assert.deepEqual([undefined, 0, 0.01, 0.05].map(healthOf), ['', 'good', 'warn', 'bad']);
    assert.equal(shown(null, 's'), '–');
    assert.deepEqual([12.3, 0.05, 0.0005, 0, null].map(shownRate), ['12.3 req/s', '3 req/m', '1.8 req/h', '0 req/s', '–']);
});

const calls = callsOf({
    rates: [sample({ client: 'shop', server: 'pay', connection_type: '' }, 4), sample({ client: 'pay', server: 'db', connection_type: 'database' }, 8), sample({ client: 'x', server: 'y' }, 1), sample({ client: 'gone', server: 'y' }, 0)],
    failed: [sample({ client: 'shop', server: 'pay', connection_type: '' }, 1)],
    durations: [sample({ client: 'shop', server: 'pay', connection_type: '' }, 0.2), sample({ client: 'shop', server: 'pay', connection_type: '' }, 0.3), sample({ client: 'pay', server: 'db', connection_type: 'database' }, 'NaN')],
});

test('calls have their rate, their share of failures and the longer of both durations', () => {
    assert.deepEqual(calls.map(({ client, server, rate, failedShare, p95 }) => [client, server, rate, failedShare, p95]), [['pay', 'db', 8, 0, null], ['shop', 'pay', 4, 0.25, 0.3], ['x', 'y', 1, 0, null]]);
});

test('what is near to a service lies on both sides of it, so many calls away', () => {
    assert.deepEqual([...neighbourhood(calls, 'shop', 1)], [['shop', 0], ['pay', 1]]);
    assert.deepEqual([...neighbourhood(calls, 'shop', 2).keys()], ['shop', 'pay', 'db']);
    assert.deepEqual([...neighbourhood(calls, 'nobody', 3).keys()], ['nobody']);
    assert.deepEqual([...nearest(neighbourhood(calls, 'shop', 2), traffic(calls), 2)], ['shop', 'pay'], 'what is near before what is busy');
});

test('the busiest calls are shown whole, then services that call nobody', () => {
    const rates = new Map([...traffic(calls), ['alone', 100]]);
    assert.deepEqual([...busiest(calls, rates, 3)], ['pay', 'db', 'shop']);
    assert.deepEqual([...busiest(calls, rates, 4)], ['pay', 'db', 'shop', 'alone'], 'no half of a call');
    assert.equal(busiest(calls, rates, 100).size, 6);
});

test('a map of thousands is bounded, and shows services that nobody calls', () => {
    const many = Array.from({ length: 2000 }, (_, index) => ({ client: `s${index}`, server: `s${(index * 7 + 1) % 2000}`, connection: '', rate: 2000 - index, failedShare: 0, p95: 0.1 }));
    const services = new Map([...many.map(({ client, rate }) => /** @type {[string, any]} */ ([client, { rate, errors: 0 }])), /** @type {[string, any]} */ (['alone', { rate: 1e6, errors: 0 }])]);
    const whole = pictureOf({ calls: many, services, focus: '', depth: 1 });
    assert.equal(whole.names.length, 2001);
    assert.ok(whole.shown.size === 120 && whole.shown.has('s0'));
    const graph = nodeGraph(framesOf(whole));
    assert.ok(graph.height < 2000 && graph.width < 12_000, `${graph.width} × ${graph.height}`);
    assert.equal(graph.nodes.length, whole.shown.size);
    assert.ok(graph.edges.every((edge) => whole.shown.has(edge.source.id) && whole.shown.has(edge.target.id)));
    assert.deepEqual([...pictureOf({ calls: many, services, focus: 'alone', depth: 2 }).shown], ['alone']);
    assert.equal(pictureOf({ calls: many, services, focus: 'no such', depth: 1 }).shown.size, 0);
});

test('arrows that fail have a colour, circles the share of failures', () => {
    const picture = pictureOf({ calls, services: new Map([['pay', { rate: 4, errors: 1 }]]), focus: '', depth: 1 });
    const graph = nodeGraph(framesOf(picture));
    const [edge] = graph.edges.filter(({ source }) => source.id === 'shop');
    assert.equal(edge.color, '#ef6a78');
    assert.match(edge.secondary, /25% failed, P95 300 ms/);
    assert.equal(graph.edges.find(({ source }) => source.id === 'x')?.color, '');
    assert.equal(graph.nodes.find(({ id }) => id === 'pay')?.arcs[0].share, 0.25);
    assert.equal(graph.nodes.find(({ id }) => id === 'db')?.subtitle, 'database');
});

test('filters leave out what is not asked for, ranges beyond a day are cut', () => {
    assert.equal(spansWith(['a = 1', '', undefined, false, 'b = 2']), '{ a = 1 && b = 2 }');
    assert.deepEqual(readableRange(range(1000)), { range: range(1000), cut: false });
    const long = readableRange(range(3 * 86_400_000));
    assert.equal(long.range.to - long.range.from, 86_400_000);
    assert.ok(long.cut);
});

test('a group knows its first and its last step with spans', () => {
    const group = groupOf({ metric: { a: 'nil', b: 'x' }, values: [[0, '0'], [10, '2'], [20, '0'], [30, '3'], [40, '0']] }, ['a', 'b', 'c'], { start: 0, end: 40, step: 10 });
    assert.deepEqual(group, { labels: { a: '', b: 'x', c: '' }, count: 5, firstMs: 10_000, lastMs: 30_000, line: [0, 2, 0, 3, 0] });
});

test('calls outside are named by newer or older attributes', () => {
    const metric = { 'span.db.system': 'redis', 'span.db.system.name': 'nil', name: 'GET' };
    const rows = outsideRows({ all: [{ metric, value: 4 }, { metric: { 'span.db.system.name': 'redis', name: 'GET' }, value: 6 }], failed: [{ metric, value: 1 }], durations: [{ metric, value: 0.5 }] }, [['span.db.system.name', 'span.db.system'], ['name']]);
    assert.deepEqual(rows, [{ names: ['redis', 'GET'], rate: 10, failedShare: 0.1, p95: 0.5 }]);
});

test('instances have what their spans tell', () => {
    const metric = { 'resource.service.instance.id': 'a-1', 'resource.host.name': 'nil' };
    assert.deepEqual(instanceRows({ all: [{ metric, value: 2 }], failed: [{ metric, value: 1 }], durations: [] }), [{ instance: 'a-1', host: '', pod: '', version: '', rate: 2, failedShare: 0.5, p95: null }]);
});

test('a version that was there from the beginning did not come', () => {
    assert.deepEqual(marksOf([{ version: '2', firstMs: 90_000 }, { version: '1', firstMs: 0 }], 10_000).map(({ from, text }) => [from, text]), [[90_000, 'version 2 came']]);
    assert.deepEqual(marksOf([], 10_000), []);
});

test('the newest exception of a type is found among the spans of its service', () => {
    const event = (/** @type {number} */ timeUs, /** @type {string} */ type, /** @type {string} */ message) => ({ name: 'exception', timeUs, attributes: { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': 'at x' } });
    const span = (/** @type {string} */ id, /** @type {string} */ service, /** @type {any[]} */ events) => /** @type {any} */ ({ id, traceId: 't', service, name: `of ${id}`, startNs: 5_000_000n, events });
    const spans = [span('1', 'a', [event(10, 'E', 'older')]), span('2', 'a', [event(20, 'F', 'other'), event(30, 'E', 'newer')]), span('3', 'b', [event(40, 'E', 'elsewhere')])];
    assert.deepEqual(thrownIn(spans, 'E', 'a'), { traceId: 't', spanId: '2', span: 'of 2', timeMs: 5.03, message: 'newer', stack: 'at x' });
    assert.equal(thrownIn(spans, 'E', '')?.message, 'elsewhere');
    assert.equal(thrownIn(spans, 'G', 'a'), undefined);
});

test('rows are put in order, what is missing last either way', () => {
    const columns = [{ id: 'x', title: 'X', width: '1fr', value: (/** @type {any} */ row) => row.x }];
    const rows = [{ x: 2 }, { x: null }, { x: 10 }, { x: NaN }, { x: 1 }];
    assert.deepEqual(sorted(rows, columns, 'x').map((row) => row.x), [1, 2, 10, null, NaN]);
    assert.deepEqual(sorted(rows, columns, '-x').map((row) => row.x), [10, 2, 1, null, NaN]);
    assert.equal(sorted(rows, columns, 'unknown'), rows);
    assert.deepEqual([nextSort('', 'x', true), nextSort('-x', 'x', true), nextSort('x', 'x', true), nextSort('', 'x', false)], ['-x', 'x', '-x', 'x']);
});

test('advice fits what is wrong', () => {
    const state = { kind: 'loki', healthy: /** @type {boolean | undefined} */ (true), message: '', endMs: 1_000_000, now: 1_000_000 };
    assert.equal(adviceFor({ ...state, findings: { lastMs: 990_000, facts: [] } }), '');
    assert.match(adviceFor({ ...state, findings: { lastMs: null, facts: [] } }), /Nothing came in this time range\. Start martlet-agent/);
    assert.match(adviceFor({ ...state, findings: { lastMs: 100_000, facts: [] } }), /Nothing has come for 15 mins/);
    assert.equal(adviceFor({ ...state, now: 9e9, findings: { lastMs: 100_000, facts: [] } }), '', 'an old range says nothing of today');
    assert.match(adviceFor({ ...state, healthy: false, message: 'connection refused', findings: undefined }), /Is martlet-logs running, and is --datasource\.logs its address\?/);
    assert.match(adviceFor({ ...state, healthy: false, message: 'the source answers 401', findings: undefined }), /login of this source/);
    assert.equal(adviceFor({ ...state, healthy: undefined, findings: undefined }), '');
});

test('receivers have rates, refusals and their last step with anything', () => {
    const receiver = { title: 'Log lines', unit: 'lines/s', by: ['job'], received: 'a', bytes: 'b', refused: 'c' };
    const series = (/** @type {[number, string][]} */ values) => [{ metric: { job: 'logs' }, values }];
    assert.deepEqual(rowsOf(receiver, series([[60, '3'], [120, '9'], [180, '0']]), series([[60, '30'], [120, '10']]), [sample({ job: 'logs' }, 2.2)]), [
        { title: 'Log lines', unit: 'lines/s', detail: 'logs', rate: 4, bytes: 20, refused: 2, lastMs: 120_000, line: [3, 9, 0] },
    ]);
    assert.deepEqual(rowsOf(receiver, [], [], []), []);
});

test('targets that were never scraped are neither up nor down', () => {
    const target = (/** @type {any} */ more) => ({ labels: { job: 'node', instance: 'a:1' }, scrapeUrl: 'http://a:1/metrics', lastScrapeDuration: 0.01, ...more });
    const found = targetsOf({ data: { activeTargets: [target({ health: 'up', lastScrape: '2026-11-29T19:00:00Z' }), target({ health: 'unknown', lastScrape: '0001-01-01T00:00:00Z' }), target({ health: 'down', lastError: 'refused' })] } });
    assert.deepEqual(found.map(({ up, known, lastMs, error }) => [up, known, lastMs, error]), [[true, true, 1795978800000, ''], [false, false, null, ''], [false, true, null, 'refused']]);
    assert.throws(() => targetsOf('<html>'), /something else than a list of targets/);
});

test('names of metrics and labels may be any text', () => {
    assert.equal(selectorOf('up'), '{__name__="up"}');
    assert.equal(selectorOf('a"b', 'http.method'), '{__name__="a\\"b", "http.method"!=""}');
    assert.equal(selectorOf('', 'job'), '{job!=""}');
});
