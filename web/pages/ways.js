// Ways to sign in besides a password: a button for each provider, and why the last try failed.

import { html } from '../vendor/preact.js';
import { Message } from '../ui/messages.js';

/**
 * What the login page shows of what the server offers.
 * @param {{password: boolean, providers: {id: string, name: string, url: string}[], error?: string}} found
 * @param {{pathname: string, search: string}} [place]
 */
export function ways({ password, providers, error }, place = window.location) {
    const to = place.pathname === '/login' ? '' : `?to=${encodeURIComponent(place.pathname + place.search)}`;
    return {
        password,
        // The target keeps the page from taking the address for one of its own.
        view: html`${error && html`<${Message}>${error}</${Message}>`}
            ${providers.map(({ id, name, url }) => html`<a key=${id} class="button" style=${{ whiteSpace: 'normal', height: 'auto', minHeight: '32px', padding: '5px 11px', lineHeight: '1.4', overflowWrap: 'anywhere', textAlign: 'center' }} href=${url + to} target="_self">Sign in with ${name}</a>`)}`,
    };
}
