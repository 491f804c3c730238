import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { found } from '../../web/ui/palette.js';

const entries = ['Node Exporter Full · Dashboard', 'Home · Page', 'Explore metrics · Page', 'CPU of the node · Panel'].map((text) => {
    const [name, about] = text.split(' · ');
    return { name, about, icon: '', run: () => {} };
});
const names = (/** @type {string} */ text) => found(entries, text).map(({ name }) => name);

test('every word must be found, in the name or in what the entry is', () => {
    assert.deepEqual(names('node panel'), ['CPU of the node']);
    assert.deepEqual(names('node nothing'), []);
});

test('names that begin with the first word come first', () => {
    assert.deepEqual(names('node'), ['Node Exporter Full', 'CPU of the node']);
    assert.deepEqual(names('page'), ['Home', 'Explore metrics']);
});

test('nothing typed shows all', () => assert.equal(names('').length, 4));
