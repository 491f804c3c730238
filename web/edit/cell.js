// A panel or a row on the grid while the board is edited: it is moved and resized by the pointer or by keys.

import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { PanelCard } from '../dashboard/panel.js';
import { panelTitle } from '../dashboard/layout.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { ask } from './dialogs.js';
import { columns, moveRow, movePanel, panelsOfRow, placeOf, removePanel, resizePanel, stepPanel, toggleRow } from './grid.js';
import { openRowSheet } from './row-sheet.js';

/** @typedef {import('./draft.js').Draft} Draft */
/** @typedef {import('../types/model').Panel} Panel */

/** Pixels from line to line: 30 and a gap of 8. */
const lineHeight = 38;

/**
 * The same element again is passed over while others are dragged.
 * @type {WeakMap<Panel, {shared: any, card: any}>}
 */
const cards = new WeakMap();

/** @param {Panel} panel @param {any} shared */
function cardOf(panel, shared) {
    const known = cards.get(panel);
    if (known && Object.keys(shared).every((name) => shared[name] === known.shared[name])) return known.card;
    const card = html`<${PanelCard} panel=${panel} ...${shared} />`;
    cards.set(panel, { shared, card });
    return card;
}

/** @param {{draft: Draft, panel: Panel, shared: any}} properties */
export function EditedCell({ draft, panel, shared }) {
    const [said, setSaid] = useState('');
    const cell = useRef(/** @type {HTMLElement | null} */ (null));
    const grip = useRef(/** @type {HTMLElement | null} */ (null));
    const stepped = useRef(false);
    // Who moves a panel by keys keeps the focus, also where its element is moved in the page.
    useLayoutEffect(() => {
        if (stepped.current) grip.current?.focus();
        stepped.current = false;
    });
    if (panel.type === 'row') return html`<${EditedRow} draft=${draft} panel=${panel} shared=${shared} />`;
    const raw = () => /** @type {import('./grid.js').RawPanel} */ (draft.model.panels.find((one) => one.id === panel.id));
    const drag = (/** @type {PointerEvent} */ event, /** @type {boolean} */ resizing) => {
        if (event.button !== 0) return;
        const board = cell.current?.closest('.board');
        const start = raw();
        if (!(board instanceof HTMLElement) || !start) return;
        const style = getComputedStyle(board);
        // The narrow page has another grid, on which places mean nothing.
        if (style.gridTemplateColumns.split(' ').length !== columns) return;
        event.preventDefault();
        if (event.currentTarget === grip.current) grip.current?.focus();
        const unit = (board.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) + 8) / columns;
        const origin = placeOf(start);
        const before = draft.model.panels;
        const [startX, startY] = [event.pageX, event.pageY];
        let last = '';
        cell.current?.classList.add('dragged');
        const move = (/** @type {PointerEvent} */ at) => {
            if (at.clientY < 90) window.scrollBy(0, -12);
            else if (at.clientY > window.innerHeight - 40) window.scrollBy(0, 12);
            const [dx, dy] = [Math.round((at.pageX - startX) / unit), Math.round((at.pageY - startY) / lineHeight)];
            if (last === `${dx} ${dy}`) return;
            last = `${dx} ${dy}`;
            draft.attempt(resizing ? resizePanel(before, panel.id, origin.w + dx, origin.h + dy) : movePanel(before, panel.id, origin.x + dx, origin.y + dy));
        };
        const end = (/** @type {boolean} */ keep) => {
            window.removeEventListener('pointermove', move);
            window.removeEventListener('pointerup', up);
            window.removeEventListener('pointercancel', cancel);
            document.removeEventListener('keydown', onKey, true);
            cell.current?.classList.remove('dragged');
            const { trial } = draft;
            draft.attempt(null);
            if (keep && trial) draft.changePanels(trial, resizing ? 'Resize panel' : 'Move panel');
        };
        const up = () => end(true);
        const cancel = () => end(false);
        const onKey = (/** @type {KeyboardEvent} */ key) => {
            if (key.key !== 'Escape') return;
            key.stopPropagation();
            end(false);
        };
        window.addEventListener('pointermove', move);
        window.addEventListener('pointerup', up);
        window.addEventListener('pointercancel', cancel);
        document.addEventListener('keydown', onKey, true);
    };
    const onHead = (/** @type {PointerEvent} */ event) => {
        const target = event.target instanceof Element ? event.target : null;
        if (event.pointerType === 'mouse' && target?.closest('.panel-head') && !target.closest('button, a, .menu')) drag(event, false);
    };
    const onKey = (/** @type {KeyboardEvent} */ event) => {
        const direction = /** @type {'left' | 'right' | 'up' | 'down' | undefined} */ ({ ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }[event.key]);
        if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        const { panels } = draft.model;
        const { w, h } = placeOf(raw());
        stepped.current = true;
        const step = direction === 'left' || direction === 'up' ? -1 : 1;
        const wide = direction === 'left' || direction === 'right';
        draft.changePanels(event.shiftKey ? resizePanel(panels, panel.id, wide ? w + step : w, wide ? h : h + step) : stepPanel(panels, panel.id, direction), event.shiftKey ? 'Resize panel' : 'Move panel');
        const place = placeOf(raw());
        setSaid(`Column ${place.x + 1}, line ${place.y + 1}, ${place.w} wide, ${place.h} high`);
    };
    const title = panelTitle(panel, shared.scope) || panel.type;
    return html`<div class="edit-cell" ref=${cell} onPointerDown=${onHead}>
        ${cardOf(panel, shared)}
        <button type="button" class="edit-grip" ref=${grip} title="Move: drag, or arrow keys; with Shift they resize" aria-label=${`Move ${title}`} onKeyDown=${onKey} onPointerDown=${(/** @type {PointerEvent} */ event) => drag(event, false)}><${Icon} name="grip" size="14" /></button>
        <span class="edit-corner" aria-hidden="true" onPointerDown=${(/** @type {PointerEvent} */ event) => { event.stopPropagation(); drag(event, true); }}></span>
        <span class="visually-hidden" role="status">${said}</span>
        ${panel.repeat && html`<span class="edit-badge">repeats by ${panel.repeat}</span>`}
    </div>`;
}

/** @param {{draft: Draft, panel: Panel, shared: any}} properties */
function EditedRow({ draft, panel, shared }) {
    const raw = draft.model.panels.find((one) => one.id === panel.id);
    if (!raw) return null;
    const { panels } = draft.model;
    const title = panelTitle(panel, shared.scope) || 'Row';
    const own = panelsOfRow(panels, raw);
    const item = (/** @type {string} */ icon, /** @type {string} */ text, /** @type {() => void} */ run) => html`<button class="menu-item" role="menuitem" onClick=${run}><${Icon} name=${icon} size="14" />${text}</button>`;
    const remove = async () => {
        const answer = own.length === 0 ? 'row' : await ask({ title: `Remove the row “${title}”?`, text: `It has ${own.length} panel${own.length === 1 ? '' : 's'}.`, answers: [['row', 'Remove the row only', 'primary'], ['all', 'Remove its panels too', 'danger'], ['', 'Cancel', 'quiet']] });
        if (answer) draft.changePanels(removePanel(draft.model.panels, raw.id, answer === 'all'), 'Remove row');
    };
    return html`<div class="edit-row">
        <button class="row-header" aria-expanded=${raw.collapsed ? 'false' : 'true'} onClick=${() => draft.changePanels(toggleRow(panels, raw.id), raw.collapsed ? 'Unfold row' : 'Fold row')}>
            <${Icon} name=${raw.collapsed ? 'right' : 'down'} size="14" /><span>${title}</span><span class="muted">${own.length} panel${own.length === 1 ? '' : 's'}${raw.repeat ? `, repeats by ${raw.repeat}` : ''}</span></button>
        <${Menu} title=${`Row menu of ${title}`} right=${true} class="button quiet small icon" label=${html`<${Icon} name="dots" />`}>
            ${(/** @type {() => void} */ close) => html`
                ${item('pencil', 'Title and repeat', () => { close(); openRowSheet(draft, raw); })}
                ${item('up', 'Move up', () => { close(); draft.changePanels(moveRow(panels, raw.id, -1), 'Move row'); })}
                ${item('down', 'Move down', () => { close(); draft.changePanels(moveRow(panels, raw.id, 1), 'Move row'); })}
                ${item('trash', 'Remove', () => { close(); remove(); })}`}
        </${Menu}>
    </div>`;
}
