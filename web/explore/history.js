// Queries that were run, kept in this browser: the newest first, those with a star for ever.

import { html, useState } from '../vendor/preact.js';
import { shortened } from '../format/display.js';
import { fromNow } from '../time/format.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';

/** @typedef {{expr: string, at: number, starred?: boolean}} Entry `at`: when it was last run, ms */

const most = 100;
const longest = 10_000;

/** @param {string} page metrics, logs or traces */
const keyOf = (page) => `martlet.history.${page}`;

/** @param {string} page @returns {Entry[]} */
export function readHistory(page) {
    try {
        const found = JSON.parse(localStorage.getItem(keyOf(page)) ?? '[]');
        return Array.isArray(found) ? found.filter((one) => typeof one?.expr === 'string' && typeof one.at === 'number') : [];
    } catch {
        return [];
    }
}

/** @param {string} page @param {Entry[]} entries */
function write(page, entries) {
    try {
        localStorage.setItem(keyOf(page), JSON.stringify(entries));
    } catch {
        // Not remembered then.
    }
}

/**
 * The entries after a query was run once more.
 * @param {Entry[]} entries @param {string} expr @param {number} at
 * @returns {Entry[]}
 */
export function withRun(entries, expr, at) {
    const before = entries.find((one) => one.expr === expr);
    const next = [{ ...before, expr, at }, ...entries.filter((one) => one.expr !== expr)];
    let plain = 0;
    return next.filter((one) => one.starred || ++plain <= most);
}

/** @param {string} page @param {string} expr */
export function remember(page, expr) {
    const text = expr.trim();
    if (text !== '' && text.length <= longest) write(page, withRun(readHistory(page), text, Date.now()));
}

/** @param {{page: string, onPick: (expr: string) => void}} properties */
export function History({ page, onPick }) {
    return html`<${Menu} title="Query history" right=${true} role="dialog" sheetClass="history" class="button icon" label=${html`<${Icon} name="clock" size="15" />`}>
        ${(/** @type {() => void} */ close) => html`<${Entries} page=${page} onPick=${(/** @type {string} */ expr) => { close(); onPick(expr); }} />`}</${Menu}>`;
}

/** @param {{page: string, onPick: (expr: string) => void}} properties */
function Entries({ page, onPick }) {
    const [entries, setEntries] = useState(() => readHistory(page));
    const [filter, setFilter] = useState('');
    const change = (/** @type {Entry[]} */ next) => {
        write(page, next);
        setEntries(next);
    };
    const wanted = filter.toLowerCase();
    const found = entries.filter((one) => one.expr.toLowerCase().includes(wanted));
    const ordered = [...found.filter((one) => one.starred), ...found.filter((one) => !one.starred)];
    return html`<input class="input menu-search" type="search" placeholder="Filter" aria-label="Filter the history" value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value)} />
        <div class="menu-scroll">
            ${ordered.map((one) => html`<div class="history-row" key=${one.expr}>
                <button class="menu-item" onClick=${() => onPick(one.expr)}><code>${shortened(one.expr, 300)}</code><span class="muted">${fromNow(one.at)}</span></button>
                <button class="button quiet small icon" aria-pressed=${one.starred ? 'true' : 'false'} title=${one.starred ? 'Forget with the others' : 'Keep'} aria-label=${one.starred ? 'Forget with the others' : 'Keep'}
                    onClick=${() => change(entries.map((other) => (other === one ? { ...one, starred: !one.starred } : other)))}>${one.starred ? '★' : '☆'}</button>
                <button class="button quiet small icon" title="Forget" aria-label="Forget" onClick=${() => change(entries.filter((other) => other !== one))}><${Icon} name="close" size="12" /></button>
            </div>`)}
            ${ordered.length === 0 && html`<div class="menu-empty">${entries.length === 0 ? 'Queries that you run are kept here, in this browser.' : 'Nothing matches.'}</div>`}
        </div>`;
}
