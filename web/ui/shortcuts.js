// Key sequences: each presses the control that carries its name in `data-key`, so nothing is done in two ways.

import { currentLocation, setParams } from '../router.js';

/** A second key that comes later begins anew. */
const patienceMs = 1200;

/** What the help says, in its order. */
export const shortcuts = [
    ['Ctrl K', 'Search pages, dashboards, panels and actions'], ['?', 'This list'],
    ['g h', 'Home'], ['g d', 'Dashboards'], ['g m', 'Explore metrics'], ['g l', 'Explore logs'], ['g t', 'Explore traces'], ['g s', 'Services'], ['g a', 'Alerts'], ['g x', 'Diagnostics'],
    ['t z', 'Zoom out'], ['t ←', 'Earlier'], ['t →', 'Later'], ['d r', 'Load again'], ['d e', 'Edit the dashboard'], ['d k', 'Without navigation, and back'], ['d t', 'Dark or light'],
    ['v', 'The panel under the pointer alone, and back'], ['e', 'Explore the panel under the pointer'], ['i', 'Data and queries of the panel under the pointer'], ['Esc', 'Back to all panels'],
    ['Ctrl Enter', 'Run the query'], ['Ctrl Space', 'Complete the query'],
];

let first = '';
let firstAt = 0;

/** @param {string} key of an event */
export function press(key) {
    const sequence = first && performance.now() - firstAt < patienceMs ? `${first} ${key}` : key;
    first = '';
    if (sequence === '?') {
        import('./palette.js').then((module) => module.openHelp());
    } else if (sequence === 'Escape') {
        const { params } = currentLocation();
        if (params.has('viewPanel')) setParams({ viewPanel: null });
        else if (params.has('kiosk')) setParams({ kiosk: null }, { replace: true });
    } else if (sequence === 'd k') {
        setParams({ kiosk: currentLocation().params.has('kiosk') ? null : '1' }, { replace: true });
    } else if (/^[vei]$/.test(sequence)) {
        pressInPanel(sequence);
    } else if (/^[gtd]$/.test(sequence)) {
        first = sequence;
        firstAt = performance.now();
    } else {
        pressControl(document, sequence);
    }
}

/** @param {ParentNode} place @param {string} sequence @returns {boolean} whether there is such a control */
function pressControl(place, sequence) {
    const control = place.querySelector(`[data-key="${CSS.escape(sequence)}"]`);
    if (!(control instanceof HTMLElement)) return false;
    control.click();
    return true;
}

/** @param {string} key one of the panel's menu */
function pressInPanel(key) {
    const panel = document.querySelector('section.panel:hover, .board-alone section.panel');
    const menu = panel?.querySelector('.panel-menu');
    if (!panel || !(menu instanceof HTMLElement)) return;
    menu.click();
    // The menu is drawn before the next frame; one without the item is closed again.
    requestAnimationFrame(() => requestAnimationFrame(() => {
        if (!pressControl(panel, key)) menu.click();
    }));
}
