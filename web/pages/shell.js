// Navigation beside every page, and the header of a page.

import { createContext, html, useContext, useEffect, useState } from '../vendor/preact.js';
import { BrandMark, Icon } from '../ui/icons.js';
import { switchTheme, useTheme } from '../ui/hooks.js';
import { openPalette } from '../ui/keys.js';

/** @type {import('../types/vendor/preact').Context<() => void>} */
const OpenMenu = createContext(() => {});

const links = [
    { href: '/', name: 'Home', icon: 'home', key: 'g h', match: (/** @type {string} */ path) => path === '/' },
    { href: '/dashboards', name: 'Dashboards', icon: 'boards', key: 'g d', match: (/** @type {string} */ path) => /^\/(d(ashboards?)?|playlists)\//.test(path + '/') },
    { href: '/services', name: 'Services', icon: 'services', key: 'g s' },
    { group: 'Explore' },
    { href: '/explore/metrics', name: 'Metrics', icon: 'metrics', key: 'g m' },
    { href: '/explore/logs', name: 'Logs', icon: 'logs', key: 'g l' },
    { href: '/explore/traces', name: 'Traces', icon: 'traces', key: 'g t' },
    { group: 'Respond' },
    { href: '/alerts', name: 'Alerts', icon: 'bell', key: 'g a' },
    { href: '/diagnostics', name: 'Diagnostics', icon: 'pulse', key: 'g x' },
];

/**
 * @param {{path: string, kiosk?: boolean, user: any, onSignOut: () => void, onPassword: () => void, children: any}} properties
 */
export function Shell({ path, kiosk, user, onSignOut, onPassword, children }) {
    const [open, setOpen] = useState(false);
    const theme = useTheme();
    useEffect(() => setOpen(false), [path]);
    const isCurrent = (/** @type {any} */ link) => (link.match ? link.match(path) : path.startsWith(link.href));
    return html`<${OpenMenu.Provider} value=${() => setOpen(true)}><div class="shell ${kiosk ? 'kiosk' : ''}">
        ${open && html`<button class="nav-shade" aria-label="Close the menu" onClick=${() => setOpen(false)}></button>`}
        <nav class="nav ${open ? 'open' : ''}" aria-label="Pages">
            <a class="brand" href="/"><${BrandMark} />Martlet</a>
            <button class="nav-link nav-search" onClick=${openPalette} aria-keyshortcuts="Control+K"><${Icon} name="search" />Find<span>Ctrl K</span></button>
            ${links.map((link) => (link.group ? html`<div class="nav-group">${link.group}</div>`
                : html`<a class="nav-link" href=${link.href} data-key=${link.key} aria-current=${isCurrent(link) ? 'page' : undefined}>
                    <${Icon} name=${link.icon} />${link.name}</a>`))}
            <div class="nav-foot">
                <button class="nav-link" data-key="d t" data-name="Dark or light" onClick=${switchTheme}><${Icon} name=${theme === 'light' ? 'moon' : 'sun'} />${theme === 'light' ? 'Dark theme' : 'Light theme'}</button>
                <button class="nav-link" onClick=${onPassword}><${Icon} name="key" />Password${user?.mustChangePassword && html`<span class="dot bad" title="Still the generated password"></span>`}</button>
                <button class="nav-link" onClick=${onSignOut}><${Icon} name="out" />Sign out ${user?.login ?? ''}</button>
            </div>
        </nav>
        <main class="page">${children}</main>
    </div></${OpenMenu.Provider}>`;
}

/** @param {{title: any, children?: any}} properties */
export function PageHead({ title, children }) {
    const openMenu = useContext(OpenMenu);
    useEffect(() => {
        if (typeof title === 'string') document.title = `${title} · Martlet`;
    }, [title]);
    return html`<header class="page-head">
        <button class="button quiet icon menu-toggle" aria-label="Menu" onClick=${openMenu}><${Icon} name="menu" /></button>
        <h1>${title}</h1>${children}
    </header>`;
}
