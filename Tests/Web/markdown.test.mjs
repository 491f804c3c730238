import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { safeStyle } from '../../web/panels/clean-html.js';
import { markdownToHtml } from '../../web/panels/markdown.js';

/** @type {[string, string][]} */
const cases = [
    ['# A *b*', '<h1>A <em>b</em></h1>'], ['one\ntwo\n\nthree', '<p>one\ntwo</p><p>three</p>'], ['**b** __c__ ~~d~~ snake_case_name', '<p><strong>b</strong> <strong>c</strong> <s>d</s> snake_case_name</p>'],
    ['`a <b> *c*`', '<p><code>a &lt;b&gt; *c*</code></p>'], ['```sh\nrm <x>\n```\nafter', '<pre><code>rm &lt;x&gt;</code></pre><p>after</p>'],
    ['- a\n- b\n  - c\n- d', '<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>'], ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'], ['- [x] done', '<ul><li>☑ done</li></ul>'],
    ['> a\n> b', '<blockquote><p>a\nb</p></blockquote>'], ['---', '<hr>'], ['a | b\n--|-:\n1 | 2', '<table><thead><tr><th align="left">a</th><th align="right">b</th></tr></thead><tbody><tr><td align="left">1</td><td align="right">2</td></tr></tbody></table>'],
    ['[a `b`](/x "t") ![i](/y)', '<p><a href="/x">a <code>b</code></a> <img alt="i" src="/y"></p>'], ['see https://a.example/x_y_z.', '<p>see <a href="https://a.example/x_y_z">https://a.example/x_y_z</a>.</p>'],
    ['\\*not\\* 1 < 2 & 3', '<p>*not* 1 &lt; 2 &amp; 3</p>'], ['<div align="center">\nx\n</div>', '<div align="center">\nx\n</div>'], ['', ''],
];
for (const [source, expected] of cases) test(`Markdown ${JSON.stringify(source)}`, () => assert.equal(markdownToHtml(source), expected));

test('long and odd Markdown ends in time', () => {
    for (const text of ['*'.repeat(20_000), '['.repeat(20_000), '> '.repeat(5000), '`'.repeat(20_000), '- '.repeat(10_000), '|'.repeat(20_000), '<a '.repeat(10_000), `${'  '.repeat(500)}- x\n`.repeat(300), '_a'.repeat(20_000)]) assert.equal(typeof markdownToHtml(text), 'string');
});

test('styles that load, move or cover are dropped', () => {
    assert.deepEqual(safeStyle('color: red; font-size:12px; background: url(//x); position: fixed; top: 0; width: expression(1); margin: -9999px; z-index: 9; color:red\\3b'), { color: 'red', fontSize: '12px' });
});
