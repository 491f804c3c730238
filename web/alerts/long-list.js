// A list of any length whose rows have two lines, or three where there is little room.

import { html } from '../vendor/preact.js';
import { useSize } from '../ui/hooks.js';
import { Windowed } from '../ui/windowed.js';

/** Width below which the right side of a row goes under it. */
const narrowWidth = 640;

/**
 * @param {{count: number, row: (index: number) => any, label: string, class?: string, reveal?: number}} properties
 */
export function LongList({ count, row, label, class: className = '', reveal }) {
    const [boxRef, size] = useSize();
    const narrow = size.width > 0 && size.width < narrowWidth;
    return html`<div ref=${boxRef} class="long-list ${narrow ? 'narrow' : ''}"><${Windowed} class="alert-window ${className}" count=${count} rowHeight=${narrow ? 92 : 58} row=${row} label=${label} reveal=${reveal} /></div>`;
}
