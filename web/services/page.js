// Services: their list, their map, what they throw; and one of them, which the path names.

import { html, useEffect, useState } from '../vendor/preact.js';
import { SourceChoice, useSource } from '../explore/frame.js';
import { PageHead } from '../pages/shell.js';
import { currentLocation, setParams, withParams } from '../router.js';
import { TimeControls, useTimeRange } from '../time/picker.js';
import { parseDuration } from '../time/range.js';
import { Empty, Message } from '../ui/messages.js';
import { intervalOf, kindOfParam } from './red.js';

/**
 * `keep`: what links to other pages of services take along; `threshold`: of the Apdex, seconds; `intervalMs`: between two samples.
 * @typedef {{uid: string, params: URLSearchParams, range: import('../types/model').TimeRange, all: import('../types/model').DataSource[],
 *   kind: import('./red.js').Kind, threshold: number, intervalMs: number, keep: Record<string, string | undefined>}} Context
 */

/**
 * Views by their name in the address: title, code, and which of the choices at the top they heed.
 * @type {Record<string, {title: string, load: () => Promise<any>, choices: string[]}>}
 */
const views = {
    list: { title: 'List', load: () => import('./list.js').then((module) => module.ServiceList), choices: ['filter', 'kind', 'apdex'] },
    map: { title: 'Map', load: () => import('./map.js').then((module) => module.ServiceMap), choices: [] },
    exceptions: { title: 'Exceptions', load: () => import('./exceptions.js').then((module) => module.Exceptions), choices: ['filter'] },
};

/** @type {typeof views} */
const viewsOfOne = {
    overview: { title: 'Overview', load: () => import('./overview.js').then((module) => module.Overview), choices: ['kind', 'apdex'] },
    calls: { title: 'Dependencies', load: () => import('./dependencies.js').then((module) => module.Dependencies), choices: [] },
    exceptions: { title: 'Exceptions', load: () => import('./exceptions.js').then((module) => module.Exceptions), choices: [] },
    logs: { title: 'Logs', load: () => import('./service-logs.js').then((module) => module.ServiceLogs), choices: [] },
    instances: { title: 'Instances', load: () => import('./instances.js').then((module) => module.Instances), choices: [] },
};

/** @param {{params: URLSearchParams}} properties */
export default function ServicesPage({ params }) {
    const { path } = currentLocation();
    const service = decoded(path.split('/')[2] ?? '');
    const sources = useSource('prometheus', params);
    const time = useTimeRange(params, { from: 'now-1h', to: 'now' });
    const choices = service ? viewsOfOne : views;
    const name = params.get('view') ?? '';
    const view = choices[name] ? name : Object.keys(choices)[0];
    const [View, failed] = useView(choices[view].load, view);
    const threshold = (parseDuration(params.get('apdex')) || 500) / 1000;
    const keep = Object.fromEntries(['from', 'to', 'ds', 'kind', 'apdex', 'refresh'].map((key) => [key, params.get(key) ?? undefined]));
    const uid = sources.source?.uid ?? '';
    const context = { uid, params, range: time.range, all: sources.all, kind: kindOfParam(params.get('kind')), threshold, intervalMs: intervalOf(sources.source), keep, service };
    const heeded = choices[view].choices;
    return html`<${PageHead} title=${service || 'Services'}>
            ${service && html`<a class="button small" href=${withParams('/services', keep)}>All services</a>`}
            <div class="tabs" role="tablist" aria-label="Views">${Object.entries(choices).map(([id, { title }], index) => html`<a role="tab" class="tab" key=${id} aria-selected=${id === view ? 'true' : 'false'}
                href=${withParams(path, { ...keep, view: index === 0 ? undefined : id })}>${title}</a>`)}</div>
            <${SourceChoice} sources=${sources} />
            <${TimeControls} ...${time} loading=${false} />
        </${PageHead}>
        <div class="page-body explore">
            ${sources.error && html`<${Message}>${sources.error}</${Message}>`}
            ${!sources.error && !sources.loading && !uid && html`<${Empty} title="No data source for metrics">Start martlet-dashboards with --datasource.metrics URL.</${Empty}>`}
            ${uid && heeded.length > 0 && html`<${Choices} params=${params} heeded=${heeded} context=${context} />`}
            ${failed && html`<${Message}>${failed}</${Message}>`}
            ${uid && View && html`<${View} key=${view} ...${context} />`}
        </div>`;
}

/** @param {string} segment */
function decoded(segment) {
    try {
        return decodeURIComponent(segment);
    } catch {
        return segment;
    }
}

/** @param {() => Promise<any>} load @param {string} view @returns {[any, string]} the component once it is there, or why it is not */
function useView(load, view) {
    const [state, setState] = useState({ view: '', loaded: /** @type {any} */ (null), failed: '' });
    useEffect(() => {
        let open = true;
        load().then((loaded) => { if (open) setState({ view, loaded, failed: '' }); }, () => { if (open) setState({ view, loaded: null, failed: 'This page could not be loaded; is the server running?' }); });
        return () => { open = false; };
    }, [view, load]);
    return state.view === view ? [state.loaded, state.failed] : [null, ''];
}

/** @param {{params: URLSearchParams, heeded: string[], context: Context}} properties */
function Choices({ params, heeded, context }) {
    const [wrong, setWrong] = useState(false);
    const set = (/** @type {string} */ name, /** @type {string | null} */ value) => setParams({ [name]: value }, { replace: true });
    const onApdex = (/** @type {any} */ event) => {
        const text = event.target.value.trim();
        const ms = parseDuration(text);
        setWrong(text !== '' && !(ms > 0));
        if (text === '' || ms > 0) set('apdex', text || null);
    };
    return html`<div class="service-choices">
        ${heeded.includes('filter') && html`<input class="input" type="search" aria-label="Filter by name" placeholder="Filter by name" value=${params.get('q') ?? ''} onInput=${(/** @type {any} */ event) => set('q', event.target.value || null)} />`}
        ${heeded.includes('kind') && html`<select class="select" aria-label="Which spans count" title="Which spans count" value=${context.kind} onChange=${(/** @type {any} */ event) => set('kind', event.target.value === 'incoming' ? null : event.target.value)}>
            <option value="incoming">Requests they answer</option><option value="outgoing">Requests they make</option><option value="all">All spans</option></select>`}
        ${heeded.includes('apdex') && html`<label class="inline-field">Apdex threshold<input class="input" size="6" key=${params.get('apdex')} defaultValue=${params.get('apdex') ?? '500ms'} aria-invalid=${wrong ? 'true' : undefined} title="such as 300ms or 2s" onChange=${onApdex} /></label>
            ${wrong && html`<span class="choice-wrong" role="alert">a duration such as 300ms or 2s</span>`}`}
    </div>`;
}
