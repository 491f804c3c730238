// Entry: who is signed in, and which page the address means.

import { html, render, useEffect, useErrorBoundary, useState } from './vendor/preact.js';
import { messageOf, request, signedOut } from './api.js';
import { forgetDataSources } from './data/sources.js';
import { followLink, navigate, useLocation } from './router.js';
import { HomePage } from './pages/home.js';
import { LoginPage } from './pages/login.js';
import { PageHead, Shell } from './pages/shell.js';
import { beginBoard, DashboardPage } from './dashboard/page.js';
import { Empty, Message } from './ui/messages.js';
import { useModule } from './ui/hooks.js';
import { onKey } from './ui/keys.js';
import { loadStyles } from './ui/styles.js';

/**
 * Pages which load their code when first opened.
 * @type {Record<string, () => Promise<any>>}
 */
const lazyPages = {
    'explore/metrics': () => styled(import('./explore/metrics.js')),
    'explore/logs': () => styled(import('./explore/logs.js')),
    'explore/traces': () => styled(import('./explore/traces.js')),
    'explore/split': () => styled(import('./explore/split.js')),
    alerts: () => styled(import('./alerts/page.js'), 'alerts'),
    services: () => styled(import('./services/page.js'), 'services'),
    diagnostics: () => styled(import('./diagnostics/page.js'), 'services'),
    dashboards: () => styled(import('./edit/dashboards.js'), 'edit'),
    playlists: () => styled(import('./edit/playlists.js'), 'edit'),
    'dashboard/new': () => styled(import('./edit/new.js'), 'edit'),
    'dashboard/import': () => styled(import('./edit/import-page.js'), 'edit'),
};

/** @param {Promise<any>} page @param {string[]} more style sheets */
async function styled(page, ...more) {
    await Promise.all(['explore', ...more].map((name) => loadStyles(new URL(`./styles/${name}.css`, import.meta.url))));
    return page;
}

function App() {
    /** `undefined` while we ask, `null` when nobody is signed in. */
    const [user, setUser] = useState(/** @type {any} */ (undefined));
    const [choosing, setChoosing] = useState(false);
    const location = useLocation();
    const [failure, setFailure] = useState('');
    // Only the server's word sends people to the login: one that does not answer has not forgotten them.
    const load = () => request('/api/user').then(setUser, (error) => { if (error.status === 401) setUser(null); else setFailure(messageOf(error)); });
    useEffect(() => {
        load();
        const forget = () => setUser(null);
        window.addEventListener(signedOut, forget);
        document.addEventListener('click', followLink);
        document.addEventListener('keydown', onKey);
        return () => {
            window.removeEventListener(signedOut, forget);
            document.removeEventListener('click', followLink);
            document.removeEventListener('keydown', onKey);
        };
    }, []);
    const asks = choosing || (user?.mustChangePassword && !user.hasPostponedPassword);
    const PasswordPage = useModule(() => import('./pages/password.js'), asks)?.PasswordPage;
    if (user === undefined) return failure && html`<div class="page-body narrow"><${Message}>${failure}
        <button class="button small" type="button" onClick=${() => window.location.reload()}>Try again</button></${Message}></div>`;
    if (user === null) return html`<${LoginPage} onSignedIn=${() => { if (location.path.startsWith('/goto/')) return window.location.reload(); load(); if (location.path === '/login') navigate('/', { replace: true }); }} />`;
    if (asks) {
        const postpone = async () => {
            // Waited for, since who opens another page at once would be asked there again. Should it fail, that is all that happens.
            if (user.mustChangePassword) await request('/api/user/password/postpone', { method: 'POST' }).catch(() => {});
            setChoosing(false);
            setUser({ ...user, hasPostponedPassword: true });
        };
        return PasswordPage && html`<${PasswordPage} user=${user} onDone=${() => { setChoosing(false); load(); }} onCancel=${postpone} />`;
    }
    const signOut = () => request('/api/logout', { method: 'POST' }).catch(() => {}).then(() => {
        forgetDataSources();
        setUser(null);
        navigate('/');
    });
    return html`<${Shell} path=${location.path} kiosk=${location.params.has('kiosk')} user=${user} onSignOut=${signOut} onPassword=${() => setChoosing(true)}>
        <${Page} key=${pageKey(location)} path=${location.path} params=${location.params} user=${user} />
    </${Shell}>`;
}

/**
 * Pages of one kind keep their state while parameters change.
 * @param {{path: string, params: URLSearchParams}} location
 */
function pageKey({ path, params }) {
    const [, first, second] = path.split('/');
    return `${first}/${first === 'explore' && params.has('split') ? 'split' : second ?? ''}`;
}

/** @param {{path: string, params: URLSearchParams, user: any}} properties */
function Page({ path, params, user }) {
    const [error] = useErrorBoundary((failure) => console.error(failure));
    if (error) {
        return html`<${PageHead} title="Something went wrong" /><div class="page-body narrow">
            <${Message}>${String(error?.message ?? error)}</${Message}></div>`;
    }
    const [, first, second] = path.split('/');
    if (path === '/' || path === '/login') return html`<${HomePage} />`;
    if (first === 'd' && second) return html`<${DashboardPage} uid=${decodeURIComponent(second)} params=${params} user=${user} />`;
    const lazy = first === 'explore' || first === 'dashboard' ? pageKey({ path, params }) : first;
    if (lazyPages[lazy]) return html`<${LazyPage} name=${lazy} params=${params} user=${user} />`;
    return html`<${PageHead} title="Not here" /><div class="page-body"><${Empty} title="There is no such page">
        <a href="/">Back to the dashboards</a></${Empty}></div>`;
}

/** @param {{name: string, params: URLSearchParams, user: any}} properties */
function LazyPage({ name, params, user }) {
    const [Loaded, setLoaded] = useState(/** @type {any} */ (null));
    const [failed, setFailed] = useState('');
    useEffect(() => {
        lazyPages[name]().then((module) => setLoaded(() => module.default), () => setFailed('This page could not be loaded; is the server running?'));
    }, [name]);
    if (failed) return html`<div class="page-body narrow"><${Message}>${failed}</${Message}></div>`;
    return Loaded && html`<${Loaded} params=${params} user=${user} />`;
}

beginBoard(window.location.pathname);
render(html`<${App} />`, /** @type {Element} */ (document.getElementById('app')));
