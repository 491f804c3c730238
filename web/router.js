// The address bar is the state: pages read the path and the parameters, and change them through here.

import { useEffect, useState } from './vendor/preact.js';

const changed = 'martlet:location';

/**
 * Asked before another page is opened: a guard that answers true holds it back, and goes there itself later.
 * @type {Set<(href: string) => boolean>}
 */
export const guards = new Set();

/** @typedef {{path: string, params: URLSearchParams, href: string}} Location */

/** @returns {Location} */
export function currentLocation() {
    return {
        path: window.location.pathname,
        params: new URLSearchParams(window.location.search),
        href: window.location.pathname + window.location.search,
    };
}

/**
 * Goes to an address of our own.
 * @param {string} href
 * @param {{replace?: boolean}} [options] replace: no new entry in the history
 */
export function navigate(href, options = {}) {
    if (href === window.location.pathname + window.location.search || [...guards].some((guard) => guard(href))) return;
    if (options.replace) history.replaceState(null, '', href);
    else history.pushState(null, '', href);
    window.dispatchEvent(new Event(changed));
}

/**
 * Changes some parameters of the address; null or undefined removes one, an array repeats it.
 * @param {Record<string, string | string[] | null | undefined>} patch
 * @param {{replace?: boolean}} [options]
 */
export function setParams(patch, options) {
    const params = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(patch)) {
        params.delete(name);
        if (Array.isArray(value)) value.forEach((one) => params.append(name, one));
        else if (value !== null && value !== undefined) params.set(name, value);
    }
    navigate(withParams(window.location.pathname, params), options);
}

/**
 * @param {string} path
 * @param {URLSearchParams | Record<string, string | undefined>} params
 */
export function withParams(path, params) {
    const search = new URLSearchParams();
    const entries = params instanceof URLSearchParams ? [...params] : Object.entries(params);
    for (const [name, value] of entries) if (value !== undefined && value !== '') search.append(name, value);
    const text = search.toString().replace(/%2F/g, '/').replace(/%3A/g, ':');
    return text ? `${path}?${text}` : path;
}

/** The current address; the component draws again when it changes. */
export function useLocation() {
    const [location, setLocation] = useState(currentLocation);
    useEffect(() => {
        const update = () => setLocation(currentLocation());
        window.addEventListener('popstate', update);
        window.addEventListener(changed, update);
        return () => {
            window.removeEventListener('popstate', update);
            window.removeEventListener(changed, update);
        };
    }, []);
    return location;
}

/**
 * Turns clicks on plain links to our own pages into navigation without a reload.
 * @param {MouseEvent} event
 */
export function followLink(event) {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) return;
    if (link.pathname.startsWith('/api/') || (link.hash && link.pathname === window.location.pathname)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
    window.scrollTo(0, 0);
}
