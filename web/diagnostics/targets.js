// What is scraped: which targets answer, when each did last, and what is wrong with the others.

import { html, useMemo } from '../vendor/preact.js';
import { proxied, request } from '../api.js';
import { setParams, withParams } from '../router.js';
import { Waiting, shown } from '../services/words.js';
import { dateTime, fromNow } from '../time/format.js';
import { Grid } from '../ui/grid.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';

/** @typedef {{job: string, instance: string, up: boolean, known: boolean, lastMs: number | null, seconds: number, error: string, url: string}} Target `known`: it was scraped at least once */

/** @param {import('./page.js').Context} context */
export function Targets({ uid, params, range }) {
    const found = useLoad((signal) => request(proxied(uid, '/api/v1/targets', { state: 'active' }), { signal }).then(targetsOf), [uid, range]);
    const onlyDown = params.get('show') === 'down';
    const filter = (params.get('q') ?? '').toLowerCase();
    const rows = useMemo(() => (found.value ?? []).filter((target) => (!onlyDown || !target.up) && `${target.job} ${target.instance} ${target.error}`.toLowerCase().includes(filter)), [found.value, onlyDown, filter]);
    const columns = useMemo(() => columnsFor(uid, range), [uid, range.raw.from, range.raw.to]);
    const down = (found.value ?? []).filter((target) => !target.up).length;
    const set = (/** @type {Record<string, string | null>} */ patch) => setParams(patch, { replace: true });
    return html`<${Waiting} load=${found} />${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && !found.error && (found.value.length === 0 ? html`<section class="explore-card"><${Empty} title="Nothing is scraped">Name targets under scrape_configs in prometheus.yml, then reload martlet-metrics.</${Empty}></section>`
            : html`<div class="service-choices"><input class="input" type="search" aria-label="Filter targets" placeholder="Filter by job, instance or error" value=${params.get('q') ?? ''} onInput=${(/** @type {any} */ event) => set({ q: event.target.value || null })} />
                <label class="check"><input type="checkbox" checked=${onlyDown} onChange=${(/** @type {any} */ event) => set({ show: event.target.checked ? 'down' : null })} />Only those that are down (${down})</label></div>
            <section class="explore-card"><header><h2>Targets</h2><span class="muted">${rows.length === found.value.length ? rows.length : `${rows.length} of ${found.value.length}`}</span></header>
                ${rows.length === 0 ? html`<${Empty} title=${onlyDown && filter === '' ? 'All targets answer' : 'No target matches'} />`
                    : html`<${Grid} label="Targets" rows=${rows} columns=${columns} sort=${params.get('sort') ?? 'up'} height="calc(100vh - 220px)" onSort=${(/** @type {string} */ next) => set({ sort: next === 'up' ? null : next })} />`}</section>`)}`;
}

/** @param {any} body answer of `/api/v1/targets` @returns {Target[]} */
export function targetsOf(body) {
    const active = body?.data?.activeTargets;
    if (!Array.isArray(active)) throw new Error('The data source answers something else than a list of targets.');
    return active.map((target) => {
        const last = Date.parse(target.lastScrape ?? '');
        return {
            job: String(target.labels?.job ?? target.scrapePool ?? ''), instance: String(target.labels?.instance ?? ''), up: target.health === 'up', known: target.health === 'up' || target.health === 'down',
            // Never scraped is the year 1.
            lastMs: last > 0 ? last : null, seconds: Number(target.lastScrapeDuration ?? 0), error: String(target.lastError ?? ''), url: String(target.scrapeUrl ?? ''),
        };
    });
}

/** @param {string} uid @param {import('../types/model').TimeRange} range @returns {import('../ui/grid.js').Column<Target>[]} */
function columnsFor(uid, range) {
    const explore = (/** @type {Target} */ { job, instance }) => withParams('/explore/metrics', { ds: uid, from: range.raw.from, to: range.raw.to, expr: `up{job=${JSON.stringify(job)}, instance=${JSON.stringify(instance)}}` });
    const state = (/** @type {Target} */ { up, known }) => (up ? 'up' : known ? 'down' : 'not yet');
    return [
        { id: 'up', title: 'State', width: 'minmax(80px, 0.5fr)', value: (target) => (target.up ? 2 : target.known ? 0 : 1), cell: (target) => html`<span class="dot ${target.up ? 'good' : target.known ? 'bad' : ''}"></span><span class="thing-name">${state(target)}</span>` },
        { id: 'job', title: 'Job', width: 'minmax(100px, 1fr)', value: (target) => target.job },
        { id: 'instance', title: 'Instance', width: 'minmax(120px, 1.3fr)', value: (target) => target.instance, cell: (target) => html`<a class="thing-name" href=${explore(target)} title=${target.url}>${target.instance}</a>` },
        { id: 'last', title: 'Last scrape', width: 'minmax(100px, 0.8fr)', wide: true, value: (target) => target.lastMs, cell: (target) => (target.lastMs === null ? 'never' : html`<span title=${dateTime(target.lastMs)}>${fromNow(target.lastMs)}</span>`) },
        { id: 'seconds', title: 'Took', width: 'minmax(70px, 0.5fr)', end: true, wide: true, value: (target) => target.seconds, cell: (target) => shown(target.seconds, 's') },
        { id: 'error', title: 'Error', width: 'minmax(120px, 2fr)', value: (target) => target.error, cell: (target) => html`<span class="bad-text" title=${target.error}>${target.error}</span>` },
    ];
}
