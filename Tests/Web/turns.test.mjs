import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turn } from '../../web/ui/turns.js';

/** Frames are shown when the test says so. @type {(() => void)[]} */
const frames = [];
globalThis.document = /** @type {any} */ ({ hidden: false });
globalThis.requestAnimationFrame = /** @type {any} */ ((/** @type {() => void} */ call) => frames.push(call));

/** @param {number} ms */
function work(ms) {
    for (const end = performance.now() + ms; performance.now() < end;);
}

test('turns come in order, and a frame is shown before more is drawn than fits', async () => {
    /** @type {number[]} */
    const drawn = [];
    const all = [0, 1, 2, 3].map(async (number) => {
        await turn();
        work(number === 1 ? 60 : 1);
        drawn.push(number);
    });
    while (frames.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(drawn, [0, 1]);
    frames.shift()?.();
    await Promise.all(all);
    assert.deepEqual(drawn, [0, 1, 2, 3]);
});

test('a hidden page has no frames and draws all the same', async () => {
    /** @type {any} */ (document).hidden = true;
    frames.length = 0;
    await Promise.all([1, 2, 3].map(async () => {
        await turn();
        work(50);
    }));
    assert.equal(frames.length, 0);
});
