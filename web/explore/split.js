// Two queries side by side. The address is that of the side on which somebody works, so that everything on it changes the address
// as it does alone; the other side stands in `split`, and moves into the address as soon as somebody points at it.

import { html, useEffect, useMemo, useRef } from '../vendor/preact.js';
import { guards, navigate, setParams, withParams } from '../router.js';
import { useModule } from '../ui/hooks.js';
import { PaneContext } from './pane.js';

/** @type {Record<string, () => Promise<{default: any}>>} */
const pages = { '/explore/metrics': () => import('./metrics.js'), '/explore/logs': () => import('./logs.js'), '/explore/traces': () => import('./traces.js') };

/** Parameters of both sides together. */
const common = ['split', 'side', 'sync', 'kiosk'];

/** @typedef {{path: string, params: URLSearchParams}} Query */

/**
 * What one side shows.
 * @param {string} path @param {URLSearchParams} params of the whole address
 * @returns {Query}
 */
function alone(path, params) {
    return { path: Object.hasOwn(pages, path) ? path : '/explore/metrics', params: new URLSearchParams([...params].filter(([name]) => !common.includes(name))) };
}

/**
 * Both sides of an address.
 * @param {string} path @param {URLSearchParams} params
 * @returns {{here: Query, there: Query, side: 'left' | 'right', synced: boolean}} `here`: the side of the address itself, which is `side`
 */
export function sidesOf(path, params) {
    const here = alone(path, params);
    const [otherPath, search = ''] = splitAt(params.get('split') ?? '');
    const there = alone(otherPath, new URLSearchParams(search));
    const synced = params.get('sync') === '1';
    if (synced) {
        for (const name of ['from', 'to']) {
            const time = here.params.get(name);
            if (time === null) there.params.delete(name);
            else there.params.set(name, time);
        }
    }
    return { here, there, side: params.get('side') === 'right' ? 'right' : 'left', synced };
}

/** @param {string} href */
function splitAt(href) {
    const at = href.indexOf('?');
    return at < 0 ? [href] : [href.slice(0, at), href.slice(at + 1)];
}

/** @param {Query} query */
function hrefOf({ path, params }) {
    return withParams(path, params);
}

/**
 * The address of two sides, with `here` as the one that is worked on.
 * @param {Query} here @param {Query} there @param {'left' | 'right'} side of `here` @param {boolean} synced
 */
export function splitHref(here, there, side, synced) {
    return withParams(here.path, new URLSearchParams([...here.params, ['split', hrefOf(there)], ...(side === 'right' ? [['side', 'right']] : []), ...(synced ? [['sync', '1']] : [])]));
}

/** @param {{params: URLSearchParams}} properties */
export default function SplitPage({ params }) {
    const { here, there, side, synced } = sidesOf(window.location.pathname, params);
    const now = useRef({ here, there, side, synced });
    now.current = { here, there, side, synced };
    const leave = useRef(() => {});
    useEffect(() => {
        document.title = 'Explore · Martlet';
        // A link on one side opens there.
        const guard = (/** @type {string} */ href) => {
            const [path, search = ''] = splitAt(href);
            const target = new URLSearchParams(search);
            if (!Object.hasOwn(pages, path) || target.has('split')) return false;
            navigate(splitHref({ path, params: target }, now.current.there, now.current.side, now.current.synced));
            return true;
        };
        guards.add(guard);
        leave.current = () => {
            guards.delete(guard);
        };
        return leave.current;
    }, []);
    const turn = (/** @type {'left' | 'right'} */ to) => {
        const { current } = now;
        if (to !== current.side) navigate(splitHref(current.there, current.here, to, current.synced), { replace: true });
    };
    const close = (/** @type {'left' | 'right'} */ closed) => {
        const { current } = now;
        leave.current();
        navigate(hrefOf(closed === current.side ? current.there : current.here));
    };
    const onSync = () => setParams({ sync: now.current.synced ? null : '1' }, { replace: true });
    return html`<div class="split">${/** @type {const} */ (['left', 'right']).map((one) => html`<${Side} key=${one} side=${one} query=${one === side ? here : there} active=${one === side} synced=${synced}
        onTurn=${turn} onSync=${onSync} onClose=${close} />`)}</div>`;
}

/**
 * @param {{side: 'left' | 'right', query: Query, active: boolean, synced: boolean, onTurn: (side: 'left' | 'right') => void, onSync: () => void,
 *   onClose: (side: 'left' | 'right') => void}} properties
 */
function Side({ side, query, active, synced, onTurn, onSync, onClose }) {
    const pane = useMemo(() => ({ side, synced, onSync, onClose: () => onClose(side) }), [side, synced]);
    const turn = () => onTurn(side);
    return html`<section class="split-side" aria-label=${side === 'left' ? 'Left side' : 'Right side'} data-active=${active ? 'yes' : 'no'} onPointerDownCapture=${turn} onFocusInCapture=${turn} onClickCapture=${turn}>
        <${PaneContext.Provider} value=${pane}><${Loaded} key=${query.path} ...${query} /></${PaneContext.Provider}></section>`;
}

/** @param {Query} properties */
function Loaded({ path, params }) {
    const Page = useModule(pages[path], true)?.default;
    return Page && html`<${Page} params=${params} />`;
}
