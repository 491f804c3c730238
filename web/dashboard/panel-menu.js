// What can be done with one panel.

import { html } from '../vendor/preact.js';
import { findSource, kindOf } from '../data/sources.js';
import { framesAsTable } from '../data/table-frames.js';
import { navigate, setParams, withParams } from '../router.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { interpolate } from './interpolate.js';
import { resolveLink } from './links.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Scope} Scope */
/**
 * What else can be done with a panel.
 * @typedef {(panel: Panel, item: (icon: string, text: string, run: () => void) => any, close: () => void) => any} More
 */

/**
 * @param {{panel: Panel, title: string, scope: Scope, sources: import('../types/model').DataSource[], prepared: any, hasQuery: boolean, alone?: boolean,
 *   place?: string, onInspect: () => void, more?: More}} properties
 */
export function PanelMenu({ panel, title, scope, sources, prepared, hasQuery, alone, place, onInspect, more }) {
    const item = (/** @type {string} */ icon, /** @type {string} */ text, /** @type {(event: Event) => void} */ run, key = '') => html`<button class="menu-item" role="menuitem" data-key=${key || undefined} onClick=${run}>
        <${Icon} name=${icon} size="14" />${text}</button>`;
    const download = () => import('../panels/csv.js').then((csv) => csv.downloadCsv(title, framesAsTable(prepared.frames)));
    const picture = (/** @type {HTMLElement} */ card) => import('../panels/png.js').then((png) => png.downloadPng(title || panel.type, card));
    return html`<${Menu} title="Panel menu" right=${true} class="button quiet small icon panel-menu" label=${html`<${Icon} name="dots" />`}>
        ${(/** @type {() => void} */ close) => {
            const explore = exploreLink(panel, scope, sources);
            const links = (panel.links ?? []).flatMap((link) => resolveLink(link, scope) ?? []);
            return html`
                ${more?.(panel, item, close)}
                ${item('expand', alone ? 'Show all panels' : 'View alone', () => { close(); setParams({ viewPanel: alone ? null : place ?? String(panel.id) }); }, 'v')}
                ${hasQuery && item('table', 'Data and queries', () => { close(); onInspect(); }, 'i')}
                ${prepared && item('download', 'Download CSV', () => { close(); download(); })}
                ${item('image', 'Download PNG', (/** @type {any} */ event) => { const card = event.currentTarget.closest('section'); close(); picture(card); })}
                ${explore && html`<a class="menu-item" role="menuitem" data-key="e" href=${explore}><${Icon} name="compass" size="14" />Explore</a>`}
                ${explore && item('bell', 'New alert', () => { close(); import('../alerts/from-panel.js').then((module) => navigate(module.newRuleHref(panel, title, scope, sources) ?? '/alerts?view=edit')); })}
                ${scope.annotate && panel.type === 'timeseries' && item('pencil', 'Annotations', () => { close(); scope.annotate?.({ panel }); })}
                ${links.map((/** @type {any} */ link) => html`<a class="menu-item" role="menuitem" href=${link.href} target=${link.blank ? '_blank' : undefined} rel="noreferrer">
                    <${Icon} name="link" size="14" />${link.title}</a>`)}`;
        }}
    </${Menu}>`;
}

/**
 * Where to look closer at a panel's first query.
 * @param {Panel} panel
 * @param {Scope} scope
 * @param {import('../types/model').DataSource[]} sources
 */
function exploreLink(panel, scope, sources) {
    const target = (panel.targets ?? []).find((one) => !one.hide && (one.expr || one.query));
    if (!target) return undefined;
    let source;
    try {
        source = findSource(sources, target.datasource ?? panel.datasource, (text) => interpolate(text, scope));
    } catch {
        return undefined;
    }
    const page = { prometheus: 'metrics', loki: 'logs', tempo: 'traces' }[kindOf(source.type)];
    if (!page) return undefined;
    const expr = interpolate(String(target.expr ?? target.query ?? ''), { ...scope, rateIntervalMs: 60_000, intervalMs: 15_000 }, 'promql');
    return withParams(`/explore/${page}`, { ds: source.uid, expr, from: scope.range.raw.from, to: scope.range.raw.to });
}
