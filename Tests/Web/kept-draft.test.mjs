import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { Draft } from '../../web/edit/draft.js';
import { dropDraft, keepDraft, keptDraft } from '../../web/edit/kept-draft.js';

/** Storage as a browser has it: keys are its own properties. @param {number} [room] characters */
function storage(room = Infinity) {
    const store = Object.create({
        getItem(/** @type {string} */ key) { return Object.hasOwn(this, key) ? this[key] : null; },
        setItem(/** @type {string} */ key, /** @type {string} */ value) {
            if (value.length > room) throw new Error('QuotaExceededError');
            this[key] = value;
        },
        removeItem(/** @type {string} */ key) { delete this[key]; },
    });
    return /** @type {Storage} */ (store);
}

const model = { title: 'T', panels: [] };

test('changes are kept for a user and a board, and for nobody else', () => {
    const store = storage();
    assert.equal(keepDraft('ann', 'b', { at: 1000, version: 3, model }, store), true);
    assert.deepEqual(keptDraft('ann', 'b', store, 2000), { at: 1000, version: 3, model });
    assert.equal(keptDraft('bob', 'b', store, 2000), undefined);
    assert.equal(keptDraft('ann', 'c', store, 2000), undefined);
    dropDraft('ann', 'b', store);
    assert.equal(keptDraft('ann', 'b', store, 2000), undefined);
});

test('what is old, broken or no draft is not offered, and is cleared away', () => {
    const store = storage();
    keepDraft('a', 'b', { at: 1000, version: 1, model }, store);
    assert.equal(keptDraft('a', 'b', store, 1000 + 31 * 86_400_000), undefined);
    assert.deepEqual(Object.keys(store), []);
    for (const text of ['{', '3', '{"at":"x","model":{"panels":[]}}', '{"at":1000,"model":{"panels":4}}', '[]']) {
        store.setItem('martlet.draft.a.b', text);
        assert.equal(keptDraft('a', 'b', store, 2000), undefined);
    }
});

test('storage stays bounded: the newest eight, none above its room, and no storage is no error', () => {
    const store = storage();
    store.setItem('martlet.theme', 'dark');
    for (let at = 1; at <= 12; at++) keepDraft('a', `b${at}`, { at, version: 1, model }, store);
    assert.deepEqual(Object.keys(store).filter((one) => one.includes('draft')).sort(), ['b10', 'b11', 'b12', 'b5', 'b6', 'b7', 'b8', 'b9'].map((one) => `martlet.draft.a.${one}`));
    assert.equal(store.getItem('martlet.theme'), 'dark');
    assert.equal(keepDraft('a', 'b', { at: 1, version: 1, model: { title: 'x'.repeat(3_000_000), panels: [] } }, store), false);
    assert.equal(keepDraft('a', 'b', { at: 1, version: 1, model }, storage(5)), false);
    assert.equal(keptDraft('a', 'b', /** @type {any} */ (undefined), 1), undefined);
});

test('a restored draft begins with the version that its changes began with, and can be undone', () => {
    const draft = new Draft({ uid: 'b', version: 5, title: 'Now', panels: [] }, {});
    draft.restore({ version: 3, model: { uid: 'b', version: 3, title: 'Mine', panels: [] } });
    assert.deepEqual([draft.version, draft.dirty, draft.model.title, draft.undoes], [3, true, 'Mine', 'Restore changes']);
    draft.undo();
    assert.deepEqual([draft.dirty, draft.model.title], [false, 'Now']);
});
