import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spansOf, spanTree, summaryOf } from '../../web/data/tempo.js';
import { traceQLOf } from '../../web/explore/trace-query.js';

const span = (/** @type {string} */ id, /** @type {string} */ parent, start = 0, extra = {}) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c', spanId: id.padStart(16, '0'), parentSpanId: parent && parent.padStart(16, '0'), name: id,
    startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(start)), endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(start + 1000)), ...extra,
});
const trace = (/** @type {any[]} */ spans) => spansOf({ batches: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }, scopeSpans: [{ spans }] }] });

test('ids are read from hex and from base64, times count from the first span', () => {
    const [first, second] = trace([span('2', '1', 5000), { ...span('1', ''), spanId: 'AAAAAAAAAAE=', kind: 'SPAN_KIND_SERVER', status: { code: 'STATUS_CODE_ERROR', message: 'no' } }]);
    assert.deepEqual([first.id, first.kind, first.error, first.service], ['0000000000000001', 'server', true, 'shop']);
    assert.deepEqual([second.parentId, second.startUs, second.durationUs], ['0000000000000001', 5, 1]);
});

test('the tree keeps orphans as roots and breaks cycles', () => {
    const roots = spanTree(trace([span('1', ''), span('2', '1'), span('3', '9'), span('4', '5'), span('5', '4')]));
    assert.deepEqual(roots.map((node) => [node.span.name, node.orphan]), [['1', false], ['3', true], ['5', true]]);
    assert.equal(roots[0].children[0].depth, 1);
    assert.equal(roots[2].descendants, 1);
});

test('a chain of two thousand spans is no trouble', () => {
    const spans = Array.from({ length: 2000 }, (_, index) => span((index + 1).toString(16), index === 0 ? '' : index.toString(16), index));
    assert.equal(spanTree(trace(spans))[0].descendants, 1999);
});

test('a trace below a millisecond is as long as its spans say, or shorter than one where not all are listed', () => {
    const answer = (/** @type {number} */ count) => summaryOf({
        traceID: 'ab', startTimeUnixNano: '1700000000000000000', durationMs: 0, serviceStats: { '': { spanCount: count } },
        spanSets: [{ spans: [{ spanID: '01', startTimeUnixNano: '1700000000000000000', durationNanos: '250000' }, { spanID: '02', startTimeUnixNano: '1700000000000200000', durationNanos: '150000' }] }],
    });
    assert.deepEqual([answer(2).durationMs, answer(2).shorter, answer(2).spans], [0.35, false, 2]);
    assert.deepEqual([answer(3).durationMs, answer(3).shorter], [0, true]);
});

test('Martlet’s own services can be left out of a search', () => {
    const blank = { service: '', name: '', min: '', max: '', tags: '', status: '' };
    assert.equal(traceQLOf(blank, { withoutOwn: true }), '{ !(resource.service.name =~ "martlet-.*") }');
});

test('the search form becomes one TraceQL query', () => {
    const blank = { service: '', name: '', min: '', max: '', tags: '', status: '' };
    assert.equal(traceQLOf(blank), '{}');
    assert.equal(traceQLOf({ ...blank, service: 'a "b"', min: '10ms', status: 'error', tags: 'http.route="/x y" span.code=500 ok=true' }),
        '{ resource.service.name = "a \\"b\\"" && duration >= 10ms && status = error && .http.route = "/x y" && span.code = 500 && .ok = true }');
});
