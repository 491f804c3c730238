// Entry: who is signed in, and which page the address means.

import { html, render, useEffect, useErrorBoundary, useState } from './vendor/preact.js';
import { request, signedOut } from './api.js';
import { forgetDataSources } from './data/sources.js';
import { followLink, navigate, useLocation } from './router.js';
import { HomePage } from './pages/home.js';
import { LoginPage, PasswordPage } from './pages/login.js';
import { PageHead, Shell } from './pages/shell.js';
import { DashboardPage } from './dashboard/page.js';
import { Empty, Message } from './ui/messages.js';
import { loadStyles } from './ui/styles.js';

/**
 * Pages which load their code when first opened.
 * @type {Record<string, () => Promise<any>>}
 */
const lazyPages = {
    metrics: () => styled(import('./explore/metrics.js')),
    logs: () => styled(import('./explore/logs.js')),
    traces: () => styled(import('./explore/traces.js')),
};

/** @param {Promise<any>} page */
async function styled(page) {
    await loadStyles(new URL('./styles/explore.css', import.meta.url));
    return page;
}

function App() {
    /** `undefined` while we ask, `null` when nobody is signed in. */
    const [user, setUser] = useState(/** @type {any} */ (undefined));
    const [choosing, setChoosing] = useState(false);
    const location = useLocation();
    const load = () => request('/api/user').then(setUser, () => setUser(null));
    useEffect(() => {
        load();
        const forget = () => setUser(null);
        window.addEventListener(signedOut, forget);
        document.addEventListener('click', followLink);
        return () => {
            window.removeEventListener(signedOut, forget);
            document.removeEventListener('click', followLink);
        };
    }, []);
    if (user === undefined) return null;
    if (user === null) return html`<${LoginPage} onSignedIn=${() => { load(); if (location.path === '/login') navigate('/', { replace: true }); }} />`;
    if (choosing || (user.mustChangePassword && !postponed())) {
        return html`<${PasswordPage} user=${user} onDone=${() => { setChoosing(false); load(); }}
            onCancel=${() => { setChoosing(false); postpone(true); setUser({ ...user }); }} />`;
    }
    const signOut = () => request('/api/logout', { method: 'POST' }).catch(() => {}).then(() => {
        forgetDataSources();
        postpone(false);
        setUser(null);
        navigate('/');
    });
    return html`<${Shell} path=${location.path} user=${user} onSignOut=${signOut} onPassword=${() => setChoosing(true)}>
        <${Page} key=${pageKey(location.path)} path=${location.path} params=${location.params} user=${user} />
    </${Shell}>`;
}

/** Whether this browser tab was told "not now" about choosing an own password. */
function postponed() {
    return sessionStorage.getItem('martlet.password-later') === 'yes';
}

/** @param {boolean} later */
function postpone(later) {
    if (later) sessionStorage.setItem('martlet.password-later', 'yes');
    else sessionStorage.removeItem('martlet.password-later');
}

/**
 * Pages of one kind keep their state while parameters change.
 * @param {string} path
 */
function pageKey(path) {
    const [, first, second] = path.split('/');
    return `${first}/${second ?? ''}`;
}

/** @param {{path: string, params: URLSearchParams, user: any}} properties */
function Page({ path, params, user }) {
    const [error] = useErrorBoundary((failure) => console.error(failure));
    if (error) {
        return html`<${PageHead} title="Something went wrong" /><div class="page-body narrow">
            <${Message}>${String(error?.message ?? error)}</${Message}></div>`;
    }
    const [, first, second] = path.split('/');
    if (path === '/' || path === '/login' || path === '/dashboards') return html`<${HomePage} />`;
    if (first === 'd' && second) return html`<${DashboardPage} uid=${decodeURIComponent(second)} params=${params} user=${user} />`;
    if (first === 'explore' && lazyPages[second ?? '']) return html`<${LazyPage} name=${second} params=${params} />`;
    return html`<${PageHead} title="Not here" /><div class="page-body"><${Empty} title="There is no such page">
        <a href="/">Back to the dashboards</a></${Empty}></div>`;
}

/** @param {{name: string, params: URLSearchParams}} properties */
function LazyPage({ name, params }) {
    const [Loaded, setLoaded] = useState(/** @type {any} */ (null));
    const [failed, setFailed] = useState('');
    useEffect(() => {
        lazyPages[name]().then((module) => setLoaded(() => module.default), () => setFailed('This page could not be loaded; is the server running?'));
    }, [name]);
    if (failed) return html`<div class="page-body narrow"><${Message}>${failed}</${Message}></div>`;
    return Loaded && html`<${Loaded} params=${params} />`;
}

render(html`<${App} />`, /** @type {Element} */ (document.getElementById('app')));
