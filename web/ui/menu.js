// A button with a sheet below it; closes on Escape, on a click outside and when focus leaves.

import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js';

/**
 * @param {{label: any, title?: string, class?: string, right?: boolean, sheetClass?: string, role?: string,
 *   children: (close: () => void) => any}} properties
 */
export function Menu({ label, title, class: buttonClass = 'button', right, sheetClass = '', role = 'menu', children }) {
    const [open, setOpen] = useState(false);
    const root = useRef(/** @type {HTMLElement | null} */ (null));
    const button = useRef(/** @type {HTMLElement | null} */ (null));
    const close = () => {
        setOpen(false);
        button.current?.focus();
    };
    // With the sheet, not after it is drawn: the first key may follow at once, and focus that has gone on is not taken back.
    useLayoutEffect(() => {
        if (!open) return undefined;
        const outside = (/** @type {Event} */ event) => {
            if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
        };
        const first = root.current?.querySelector('.menu-sheet input, .menu-sheet [aria-checked="true"], .menu-sheet button, .menu-sheet a');
        if (first instanceof HTMLElement) first.focus({ preventScroll: true });
        document.addEventListener('pointerdown', outside);
        document.addEventListener('focusin', outside);
        return () => {
            document.removeEventListener('pointerdown', outside);
            document.removeEventListener('focusin', outside);
        };
    }, [open]);
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
        if (!open) return;
        if (event.key === 'Escape') {
            event.stopPropagation();
            close();
        } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            const items = [...(root.current?.querySelectorAll('.menu-sheet .menu-item') ?? [])];
            const at = items.indexOf(/** @type {Element} */ (document.activeElement));
            const next = items[(at + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length];
            if (next instanceof HTMLElement) {
                event.preventDefault();
                next.focus();
            }
        }
    };
    return html`<div class="menu" ref=${root} onKeyDown=${onKeyDown}>
        <button type="button" ref=${button} class=${buttonClass} title=${title} aria-label=${title} aria-haspopup=${role}
            aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>${label}</button>
        ${open && html`<div class="menu-sheet ${right ? 'right' : ''} ${sheetClass}" role=${role}>${children(close)}</div>`}
    </div>`;
}
