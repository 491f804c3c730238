import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpolate, referencedNames } from '../../web/dashboard/interpolate.js';

const one = (/** @type {string} */ value, multi = false) => ({ values: [value], texts: [value.toUpperCase()], isAll: false, multi });
const scope = {
    range: { from: 1_700_000_000_000, to: 1_700_003_600_000, raw: { from: 'now-1h', to: 'now' } }, intervalMs: 15_000, rateIntervalMs: 60_000,
    variables: {
        job: one('node'), host: one('a.b:9100', true), hosts: { values: ['a.b', 'c"d'], texts: ['A', 'C'], isAll: false, multi: true },
        any: { values: ['x', 'y'], texts: ['x', 'y'], isAll: true, allValue: '.+', multi: true }, quote: one('say "hi" \\o/'),
    },
};

/** @type {[string, string][]} */
const queries = [
    ['up{job="$job"}', 'up{job="node"}'], ['up{job="${job}"}', 'up{job="node"}'], ['up{job="[[job]]"}', 'up{job="node"}'],
    ['up{instance=~"$host"}', 'up{instance=~"a\\\\.b:9100"}'], ['up{instance=~"$hosts"}', 'up{instance=~"(a\\\\.b|c\\"d)"}'],
    ['up{job=~"$any"}', 'up{job=~".+"}'], ['a{b="$quote"}', 'a{b="say \\"hi\\" \\\\o/"}'], ['rate(x[$__rate_interval])', 'rate(x[1m])'],
    ['x[$__range] $__interval_ms', 'x[1h] 15000'], ['$unknown ${unknown:csv}', '$unknown ${unknown:csv}'], ['sum(x) # costs 5$', 'sum(x) # costs 5$'],
    ['${hosts:csv} ${hosts:pipe} ${hosts:json}', 'a.b,c"d a.b|c"d ["a.b","c\\"d"]'], ['${hosts:regex}', '(a\\.b|c"d)'], ['${hosts:text}', 'A + C'],
    ['${any:queryparam}', 'var-any=%24__all'], ['${__from:date:seconds}', '1700000000'], ['$__to', '1700003600000'],
];
for (const [text, expected] of queries) {
    test(`${text} becomes ${expected}`, () => assert.equal(interpolate(text, scope, 'promql'), expected));
}

test('a repeated panel sees its own value', () => {
    assert.equal(interpolate('$job', { ...scope, scoped: { job: one('mine') } }), 'mine');
});

test('names are found in every syntax', () => {
    assert.deepEqual([...referencedNames('$a ${b} ${c:csv} [[d]] ${e.text} $')], ['a', 'b', 'c', 'd', 'e']);
});
