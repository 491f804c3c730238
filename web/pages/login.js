// Sign in.

import { html, useEffect, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { BrandMark } from '../ui/icons.js';
import { Message } from '../ui/messages.js';

/** @param {{onSignedIn: () => void}} properties */
export function LoginPage({ onSignedIn }) {
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    const [ways, setWays] = useState(/** @type {any} */ ({ password: true }));
    useEffect(() => {
        request('/api/login/methods' + location.search).then((found) => found.providers[0] && import('./ways.js').then((module) => setWays(module.ways(found))));
    }, []);
    const submit = async (/** @type {any} */ event) => {
        event.preventDefault();
        const data = new FormData(event.target);
        setBusy(true);
        setError('');
        try {
            await request('/api/login', { json: { user: data.get('user'), password: data.get('password') } });
            onSignedIn();
        } catch (failure) {
            setError(messageOf(failure));
        } finally {
            setBusy(false);
        }
    };
    return html`<main class="sign-in"><form onSubmit=${submit}>
        <${BrandMark} />
        <h1>Martlet</h1>
        <p class="lead">Metrics, logs, traces and alerts</p>
        ${error && html`<${Message}>${error}</${Message}>`}
        ${ways.password && html`<label class="field">User<input class="input" name="user" autocomplete="username" value="admin" required /></label>
        <label class="field">Password<input class="input" name="password" type="password" autocomplete="current-password" required autofocus /></label>
        <button class="button primary" type="submit" disabled=${busy}>${busy ? 'Signing in…' : 'Sign in'}</button>
        <p class="hint">The generated first password stands in${' '}
            <code>initial-admin-password</code>${' '}in the server’s storage directory until it is changed.</p>`}
        ${ways.view}
    </form></main>`;
}
