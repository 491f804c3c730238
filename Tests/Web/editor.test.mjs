import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { bestFits, contextOf } from '../../web/explore/editor/completion.js';
import { withoutVariables } from '../../web/explore/editor/languages.js';
import { placeOf, tokenize } from '../../web/explore/editor/tokens.js';
import { withRun } from '../../web/explore/history.js';
import { selectorsOf, withFilter } from '../../web/explore/selectors.js';

/** @param {'promql' | 'logql' | 'traceql'} language @param {string} text */
const kinds = (language, text) => tokenize(language, text).filter(({ kind }) => !['space', 'bracket', 'operator'].includes(kind)).map(({ from, to, kind }) => `${kind}:${text.slice(from, to)}`).join(' ');

/** @type {['promql' | 'logql' | 'traceql', string, string][]} */
const coloured = [
    ['promql', 'sum by (job) (rate(x_total{mode!="idle"}[5m])) > 0.9 # hot', 'function:sum keyword:by label:job function:rate name:x_total label:mode string:"idle" number:5m number:0.9 comment:# hot'],
    ['promql', 'rate(x[$__rate_interval]) offset 1h30m', 'function:rate name:x variable:$__rate_interval keyword:offset number:1h30m'],
    ['promql', 'job:x:rate5m{a="}"} or sum', 'name:job:x:rate5m label:a string:"}" keyword:or function:sum'],
    ['logql', '{app="a"} |= `x` | json | level="error"', 'label:app string:"a" string:`x` keyword:json label:level string:"error"'],
    ['logql', 'sum(rate({a="b"} | unwrap ms [1m]))', 'function:sum function:rate label:a string:"b" keyword:unwrap label:ms number:1m'],
    ['traceql', '{ resource.service.name = "a" && duration > 100ms } | rate()', 'label:resource.service.name string:"a" label:duration number:100ms function:rate'],
    ['traceql', '{ status = error } | quantile_over_time(duration, .99)', 'label:status keyword:error function:quantile_over_time label:duration number:.99'],
];
for (const [language, text, expected] of coloured) test(`${language}: ${text}`, () => assert.equal(kinds(language, text), expected));

test('the pieces of any text are the whole text', () => {
    for (const text of ['', '{', 'a{b="', '"\\', '`', 'sum(((', '}})', '§µ\u0000\u202e', '${', '[[x', 'a\n# b\n"c\nd"']) {
        for (const language of /** @type {const} */ (['promql', 'logql', 'traceql'])) assert.equal(tokenize(language, text).map(({ from, to }) => text.slice(from, to)).join(''), text);
    }
});

test('a long text without an end is read in one pass', () => {
    assert.equal(tokenize('logql', `{a="${'\\'.repeat(50_000)}`).length, 4);
});

/** @type {[string, string, string | undefined][]} */
const places = [
    ['1:16: parse error: unexpected ")"', 'sum(rate(foo[5m)', ')'], ['invalid parameter "query": 2:3: parse error: x', 'a\n+ bcd', 'bcd'], ['parse error at line 1, col 12: syntax error', '{a="b"} |= foo', 'foo'],
    ['1:5: parse error: unclosed left parenthesis', 'sum(', '('], ['too many samples', 'a', undefined], ['line 9, col 1: x', 'a', undefined], ['1:1: no expression found in input', '', undefined],
];
for (const [message, text, expected] of places) {
    test(`“${message}” is marked at ${expected ?? 'no place'}`, () => {
        const place = placeOf(message, text);
        assert.equal(place && text.slice(place.from, place.to), expected);
    });
}

test('a query that is checked keeps its places without the page’s variables', () => {
    assert.equal(withoutVariables('rate(x[$__rate_interval]) + y'), 'rate(x[1m              ]) + y');
});

test('what is completed depends on where the cursor stands', () => {
    const at = (/** @type {string} */ before) => { const { kind, word, label, metric } = contextOf(before); return [kind, word, label, metric]; };
    assert.deepEqual(at('sum(ra'), ['name', 'ra', '', '']);
    assert.deepEqual(at('up{jo'), ['label', 'jo', '', 'up']);
    assert.deepEqual(at('up{job=~"a|b'), ['value', 'a|b', 'job', 'up']);
    assert.deepEqual(at('sum by (in'), ['label', 'in', '', '']);
    assert.deepEqual(at('rate(x[5'), ['window', '5', '', '']);
    assert.deepEqual(at('up{a="}"} + no'), ['name', 'no', '', '']);
    assert.deepEqual(at('{a="b"} |= "te'), ['text', '', '', '']);
});

test('names that begin with the word come before those that hold it or its letters, each once', () => {
    const options = ['node_cpu', 'xnode', 'node', 'n_o_d_e', 'other', 'node_cpu'].map((text) => ({ text, kind: 'metric' }));
    assert.deepEqual(bestFits(options, 'node').map(({ text }) => text), ['node_cpu', 'xnode', 'n_o_d_e']);
    assert.deepEqual(bestFits([{ text: 'b', kind: 'x' }, { text: 'a', kind: 'x' }], '').map(({ text }) => text), ['b', 'a']);
});

test('the selectors of a query are found, each once', () => {
    assert.deepEqual(selectorsOf('sum by (job) (rate(a_total{x="}"}[5m])) / on(job) group_left b or a_total{x="}"} and {__name__="c"}'), ['a_total{x="}"}', 'b', '{__name__="c"}']);
    assert.deepEqual(selectorsOf('1 + time()'), []);
});

/** @type {[string, import('../../web/explore/log-details.js').LogFilter, string][]} */
const filters = [
    ['{a="}"} |= "}"', { name: 'b', value: 'say "x"', wanted: true, place: 'label' }, '{a="}", b="say \\"x\\""} |= "}"'],
    ['{}', { name: 'b', value: 'c', wanted: false, place: 'label' }, '{b!="c"}'],
    ['{a="b"} | c="d"', { name: 'e', value: 'f', wanted: true, place: 'metadata' }, '{a="b"} | c="d" | e="f"'],
    ['{a="b"}', { name: 'e', value: 'f', wanted: true, place: 'json' }, '{a="b"} | json | e="f"'],
    ['{a="b"} | logfmt', { name: 'e', value: 'f', wanted: false, place: 'logfmt' }, '{a="b"} | logfmt | e!="f"'],
];
for (const [expr, filter, expected] of filters) test(`a filter on ${filter.place} makes ${expected}`, () => assert.equal(withFilter(expr, filter), expected));

test('a query that is run again moves to the front, stars stay for ever', () => {
    const entries = withRun(withRun([{ expr: 'a', at: 1, starred: true }, { expr: 'b', at: 2 }], 'b', 3), 'c', 4);
    assert.deepEqual(entries.map(({ expr }) => expr), ['c', 'b', 'a']);
    const many = Array.from({ length: 150 }, (_, at) => at).reduce((list, at) => withRun(list, `q${at}`, at), entries);
    assert.equal(many.length, 101);
    assert.ok(many.some(({ expr }) => expr === 'a'));
});
