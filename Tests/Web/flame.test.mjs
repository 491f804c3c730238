import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { flameBlocks } from '../../web/data/flame.js';
import { spanTree } from '../../web/data/tempo.js';
import { countsSpans } from '../../web/explore/trace-query.js';

/** @param {string} id @param {string} parentId @param {number} startUs @param {number} endUs */
const span = (id, parentId, startUs, endUs) => /** @type {any} */ ({ id, parentId, startUs, durationUs: endUs - startUs });
/** @param {any[]} spans */
const rowsOf = (spans) => Object.fromEntries(flameBlocks(spanTree(spans)).blocks.map(({ node, row }) => [node.span.id, row]));

test('spans lie below their parents, one after the other in the same row', () => {
    assert.deepEqual(rowsOf([span('a', '', 0, 100), span('b', 'a', 0, 40), span('c', 'a', 40, 90), span('d', 'c', 50, 60)]), { a: 0, b: 1, c: 1, d: 2 });
});

test('spans of the same time lie in rows of their own', () => {
    assert.deepEqual(rowsOf([span('a', '', 0, 100), span('b', 'a', 10, 40), span('c', 'a', 20, 50), span('d', 'b', 12, 30)]), { a: 0, b: 1, d: 2, c: 3 });
});

test('a child whose clock is wrong is shown all the same', () => {
    const { blocks, rows } = flameBlocks(spanTree([span('a', '', 50, 100), span('b', 'a', 0, 10)]));
    assert.equal(blocks.length, 2);
    assert.ok(rows <= 2);
});

test('a chain of ten thousand spans has ten thousand rows', () => {
    const chain = Array.from({ length: 10_000 }, (_, at) => span(String(at), at === 0 ? '' : String(at - 1), at, 20_000));
    assert.equal(flameBlocks(spanTree(chain)).rows, 10_000);
});

test('a TraceQL query that ends in a metric function answers a graph', () => {
    for (const query of ['{} | rate()', '{ name = "a" } | quantile_over_time(duration, .9) by (name)', '{}|count_over_time()']) assert.ok(countsSpans(query), query);
    for (const query of ['{}', '{ name = "| rate()" }', '{} | count() > 2', '{} | select(span.rate)']) assert.ok(!countsSpans(query), query);
});
