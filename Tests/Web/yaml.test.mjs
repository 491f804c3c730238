import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml, writeYaml } from '../../web/data/yaml.js';

test('what rulers write is read: lists at or under their key, quoted texts, blocks, nothing', () => {
    const text = `"team a":
  - name: g 1
    interval: 1m
    rules:
    - alert: 'It''s down'
      expr: |-
        sum by (job) (
          up == 0
        ) > 0
      for: 5m
      labels:
        severity: page
        'a:b': "x \\"y\\" \\u00e9\\n"
      annotations: {}
    -   record: a:b:c
        expr: >
          sum(rate(x[5m]))
          by (job)

          or y
        labels: {}
  - name: empty
    rules: []
other: # nothing in it
next: ~
url: https://example.org/a#b
`;
    assert.deepEqual(parseYaml(text), {
        'team a': [
            {
                name: 'g 1', interval: '1m', rules: [
                    { alert: "It's down", expr: 'sum by (job) (\n  up == 0\n) > 0', for: '5m', labels: { severity: 'page', 'a:b': 'x "y" é\n' }, annotations: {} },
                    { record: 'a:b:c', expr: 'sum(rate(x[5m])) by (job)\nor y\n', labels: {} },
                ],
            },
            { name: 'empty', rules: [] },
        ],
        other: '', next: '', url: 'https://example.org/a#b',
    });
    assert.equal(parseYaml(''), '');
    assert.deepEqual(parseYaml('{}\n'), {});
    assert.deepEqual(parseYaml('- a\n- - b\n  - c\n-\n  d: e\n'), ['a', ['b', 'c'], { d: 'e' }]);
    assert.deepEqual(parseYaml("a: 'one\n\n  two\n  three'\nb: plain\n  goes on\nc: d\n"), { a: 'one\ntwo three', b: 'plain goes on', c: 'd' });
    assert.deepEqual(parseYaml('a: |\n  x\n\n\nb: |+\n  y\n\nc: z\n'), { a: 'x\n', b: 'y\n\n', c: 'z' });
    assert.deepEqual(parseYaml('__proto__: x\n').__proto__, 'x');
});

test('what is not read is named by its line', () => {
    const cases = [['a: *x\n', 1], ['a:\n  - b\n c: d\n', 3], ['x: y\na: [1, 2]\n', 2], ['a: "b\n', 2], ['a: b\nc\n', 2], ['a: {b: c}\n', 1]];
    for (const [text, line] of cases) assert.throws(() => parseYaml(String(text)), new RegExp(`line ${line} is not understood`), String(text));
});

test('what is written is read again as it was', () => {
    const values = [
        { name: 'g', interval: '1m', rules: [{ alert: 'A', expr: 'up == 0', for: '5m', labels: { severity: 'page', n: '1', yes: 'no' }, annotations: { summary: '{{ $labels.job }}: "down" # really', description: 'one\n  two\n\nthree' } }] },
        ['', ' a', 'a ', 'a: b', '- a', '#', 'null', 'true', '12', "it's", 'tab\tend', 'a\n', 'a\n\n', '\na', 'ünï', '| x', '\u0000', 'a\r\nb', 'line \nend', '"q"', '5m', '%', '@x', '[a]', 'a #b'],
        { 'a b': 'c', 'x:y': { deep: ['z', { q: 'r\ns' }] }, empty: [], none: {} },
    ];
    for (const value of values) assert.deepEqual(parseYaml(writeYaml(value)), value, writeYaml(value));
    assert.equal(writeYaml({ a: undefined, limit: 3, expr: 'sum(\n  up\n)' }), 'limit: 3\nexpr: |-\n  sum(\n    up\n  )\n');
});

test('any text is read or refused, and never hangs', () => {
    let state = 7;
    const pieces = ['a: ', '- ', '"', "'", '\n', '  ', '|', '>', '#', 'b', ':', '{}', '[]', '\\', '\t', '-'];
    for (let round = 0; round < 4000; round++) {
        let text = '';
        for (let index = 0; index < 14; index++) {
            state = (state * 1103515245 + 12345) % 2147483648;
            text += pieces[Math.floor((state / 2147483648) * pieces.length)];
        }
        try {
            parseYaml(text);
        } catch (error) {
            assert.match(/** @type {Error} */ (error).message, /is not understood/, text);
        }
    }
});
