// Sheets that are opened by a call and stay until they are answered, whatever the page below becomes.

import { html, render, useEffect, useLayoutEffect, useRef } from '../vendor/preact.js';
import { Dialog } from '../ui/messages.js';

/**
 * @template T
 * @param {(close: (answer?: T) => void) => any} make content, given what closes it
 * @returns {Promise<T | undefined>} what it was closed with
 */
export function openSheet(make) {
    const before = document.activeElement;
    const root = document.createElement('div');
    document.body.append(root);
    return new Promise((resolve) => {
        const close = (/** @type {T | undefined} */ answer) => {
            render(null, root);
            root.remove();
            if (before instanceof HTMLElement && before.isConnected) before.focus();
            resolve(answer);
        };
        render(make(close), root);
    });
}

/**
 * A dialog of usual size with buttons below.
 * @param {{title: string, onClose: () => void, children: any, buttons?: any, wide?: boolean, onSubmit?: () => void}} properties
 */
export function Sheet({ title, onClose, children, buttons, wide, onSubmit }) {
    const root = useRef(/** @type {HTMLElement | null} */ (null));
    useLayoutEffect(() => {
        const first = root.current?.querySelector('[autofocus], input:not([type=checkbox]), textarea, select, button.primary, button');
        if (first instanceof HTMLElement) first.focus();
    }, []);
    useEffect(() => keepFocus(root.current?.closest('.dialog')), []);
    const submit = (/** @type {Event} */ event) => {
        event.preventDefault();
        onSubmit?.();
    };
    return html`<${Dialog} title=${title} onClose=${onClose}><form class="sheet ${wide ? 'wide' : ''}" ref=${root} onSubmit=${submit}>
        <div class="sheet-body">${children}</div>
        ${buttons && html`<footer class="sheet-buttons">${buttons}</footer>`}
    </form></${Dialog}>`;
}

/**
 * The tabulator goes round inside an open dialog.
 * @param {Element | null | undefined} dialog
 */
function keepFocus(dialog) {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== 'Tab' || !dialog) return;
        const all = [...dialog.querySelectorAll('button, input, select, textarea, a[href], summary')].filter((one) => !one.hasAttribute('disabled') && one.getClientRects().length > 0);
        const [first, last] = [all[0], all[all.length - 1]];
        const inside = dialog.contains(document.activeElement);
        if (event.shiftKey ? document.activeElement === first || !inside : document.activeElement === last || !inside) {
            event.preventDefault();
            const next = event.shiftKey ? last : first;
            if (next instanceof HTMLElement) next.focus();
        }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
}

/**
 * A question with a few answers.
 * @param {{title: string, text: any, answers: [string, string, ('primary' | 'danger' | 'quiet')?][]}} question answers: value, text, and how it looks
 * @returns {Promise<string | undefined>}
 */
export function ask({ title, text, answers }) {
    return openSheet((close) => html`<${Sheet} title=${title} onClose=${() => close()} buttons=${answers.map(([value, name, look = '']) => html`<button type="button" class="button ${look}" onClick=${() => close(value)}>${name}</button>`)}>
        <div>${text}</div></${Sheet}>`);
}

/**
 * A word that something was done, which goes by itself.
 * @param {string} text
 */
export function tell(text) {
    const note = document.createElement('div');
    note.className = 'edit-note';
    note.setAttribute('role', 'status');
    note.textContent = text;
    document.body.append(note);
    setTimeout(() => note.remove(), 5000);
}

/**
 * Puts a text into the clipboard, and says so.
 * @param {string} text
 * @returns {Promise<void>} fails with what to do instead
 */
export async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        // Without TLS a browser has no clipboard for pages, but still the old command.
        const area = document.createElement('textarea');
        area.value = text;
        (document.querySelector('.sheet') ?? document.body).append(area);
        area.select();
        const done = document.execCommand('copy');
        area.remove();
        if (!done) throw new Error('The browser does not allow to copy; select the text and copy it by hand.');
    }
    tell('Copied.');
}
