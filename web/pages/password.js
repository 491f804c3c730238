// The choice of an own password, also at the first sign-in.

import { html, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { BrandMark } from '../ui/icons.js';
import { Message } from '../ui/messages.js';

/** @param {{user: any, onDone: () => void, onCancel?: () => void}} properties */
export function PasswordPage({ user, onDone, onCancel }) {
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    const submit = async (/** @type {any} */ event) => {
        event.preventDefault();
        const data = new FormData(event.target);
        const [oldPassword, newPassword, confirmNew] = ['old', 'new', 'again'].map((name) => String(data.get(name)));
        if (newPassword !== confirmNew) return setError('The two new passwords differ.');
        setBusy(true);
        setError('');
        try {
            await request('/api/user/password', { method: 'PUT', json: { oldPassword, newPassword, confirmNew } });
            return onDone();
        } catch (failure) {
            return setError(messageOf(failure));
        } finally {
            setBusy(false);
        }
    };
    return html`<main class="sign-in"><form onSubmit=${submit}>
        <${BrandMark} />
        <h1>Choose your password</h1>
        <p class="lead">${user.mustChangePassword ? 'The generated one was only for the first time.' : `Signed in as ${user.login}`}</p>
        ${error && html`<${Message}>${error}</${Message}>`}
        <input type="hidden" name="username" autocomplete="username" value=${user.login} />
        <label class="field">Current password<input class="input" name="old" type="password" autocomplete="current-password" required autofocus /></label>
        <label class="field">New password<input class="input" name="new" type="password" autocomplete="new-password" minlength="8" required /></label>
        <label class="field">New password again<input class="input" name="again" type="password" autocomplete="new-password" minlength="8" required /></label>
        <button class="button primary" type="submit" disabled=${busy}>Change the password</button>
        <button class="button quiet" type="button" onClick=${onCancel}>${user.mustChangePassword ? 'Not now' : 'Cancel'}</button>
        <p class="hint">Eight characters or more; every other session of this user ends.</p>
    </form></main>`;
}
