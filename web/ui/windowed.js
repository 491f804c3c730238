// Draws only the rows in sight of a long list whose rows have one height.

import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js';

/**
 * @param {{count: number, rowHeight: number, class?: string, row: (index: number) => any, header?: any, label?: string, reveal?: number}} properties
 *   reveal: a row to scroll into sight when it changes
 */
export function Windowed({ count, rowHeight, class: className = '', row, header, label, reveal }) {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const [view, setView] = useState({ top: 0, height: 600 });
    useLayoutEffect(() => {
        const element = box.current;
        if (!element) return undefined;
        const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
        const observer = new ResizeObserver(measure);
        observer.observe(element);
        element.addEventListener('scroll', measure, { passive: true });
        return () => {
            observer.disconnect();
            element.removeEventListener('scroll', measure);
        };
    }, []);
    useLayoutEffect(() => {
        const element = box.current;
        if (!element || reveal === undefined || reveal < 0) return;
        const top = reveal * rowHeight;
        if (top < element.scrollTop || top + rowHeight * 2 > element.scrollTop + element.clientHeight) {
            element.scrollTop = Math.max(0, top - element.clientHeight / 3);
        }
    }, [reveal]);
    const first = Math.max(0, Math.floor(view.top / rowHeight) - 8);
    const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + 8);
    const rows = [];
    for (let index = first; index < last; index++) rows.push(row(index));
    return html`<div class="windowed ${className}" ref=${box} tabindex="0" role="region" aria-label=${label}>
        ${header}
        <div style=${{ height: `${count * rowHeight}px`, position: 'relative' }}>
            <div class="windowed-rows" style=${{ top: `${first * rowHeight}px` }}>${rows}</div>
        </div>
    </div>`;
}
