import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columns, series, table } from './page.mjs';
import { filterText, parseFilter, withFilters } from '../../web/dashboard/adhoc.js';
import { spansOf } from '../../web/dashboard/annotation-queries.js';
import { isShown, runnable } from '../../web/dashboard/annotations.js';
import { resolveLink } from '../../web/dashboard/links.js';
import { queryingPanel } from '../../web/dashboard/query.js';
import { jsonOptions, shownAs, withStatic } from '../../web/dashboard/rare-variables.js';
import { resolveVariables } from '../../web/dashboard/variables.js';
import { namesOf, resultOf } from '../../web/data/answers.js';
import { evaluateExpressions } from '../../web/data/expressions.js';
import { sharedRequest } from '../../web/data/shared-requests.js';

const range = { from: 0, to: 3_600_000, raw: { from: 'now-1h', to: 'now' } };

/** @type {[string, string][]} */
const filtered = [
    ['up', 'up{env="p"}'], ['up{job="a"}', 'up{job="a", env="p"}'], ['{__name__="up"}', '{__name__="up", env="p"}'], ['up{}', 'up{env="p"}'],
    ['sum by (job) (rate(x_total[5m]))', 'sum by (job) (rate(x_total{env="p"}[5m]))'], ['a / on(job) group_left(pod) b', 'a{env="p"} / on(job) group_left(pod) b{env="p"}'],
    ['label_replace(up, "a", "$1", "b", "(.*)")', 'label_replace(up{env="p"}, "a", "$1", "b", "(.*)")'], ['x offset 5m > bool 1e3', 'x{env="p"} offset 5m > bool 1e3'],
    ['a{b="}",c=~"{x"} and b', 'a{b="}",c=~"{x", env="p"} and b{env="p"}'], ['histogram_quantile(0.9, x_bucket) # up', 'histogram_quantile(0.9, x_bucket{env="p"}) # up'],
];
for (const [query, expected] of filtered) {
    test(`an ad hoc filter turns ${query} into ${expected}`, () => assert.equal(withFilters(query, [{ key: 'env', operator: '=', value: 'p' }], false), expected));
}

test('in LogQL only selectors in braces take filters, values are quoted', () => {
    assert.equal(withFilters('sum(rate({app="a"} | json | line_format `{{.x}}` [1m]))', [{ key: 'k', operator: '!=', value: 'say "hi"\\' }], true), 'sum(rate({app="a", k!="say \\"hi\\"\\\\"} | json | line_format `{{.x}}` [1m]))');
});

test('filters go into the address and back', () => {
    const filter = { key: 'env', operator: '=~', value: 'a|b' };
    assert.deepEqual(parseFilter(filterText(filter)), filter);
    for (const text of ['', 'a', 'a|b|c', '1x|=|y', 'a"}|=|b']) assert.equal(parseFilter(text), undefined, text);
});

test('samples above zero are annotations, neighbours one span', () => {
    assert.deepEqual(spansOf([[0, '0'], [60, '1'], [120, '2'], [180, 'NaN'], [600, '1']], 60_000, false), [{ from: 60_000, to: 120_000 }, { from: 600_000, to: 600_000 }]);
    assert.deepEqual(spansOf([[0, '5000'], [60, '5000'], [120, '9000']], 60_000, true), [{ from: 5000, to: 5000 }, { from: 9000, to: 9000 }]);
});

test('links replace variables, points and the time, and lead to pages only', () => {
    const scope = { range, variables: { job: { values: ['a b', 'c'], texts: ['a b', 'c'], isAll: false, multi: true } } };
    const field = { name: 'Value', type: /** @type {'number'} */ ('number'), values: [5], labels: { pod: 'x/y' }, config: {} };
    const point = { field, name: 'api', value: 5, text: '5 s', row: 0, fields: table({ id: ['q&'] }).fields };
    assert.equal(resolveLink({ url: '/d/x?var-job=$job&${__url_time_range}' }, scope)?.href, '/d/x?var-job=a%20b&var-job=c&from=now-1h&to=now');
    assert.equal(resolveLink({ url: '/p/${__field.labels.pod}?v=${__value.raw}&t=${__value.text}&i=${__data.fields.id}', title: '${__series.name}' }, scope, point)?.href, '/p/x%2Fy?v=5&t=5%20s&i=q%26');
    for (const url of ['javascript:alert(1)', ' javascript:alert(1)', '//evil.example', '/\\evil.example', 'data:text/html,x', '', 'vbscript:x']) assert.equal(resolveLink({ url }, scope), undefined, url);
});

test('variables that refer to each other in a circle are resolved all the same', async () => {
    const variable = (/** @type {string} */ name, /** @type {string} */ query) => ({ name, type: 'custom', query, current: {} });
    const variables = [variable('a', '$b,1'), variable('b', '$c,2'), variable('c', '$a,3'), variable('d', '$d,4'), variable('constructor', 'x')];
    const states = await resolveVariables({ variables, params: new URLSearchParams(), sources: [], range, signal: new AbortController().signal });
    assert.deepEqual(states.map((state) => state.options.length > 0), [true, true, true, true, true]);
});

test('choices may be JSON, options may be fixed, a pattern may change only what is shown', async () => {
    assert.deepEqual(jsonOptions('["a", 2, {"value": "b", "text": "Bee"}, {"text": "c"}, null]'), [{ value: 'a', text: 'a' }, { value: '2', text: '2' }, { value: 'b', text: 'Bee' }, { value: 'c', text: 'c' }]);
    assert.throws(() => jsonOptions('{}'), /must be a JSON list/);
    const found = [{ value: 'web-1', text: 'web-1' }, { value: 'db-2', text: 'db-2' }];
    assert.deepEqual(shownAs(found, /^web-(\d+)/g), [{ value: 'web-1', text: '1' }]);
    const own = { name: 'v', type: 'query', staticOptions: [{ value: 'all', text: 'Everything' }, { value: 'db-2', text: 'Base' }] };
    const names = (/** @type {any} */ order) => withStatic(found, { ...own, staticOptionsOrder: order }, (list) => [...list].sort((a, b) => (a.text < b.text ? -1 : 1))).map(({ text }) => text);
    assert.deepEqual([names('before'), names('after'), names('sorted')], [['Everything', 'Base', 'web-1'], ['web-1', 'Everything', 'Base'], ['Base', 'Everything', 'web-1']]);
    const [state] = await resolveVariables({ variables: [{ name: 'j', type: 'custom', valuesFormat: 'json', query: '[{"value":"1","text":"One"}]', current: {} }], params: new URLSearchParams(), sources: [], range, signal: new AbortController().signal });
    assert.deepEqual([state.value.values, state.value.texts], [['1'], ['One']]);
});

test('panels that borrow from each other in a circle say so', () => {
    const borrowing = (/** @type {number} */ id, /** @type {number} */ panelId) => /** @type {any} */ ({ id, datasource: { uid: '-- Dashboard --' }, targets: [{ refId: 'A', panelId }] });
    const board = /** @type {any} */ ({ panels: [borrowing(1, 2), borrowing(2, 1), borrowing(3, 4), { id: 4, targets: [{ refId: 'A', expr: 'up' }] }, borrowing(5, 99)] });
    assert.throws(() => queryingPanel(board.panels[0], board), /circle/);
    assert.equal(queryingPanel(board.panels[2], board).id, 4);
    assert.throws(() => queryingPanel(board.panels[4], board), /does not have/);
});

test('what is no answer of a query is said in a sentence', () => {
    for (const body of [null, '<html>', [], 5, { data: {} }, { data: { result: {} } }, { data: { result: [null] } }, { data: { result: [{ metric: {}, values: 'x' }] } }]) assert.throws(() => resultOf(body), /answers/);
    assert.throws(() => resultOf({ status: 'error', error: 'parse error' }), /parse error/);
    assert.deepEqual(resultOf({ data: { resultType: 'scalar', result: [0, '1'] } }).result, [0, '1']);
    assert.throws(() => namesOf({ data: 'x' }), /list/);
});

test('expressions: one series on each side belong together, whatever their labels; of several only those that agree', () => {
    const one = (/** @type {string} */ refId, /** @type {string} */ name, /** @type {number} */ value) => series(name, [1000, 2000], [value, value], { refId, labels: { __name__: name } });
    const minus = [/** @type {any} */ ({ refId: 'C', type: 'math', expression: '$A - $B' })];
    const [found] = evaluateExpressions(minus, [one('A', 'load1', 7), one('B', 'load5', 3)]);
    assert.deepEqual([found.fields[1].values, found.fields[1].labels, found.fields[1].config.displayNameFromDS], [[4, 4], {}, 'C']);
    assert.deepEqual(evaluateExpressions(minus, [one('A', 'x', 7), one('A', 'y', 7), one('B', 'z', 3)]), []);
});

test('expressions: math over series and numbers, reduce, threshold, circles', () => {
    const target = (/** @type {any} */ more) => ({ datasource: '__expr__', ...more });
    const frames = [series('a', [1, 2], [4, null], { refId: 'A', labels: { job: 'x' } }), series('b', [1, 2], [2, 3], { refId: 'B', labels: { job: 'x' } })];
    const [product] = evaluateExpressions([target({ refId: 'C', type: 'math', expression: '-$A * (2 + ${B}) ** 2 / 2' })], frames);
    assert.deepEqual(columns(product).a, [-32, null]);
    const made = evaluateExpressions([target({ refId: 'D', type: 'threshold', expression: 'C', conditions: [{ evaluator: { type: 'gt', params: [2] } }] }), target({ refId: 'C', type: 'reduce', expression: 'B', reducer: 'mean', hide: true })], frames);
    assert.deepEqual(made.map((frame) => frame.fields[0].values), [[1]]);
    assert.throws(() => evaluateExpressions([target({ refId: 'C', type: 'math', expression: '$D' }), target({ refId: 'D', type: 'math', expression: '$C' })], frames), /circle/);
    for (const expression of ['', '$A +', '($A', 'foo($A)', '$A $B', '$Z']) assert.throws(() => evaluateExpressions([target({ refId: 'C', type: 'math', expression })], frames), Error, expression);
});

test('equal requests at the same time are one, cancelled when the last gives up', async () => {
    let started = 0;
    /** @type {AbortSignal | undefined} */
    let seen;
    /** @type {(value: string) => void} */
    let answer = () => {};
    const start = (/** @type {AbortSignal} */ signal) => {
        started += 1;
        seen = signal;
        return new Promise((resolve) => { answer = resolve; });
    };
    const [one, two] = [new AbortController(), new AbortController()];
    const first = sharedRequest('k', start, one.signal);
    const second = sharedRequest('k', start, two.signal);
    one.abort();
    await assert.rejects(first, { name: 'AbortError' });
    assert.equal(seen?.aborted, false);
    answer('done');
    assert.deepEqual([await second, started], ['done', 1]);
    const third = sharedRequest('k', start, two.signal);
    two.abort();
    await assert.rejects(third, { name: 'AbortError' });
    assert.deepEqual([seen?.aborted, started], [true, 2]);
});

test('annotations of a board are shown as it says, unless the address says otherwise', () => {
    const list = [{ name: 'a', expr: 'x' }, { name: 'b', expr: 'x', enable: false }, { name: 'c', builtIn: 1, expr: 'x' }, { name: 'd', datasource: '-- Grafana --', expr: 'x' }, { name: 'e' }];
    const shown = (/** @type {string} */ address) => runnable(list, false).filter((one) => isShown(one, new URLSearchParams(address))).map(({ name }) => name).join('');
    assert.equal(shown(''), 'acd');
    assert.equal(shown('mark-a=off&mark-b=on&mark-c=off'), 'bd');
});
