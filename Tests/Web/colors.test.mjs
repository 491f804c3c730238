import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { withAlpha } from '../../web/format/colors.js';

test('every way to write a colour can be made translucent; what nobody knows is grey', () => {
    const context = { fillStyle: '' };
    Object.defineProperty(context, 'fillStyle', {
        get() { return this.known ?? '#000000'; },
        set(color) { this.known = /** @type {any} */ ({ '#808080': '#808080', gold: '#ffd700', 'hsl(300 100% 50% / 0.5)': 'rgba(255, 0, 255, 0.5)' })[color] ?? this.known; },
    });
    const { document } = globalThis;
    globalThis.document = /** @type {any} */ ({ ...document, createElement: () => ({ getContext: () => context }) });
    try {
        for (const [color, channels] of [['#fd0', '255, 221, 0'], ['rgba(0, 211, 255, 1)', '0, 211, 255'], ['gold', '255, 215, 0'], ['hsl(300 100% 50% / 0.5)', '255, 0, 255'], ['no colour', '128, 128, 128']]) {
            assert.equal(withAlpha(color, 0.12), `rgba(${channels}, 0.12)`);
        }
    } finally {
        globalThis.document = document;
    }
    assert.equal(withAlpha('transparent', 0.5), 'transparent');
    assert.equal(withAlpha('teal', 0.5), 'rgba(128, 128, 128, 0.5)', 'without a browser');
});
