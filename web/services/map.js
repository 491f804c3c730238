// The map: services as circles, calls as arrows, in the colours of their health. Of very many only the busiest are drawn, or what is near to one.

import { html, useMemo } from '../vendor/preact.js';
import { CardTools } from '../explore/card-tools.js';
import { NodeGraphPanel } from '../panels/node-graph.js';
import { setParams, withParams } from '../router.js';
import { Grid } from '../ui/grid.js';
import { useLoad, useSize } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { callColumns, callsFrame } from './call-table.js';
import { busiest, callsFor, connectionText, nearest, neighbourhood, traffic } from './calls.js';
import { NoServices } from './list.js';
import { serviceCounts } from './red.js';
import { Waiting, healthOf, shown, shownRate } from './words.js';

/** @typedef {import('./calls.js').Call} Call */
/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */

/** More circles than these tell nothing on a screen. */
const most = 120;
const depths = [1, 2, 3];

/** @param {import('./page.js').Context} context */
export function ServiceMap({ uid, params, range, all, keep }) {
    const [boxRef, size] = useSize();
    const found = useLoad((signal) => callsFor({ uid, range, signal }), [uid, range], uid !== '');
    const services = useLoad((signal) => serviceCounts({ uid, range, signal }), [uid, range], uid !== '');
    const focus = params.get('focus') ?? '';
    const depth = depths.find((one) => String(one) === params.get('depth')) ?? 1;
    const picture = useMemo(() => found.value && services.value && pictureOf({ calls: found.value.calls, services: services.value, focus, depth }), [found.value, services.value, focus, depth]);
    const data = useMemo(() => picture && { frames: framesOf(picture) }, [picture]);
    const hrefOf = (/** @type {string} */ name) => (services.value?.has(name) ? withParams(`/services/${encodeURIComponent(name)}`, keep) : withParams('/services', { ...keep, view: 'map', focus: name }));
    const columns = useMemo(() => callColumns({ sides: ['client', 'server'], keep, known: (name) => services.value?.has(name) ?? false }), [JSON.stringify(keep), services.value]);
    const names = useMemo(() => picture?.names ?? [], [picture]);
    const submit = (/** @type {any} */ event) => {
        event.preventDefault();
        const wanted = String(new FormData(event.target).get('focus') ?? '').trim();
        const name = names.find((one) => one === wanted) ?? names.find((one) => one.toLowerCase().includes(wanted.toLowerCase()));
        setParams({ focus: wanted === '' ? null : name ?? wanted });
    };
    const sort = params.get('sort') ?? '-rate';
    const error = found.error ?? services.error;
    return html`<${Waiting} load=${found} />${error && html`<${Message}>${error}</${Message}>`}
        ${found.value?.notice && html`<${Message} tone="warn">${found.value.notice}</${Message}>`}
        ${picture && names.length === 0 && html`<${NoServices} others=${0} all=${all} range=${range} />`}
        ${picture && names.length > 0 && html`<form class="service-choices" onSubmit=${submit} role="search">
            <input class="input" name="focus" list="map-names" type="search" key=${focus} defaultValue=${focus} aria-label="Service to look around" placeholder="Look around a service" />
            <datalist id="map-names">${names.map((name) => html`<option value=${name}></option>`)}</datalist>
            <button class="button" type="submit"><${Icon} name="search" size="14" />Focus</button>
            ${focus && html`<div class="joined" role="group" aria-label="How many calls away">${depths.map((one) => html`<button type="button" class="button" aria-pressed=${one === depth ? 'true' : 'false'} title="At most ${one} ${one === 1 ? 'call' : 'calls'} away"
                onClick=${() => setParams({ depth: one === 1 ? null : String(one) }, { replace: true })}>${one}</button>`)}</div>
                <button type="button" class="button quiet" onClick=${() => setParams({ focus: null, depth: null })}>Whole map</button>`}
            <span class="muted" role="status">${noteOf(picture, focus)}</span>
        </form>
        ${picture.shown.size === 0 ? html`<section class="explore-card"><${Empty} title="There is no service “${focus}” in this time range" /></section>`
            : html`<section class="explore-card service-map" ref=${boxRef} aria-label="Service map">${size.width > 0 && html`<${NodeGraphPanel} data=${data} hrefOf=${hrefOf} size=${{ width: size.width - 28, height: Math.max(360, size.height - 24) }} />`}</section>`}
        ${picture.calls.length > 0 && html`<section class="explore-card"><header><h2>Calls</h2><span class="muted">${picture.calls.length}</span><${CardTools} title="calls" frames=${() => [callsFrame(picture.calls)]} /></header>
            <${Grid} label="Calls" rows=${picture.calls} columns=${columns} sort=${sort} onSort=${(/** @type {string} */ next) => setParams({ sort: next === '-rate' ? null : next }, { replace: true })} /></section>`}`}`;
}

/** @typedef {{names: string[], shown: Set<string>, calls: Call[], services: Map<string, {rate: number, errors: number}>, near: number}} Picture `calls`: those between what is in question, drawn or not */

/**
 * @param {{calls: Call[], services: Map<string, {rate: number, errors: number}>, focus: string, depth: number}} wanted
 * @returns {Picture}
 */
export function pictureOf({ calls, services, focus, depth }) {
    const rates = traffic(calls);
    for (const [name, { rate }] of services) rates.set(name, Math.max(rate, rates.get(name) ?? 0));
    const names = [...rates.keys()].sort((a, b) => a.localeCompare(b));
    if (!focus) return { names, shown: busiest(calls, rates, most), calls, services, near: names.length };
    const near = rates.has(focus) ? neighbourhood(calls, focus, depth) : new Map();
    return { names, shown: nearest(near, rates, most), calls: calls.filter(({ client, server }) => near.has(client) && near.has(server)), services, near: near.size };
}

/** @param {Picture} picture @param {string} focus */
function noteOf({ names, shown: drawn, near }, focus) {
    if (drawn.size < near) return `${focus ? `The nearest ${drawn.size} of ${near}.` : `The busiest ${drawn.size} of ${near} services; look around one to see what is near to it.`}`;
    return focus ? `${near} of ${names.length}` : `${names.length} services`;
}

/** @type {Record<string, string>} */
const colors = { good: 'green', warn: 'yellow', bad: 'red', '': 'blue' };

/**
 * As a node graph reads them.
 * @param {Picture} picture @returns {Frame[]}
 */
export function framesOf({ shown: drawn, calls, services }) {
    const column = (/** @type {string} */ name, /** @type {'string' | 'number'} */ type, /** @type {any[]} */ values, config = {}) => /** @type {Field} */ ({ name, type, values, config });
    const names = [...drawn];
    const inside = calls.filter(({ client, server }) => drawn.has(client) && drawn.has(server));
    const strongest = Math.max(1e-9, ...inside.map(({ rate }) => rate));
    const about = names.map((name) => {
        const own = services.get(name);
        const asked = calls.filter((call) => call.server === name);
        const rate = own?.rate ?? asked.reduce((sum, call) => sum + call.rate, 0);
        const errors = own?.errors ?? asked.reduce((sum, call) => sum + call.rate * call.failedShare, 0);
        return { kind: own ? '' : connectionText(asked[0]?.connection ?? '') || 'outside', rate, share: rate > 0 ? errors / rate : 0, p95: Math.max(-1, ...asked.map((call) => call.p95 ?? -1)) };
    });
    return [{
        refId: 'nodes', name: 'nodes', rows: names.length, fields: [
            column('id', 'string', names), column('title', 'string', names), column('subtitle', 'string', about.map(({ kind }) => kind || null)),
            column('mainstat', 'string', about.map(({ rate }) => (rate > 0 ? shownRate(rate) : null))), column('secondarystat', 'string', about.map(({ p95 }) => (p95 < 0 ? null : shown(p95, 's')))),
            column('arc__failed', 'number', about.map(({ share }) => share), { color: { mode: 'fixed', fixedColor: 'red' } }),
            column('arc__success', 'number', about.map(({ rate, share }) => (rate > 0 ? 1 - share : 0)), { color: { mode: 'fixed', fixedColor: 'green' } }),
        ],
    }, {
        refId: 'edges', name: 'edges', rows: inside.length, fields: [
            column('id', 'string', inside.map((_, index) => String(index))), column('source', 'string', inside.map(({ client }) => client)), column('target', 'string', inside.map(({ server }) => server)),
            column('mainstat', 'string', inside.map(({ rate }) => shownRate(rate))),
            column('secondarystat', 'string', inside.map(({ failedShare, p95 }) => [failedShare > 0 ? `${shown(failedShare, 'percentunit')} failed` : '', p95 === null ? '' : `P95 ${shown(p95, 's')}`].filter(Boolean).join(', ') || null)),
            column('thickness', 'number', inside.map(({ rate }) => 1.2 + 3 * Math.sqrt(rate / strongest))),
            column('color', 'string', inside.map(({ failedShare }) => (healthOf(failedShare) === 'good' ? '' : colors[healthOf(failedShare)]))),
        ],
    }];
}
