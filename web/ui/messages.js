// Errors, hints and empty states.

import { html, useLayoutEffect } from '../vendor/preact.js';
import { Icon } from './icons.js';

/** @param {{children: any, tone?: 'bad' | 'warn'}} properties */
export function Message({ children, tone = 'bad' }) {
    return html`<div class="message ${tone}" role=${tone === 'bad' ? 'alert' : 'status'}><${Icon} name="warn" /><div>${children}</div></div>`;
}

/** @param {{title: string, children?: any}} properties */
export function Empty({ title, children }) {
    return html`<div class="empty"><strong>${title}</strong>${children && html`<span>${children}</span>`}</div>`;
}

/**
 * A sheet over the page.
 * @param {{title: string, onClose: () => void, children: any, actions?: any}} properties
 */
export function Dialog({ title, onClose, children, actions }) {
    // Before the sheet is seen: the first key may follow at once.
    useLayoutEffect(() => {
        const onKey = (/** @type {KeyboardEvent} */ event) => {
            if (event.key === 'Escape') onClose();
        };
        document.addEventListener('keydown', onKey);
        return () => document.removeEventListener('keydown', onKey);
    }, [onClose]);
    const onBackdrop = (/** @type {MouseEvent} */ event) => {
        if (event.target === event.currentTarget) onClose();
    };
    return html`<div class="backdrop" onClick=${onBackdrop}>
        <section class="dialog" role="dialog" aria-modal="true" aria-label=${title}>
            <header><h2>${title}</h2>${actions}
                <button class="button quiet icon" title="Close" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>
            </header>
            <div>${children}</div>
        </section>
    </div>`;
}
