// Foreign text as it may stand on a page.

import { shortened } from '../format/display.js';

/**
 * Without terminal colours; characters that steer a terminal or turn the direction of a text are shown, not obeyed.
 * @param {string} text
 * @param {number} [most] characters
 */
export function readable(text, most = 20_000) {
    const plain = text.includes('\u001b') ? text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '') : text;
    return shortened(plain, most).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (char) => String.fromCharCode(char === '\u007f' ? 0x2421 : 0x2400 + char.charCodeAt(0)))
        .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g, (char) => `⟨U+${char.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}
