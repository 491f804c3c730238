// Styles which only some pages and panels need.

/** @type {Map<string, Promise<void>>} */
const loads = new Map();

/**
 * Resolves once the styles hold; a failure to load them is no reason to show nothing.
 * @param {URL} url
 * @returns {Promise<void>}
 */
export function loadStyles(url) {
    const { href } = url;
    const known = loads.get(href);
    if (known) return known;
    const load = new Promise((/** @type {(value: void) => void} */ resolve) => {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = href;
        link.onload = () => resolve();
        link.onerror = () => resolve();
        document.head.append(link);
    });
    loads.set(href, load);
    return load;
}
