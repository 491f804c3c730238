// Taking away what a card shows: as a table in a file, as a picture.

import { html, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { framesAsTable } from '../data/table-frames.js';
import { Icon } from '../ui/icons.js';

/** @param {{title: string, frames: () => import('../types/model').Frame[], image?: boolean}} properties `image`: the card can be had as a picture, too */
export function CardTools({ title, frames, image }) {
    const [failed, setFailed] = useState('');
    const csv = () => import('../panels/csv.js').then((module) => module.downloadCsv(title, framesAsTable(frames()))).catch((error) => setFailed(messageOf(error)));
    const png = (/** @type {any} */ event) => {
        const card = event.currentTarget.closest('section');
        import('../panels/png.js').then((module) => module.downloadPng(title, card)).catch((error) => setFailed(messageOf(error)));
    };
    return html`<div class="joined card-tools">
        <button class="button small icon" title="Download CSV" aria-label="Download CSV" onClick=${csv}><${Icon} name="download" size="14" /></button>
        ${image && html`<button class="button small icon" title="Download PNG" aria-label="Download PNG" onClick=${png}><${Icon} name="image" size="14" /></button>`}
        ${failed && html`<span class="muted" role="alert">${failed}</span>`}</div>`;
}
