// The command palette: everything that has a name, found by typing a part of it. And the list of keys.

import { html, render, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { request } from '../api.js';
import { dataSources, kindOf } from '../data/sources.js';
import { shortened } from '../format/display.js';
import { navigate, withParams } from '../router.js';
import { Dialog } from './messages.js';
import { Icon } from './icons.js';
import { shortcuts } from './shortcuts.js';
import { loadStyles } from './styles.js';

/** @typedef {{name: string, about: string, icon: string, key?: string, run: () => void}} Entry */

const most = 60;

/** @type {HTMLElement | undefined} */
let root;

/** @param {any} content */
async function show(content) {
    await loadStyles(new URL('../styles/palette.css', import.meta.url));
    if (!root) {
        root = document.createElement('div');
        document.body.append(root);
    }
    render(content, root);
}

/** What had the focus gets it back. */
function closer() {
    const before = document.activeElement;
    return () => {
        if (root) render(null, root);
        if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
}

export function openPalette() {
    show(html`<${Palette} close=${closer()} />`);
}

export function openHelp() {
    const close = closer();
    show(html`<${Dialog} title="Keys" onClose=${close}><table class="keys"><tbody>${shortcuts.map(([keys, about]) => html`<tr><th scope="row">${keys.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</th><td>${about}</td></tr>`)}</tbody></table></${Dialog}>`);
}

/** @returns {Entry[]} what is there without asking anybody */
function entriesOfPage() {
    const go = (/** @type {string} */ name, /** @type {string} */ icon, /** @type {string} */ href, /** @type {string} */ key) => ({ name, icon, about: 'Page', key, run: () => navigate(href) });
    const press = (/** @type {Element} */ control) => () => { if (control instanceof HTMLElement) control.click(); };
    const panels = [...document.querySelectorAll('.board section.panel')].map((panel) => ({
        name: panel.getAttribute('aria-label') ?? '', icon: 'boards', about: 'Panel', run: () => panel.scrollIntoView({ block: 'center' }),
    }));
    const controls = [...document.querySelectorAll('[data-name][data-key]')].map((control) => ({
        name: control.getAttribute('data-name') ?? '', icon: 'right', about: 'Action', key: control.getAttribute('data-key')?.replace('ArrowLeft', '←').replace('ArrowRight', '→') ?? '', run: press(control),
    }));
    return [
        go('Home', 'home', '/', 'g h'), go('Dashboards', 'boards', '/dashboards', 'g d'), go('New dashboard', 'boards', '/dashboard/new', ''), go('Explore metrics', 'metrics', '/explore/metrics', 'g m'), go('Explore logs', 'logs', '/explore/logs', 'g l'),
        go('Explore traces', 'traces', '/explore/traces', 'g t'), go('Services', 'services', '/services', 'g s'), go('Service map', 'services', '/services?view=map', ''),
        go('Exceptions', 'warn', '/services?view=exceptions', ''), go('Diagnostics', 'pulse', '/diagnostics', 'g x'), go('Metrics by their number of series', 'metrics', '/diagnostics?view=cardinality', ''),
        go('Alerts', 'bell', '/alerts', 'g a'), go('Silences', 'bell', '/alerts?view=silences', ''),
        go('Alert rules', 'bell', '/alerts?view=rules', ''), go('Alert history', 'bell', '/alerts?view=history', ''), go('Notifications', 'bell', '/alerts?view=notifications', ''),
        ...controls, { name: 'Copy the address of this page', icon: 'link', about: 'Action', run: () => navigator.clipboard?.writeText(window.location.href) },
        { name: 'Keys', icon: 'key', about: 'Action', key: '?', run: openHelp }, ...panels.filter(({ name }) => name !== ''),
    ];
}

/** @returns {Promise<Entry[]>} dashboards and data sources */
async function entriesOfServer() {
    const pages = /** @type {Record<string, string>} */ ({ prometheus: 'metrics', loki: 'logs', tempo: 'traces' });
    const [boards, sources] = await Promise.all([request('/api/search?type=dash-db').catch(() => []), dataSources().catch(() => [])]);
    return [
        ...boards.map((/** @type {any} */ board) => ({ name: board.title, icon: 'boards', about: ['Dashboard', board.folderTitle, ...board.tags ?? []].filter(Boolean).join(' · '), run: () => navigate(board.url) })),
        ...sources.filter((source) => pages[kindOf(source.type)]).map((source) => ({ name: `Explore ${source.name}`, icon: pages[kindOf(source.type)], about: 'Data source', run: () => navigate(withParams(`/explore/${pages[kindOf(source.type)]}`, { ds: source.uid })) })),
    ];
}

/**
 * Entries that hold every word, those whose name begins with the first word in front.
 * @param {Entry[]} entries @param {string} text
 */
export function found(entries, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return entries.slice(0, most);
    return entries.filter((entry) => words.every((word) => `${entry.name} ${entry.about}`.toLowerCase().includes(word)))
        .map((entry, order) => ({ entry, order, rank: entry.name.toLowerCase().startsWith(words[0]) ? 0 : entry.name.toLowerCase().includes(words[0]) ? 1 : 2 }))
        .sort((a, b) => a.rank - b.rank || a.order - b.order).slice(0, most).map(({ entry }) => entry);
}

/** @param {{close: () => void}} properties */
function Palette({ close }) {
    const [text, setText] = useState('');
    const [at, setAt] = useState(0);
    const [entries, setEntries] = useState(entriesOfPage);
    const input = useRef(/** @type {HTMLInputElement | null} */ (null));
    // Before it is seen: the first key may follow at once.
    useLayoutEffect(() => input.current?.focus(), []);
    useEffect(() => {
        let open = true;
        entriesOfServer().then((more) => { if (open) setEntries((before) => [...more, ...before]); });
        return () => { open = false; };
    }, []);
    const shown = found(entries, text);
    const take = (/** @type {Entry | undefined} */ entry) => {
        if (!entry) return;
        close();
        entry.run();
    };
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Escape') close();
        else if (event.key === 'Enter') take(shown[at]);
        else if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, shown.length));
        else if (event.key === 'ArrowUp') setAt((at - 1 + shown.length) % Math.max(1, shown.length));
        else if (event.key !== 'Tab') return;
        event.preventDefault();
        event.stopPropagation();
    };
    return html`<div class="backdrop palette-backdrop" onClick=${(/** @type {MouseEvent} */ event) => { if (event.target === event.currentTarget) close(); }}>
        <section class="palette" role="dialog" aria-modal="true" aria-label="Search" onKeyDown=${onKeyDown}>
            <input class="input" ref=${input} type="text" placeholder="Search pages, dashboards, panels and actions" aria-label="Search" role="combobox" aria-expanded="true" aria-controls="palette-list" autocomplete="off"
                aria-activedescendant=${shown.length > 0 ? `palette-${at}` : undefined} value=${text} onInput=${(/** @type {any} */ event) => { setText(event.target.value); setAt(0); }} />
            <div class="palette-list" id="palette-list" role="listbox" aria-label="Found">
                ${shown.map((entry, index) => html`<button key=${`${entry.about} ${entry.name} ${index}`} id="palette-${index}" class="menu-item" role="option" tabindex="-1" aria-selected=${index === at ? 'true' : 'false'}
                    ref=${index === at ? reveal : null} onClick=${() => take(entry)} onMouseMove=${() => { if (index !== at) setAt(index); }}>
                    <${Icon} name=${entry.icon} /><span class="name">${shortened(entry.name, 120)}</span><span class="muted">${shortened(entry.about, 80)}</span>
                    ${entry.key && html`<span class="entry-keys">${entry.key.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</span>`}</button>`)}
                ${shown.length === 0 && html`<div class="menu-empty">Nothing has such a name.</div>`}
            </div>
        </section>
    </div>`;
}

/** @param {Element | null} element */
function reveal(element) {
    element?.scrollIntoView({ block: 'nearest' });
}
