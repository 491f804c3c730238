// Hooks which several pages share.

import { useEffect, useLayoutEffect, useState } from '../vendor/preact.js';
import { isAbort, messageOf } from '../api.js';

/**
 * Loads something, cancels the former load when an input changes, keeps the former value meanwhile.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {unknown[]} inputs
 * @param {boolean} [enabled]
 * @returns {{value: T | undefined, error: string | undefined, loading: boolean}}
 */
export function useLoad(load, inputs, enabled = true) {
    const [state, setState] = useState(/** @type {{value: T | undefined, error: string | undefined, loading: boolean}} */ (
        { value: undefined, error: undefined, loading: enabled }));
    useEffect(() => {
        if (!enabled) return undefined;
        const controller = new AbortController();
        setState((previous) => ({ ...previous, loading: true }));
        load(controller.signal).then((value) => {
            if (!controller.signal.aborted) setState({ value, error: undefined, loading: false });
        }, (error) => {
            if (controller.signal.aborted || isAbort(error)) return;
            setState((previous) => ({ value: previous.value, error: messageOf(error), loading: false }));
        });
        return () => controller.abort();
    }, [...inputs, enabled]);
    return state;
}

/**
 * A module that is loaded when it is needed.
 * @template T
 * @param {() => Promise<T>} load
 * @param {boolean} needed
 * @returns {T | undefined} nothing until it is there, and where it cannot be loaded
 */
export function useModule(load, needed) {
    const [loaded, setLoaded] = useState(/** @type {T | undefined} */ (undefined));
    useEffect(() => {
        if (needed && !loaded) load().then(setLoaded, () => {});
    }, [needed]);
    return loaded;
}

/**
 * The inner size of an element: what to give it as `ref`, the size, and the element once it is there.
 * @returns {[(element: any) => void, {width: number, height: number}, any]}
 */
export function useSize() {
    const [element, setElement] = useState(/** @type {any} */ (null));
    const [size, setSize] = useState({ width: 0, height: 0 });
    useLayoutEffect(() => {
        if (!element) return undefined;
        const measure = () => setSize((previous) => {
            const width = element.clientWidth;
            const height = element.clientHeight;
            return previous.width === width && previous.height === height ? previous : { width, height };
        });
        measure();
        const observer = new ResizeObserver(measure);
        observer.observe(element);
        return () => observer.disconnect();
    }, [element]);
    return [setElement, size, element];
}

/**
 * Whether an element is near the visible part of the page: what to give it as `ref`, and the answer.
 * @returns {[(element: any) => void, boolean]}
 */
export function useVisible() {
    const [element, setElement] = useState(/** @type {any} */ (null));
    const [visible, setVisible] = useState(false);
    useEffect(() => {
        if (!element) return undefined;
        const observer = new IntersectionObserver((entries) => setVisible(entries[entries.length - 1].isIntersecting), { rootMargin: '400px' });
        observer.observe(element);
        return () => observer.disconnect();
    }, [element]);
    return [setElement, visible];
}

/**
 * How much of a long list to draw: more whenever its end comes near.
 * @param {unknown[]} list
 * @param {number} chunk
 * @returns {[(element: any) => void, number]} what to give the end as `ref`, and the count
 */
export function useMore(list, chunk) {
    const [element, setElement] = useState(/** @type {any} */ (null));
    const [state, setState] = useState({ list, count: chunk });
    const count = state.list === list ? state.count : chunk;
    useEffect(() => {
        if (!element) return undefined;
        const observer = new IntersectionObserver((entries) => {
            if (entries.some((entry) => entry.isIntersecting)) setState({ list, count: count + chunk });
        }, { rootMargin: '600px' });
        observer.observe(element);
        return () => observer.disconnect();
    }, [element, list, count]);
    return [setElement, count];
}

/** Event on `window` after the theme was switched. */
export const themeChanged = 'martlet:theme';

/** The theme's name; the component draws again when it changes. */
export function useTheme() {
    const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? 'dark');
    useEffect(() => {
        const update = () => setTheme(document.documentElement.dataset.theme ?? 'dark');
        window.addEventListener(themeChanged, update);
        return () => window.removeEventListener(themeChanged, update);
    }, []);
    return theme;
}

/** Switches between dark and light and remembers it. */
export function switchTheme() {
    const theme = document.documentElement.dataset.theme === 'light' ? 'dark' : 'light';
    document.documentElement.dataset.theme = theme;
    try {
        localStorage.setItem('martlet.theme', theme);
    } catch {
        // Not remembered then.
    }
    window.dispatchEvent(new Event(themeChanged));
}
