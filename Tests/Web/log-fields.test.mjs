import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { fieldsOf, linesTable, prettified, statisticsOf } from '../../web/data/log-fields.js';
import { forAMinute } from '../../web/data/minute-cache.js';
import { samplesFrame } from '../../web/data/samples.js';
import { commonLabelsOf } from '../../web/data/common-labels.js';
import { joined } from '../../web/explore/live-tail.js';
import { traceIdOf } from '../../web/explore/log-details.js';
import { selector, shared } from '../../web/explore/related.js';

/** @param {string} timeNs @param {string} line @param {any} [more] @returns {import('../../web/types/model').LogLine} */
const lineOf = (timeNs, line, more = {}) => ({ key: timeNs, timeNs, timeMs: Number(timeNs) / 1e6, line, level: 'info', labels: { app: 'a' }, metadata: {}, ...more });

test('fields of a line are named as LogQL’s parsers name them', () => {
    assert.deepEqual(fieldsOf('{"a":{"b":1,"c":{"d":true}},"e-f":"x","list":[1],"n":null}'), { place: 'json', fields: { a_b: '1', a_c_d: 'true', e_f: 'x', n: '' } });
    assert.deepEqual(fieldsOf('level=warn msg="say \\"hi\\"" ms=12'), { place: 'logfmt', fields: { level: 'warn', msg: 'say "hi"', ms: '12' } });
});

test('prose, broken JSON and endless words have no fields', () => {
    for (const line of ['the answer was x=1 after a long search', '{"a":', '', 'x'.repeat(90_000), `${'a'.repeat(90_000)}=`]) assert.equal(fieldsOf(line), undefined, line.slice(0, 30));
});

test('statistics count the lines that have a field', () => {
    const lines = [lineOf('1', 'a=1 b=2'), lineOf('2', 'a=1 b=3'), lineOf('3', 'a=2 b=3'), lineOf('4', 'nothing')];
    assert.deepEqual(statisticsOf(lines, 'a', 'logfmt'), { total: 3, distinct: 2, top: [['1', 2], ['2', 1]] });
    assert.deepEqual(statisticsOf(lines, 'app', 'label'), { total: 4, distinct: 1, top: [['a', 4]] });
});

test('lines as a table have a column for each label', () => {
    const table = linesTable([lineOf('1', 'x', { metadata: { id: '7' } }), lineOf('2', 'y')]);
    assert.deepEqual(table.fields.map(({ name, values }) => [name, values]).slice(2), [['Line', ['x', 'y']], ['app', ['a', 'a']], ['id', ['7', '']]]);
});

test('only JSON is laid out over lines', () => {
    assert.equal(prettified('{"a":1}'), '{\n  "a": 1\n}');
    assert.equal(prettified('plain'), undefined);
});

test('a live tail keeps each line once, the newest first, whenever it arrives', () => {
    const first = joined([], [lineOf('30', 'c'), lineOf('10', 'a')]);
    assert.equal(joined(first, [lineOf('10', 'a')]), first);
    assert.deepEqual(joined(first, [lineOf('20', 'b'), lineOf('30', 'c'), lineOf('30', 'd')]).map(({ line }) => line), ['d', 'c', 'b', 'a']);
});

test('the trace of a line is found in metadata, fields and text', () => {
    const id = '5b8aa5a2d2c872e8321cf37308d69df2';
    assert.equal(traceIdOf(lineOf('1', 'x', { metadata: { trace_id: id } })), id);
    assert.equal(traceIdOf(lineOf('1', `{"traceId":"${id}"}`)), id);
    assert.equal(traceIdOf(lineOf('1', `GET /x trace_id=${id} done`)), id);
    assert.equal(traceIdOf(lineOf('1', 'trace_id=none')), undefined);
});

test('labels of one signal are looked for under their names in another', async () => {
    const values = /** @type {Record<string, string[]>} */ ({ job: ['cart', 'node'], instance: ['cart-1'], pod: ['p1'] });
    const pairs = await shared({ service_name: 'cart', service_instance_id: 'cart-1', pod: 'other', mode: 'idle' }, Object.keys(values), async (name) => values[name]);
    assert.equal(selector(pairs), '{job="cart", instance="cart-1"}');
    assert.deepEqual(await shared({ job: 'x' }, ['service_name'], () => Promise.reject(new Error('down'))), []);
});

test('common labels are those that all series have alike', () => {
    assert.deepEqual(commonLabelsOf([{ __name__: 'a', x: '1', y: '1' }, { __name__: 'a', x: '1', y: '2' }]), { x: '1' });
    assert.deepEqual(commonLabelsOf([]), {});
});

test('raw samples of all series stand in one table, the newest first', () => {
    const frame = samplesFrame([{ metric: { __name__: 'a' }, values: [[1, '1'], [3, 'NaN']] }, { metric: { __name__: 'b' }, values: [[2, '+Inf']] }]);
    assert.deepEqual(frame.fields.map(({ values }) => values), [[3000, 2000, 1000], ['a', 'b', 'a'], [NaN, Infinity, 1]]);
});

test('an answer is asked for once a minute, a failure is asked for again', async () => {
    let asked = 0;
    const load = () => Promise.resolve(++asked);
    assert.deepEqual([await forAMinute('a', load), await forAMinute('a', load), await forAMinute('b', load)], [1, 1, 2]);
    await assert.rejects(forAMinute('c', () => Promise.reject(new Error('down'))));
    assert.equal(await forAMinute('c', load), 3);
});
