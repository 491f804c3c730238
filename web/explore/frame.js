// What the three explore pages share: the choice of a data source and the head of the page.

import { html, useContext } from '../vendor/preact.js';
import { PageHead } from '../pages/shell.js';
import { dataSources, kindOf } from '../data/sources.js';
import { currentLocation, navigate, setParams, withParams } from '../router.js';
import { TimeControls } from '../time/picker.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { PaneContext } from './pane.js';

/** @typedef {import('../types/model').DataSource} DataSource */

/**
 * The data source of the address, or the first of its kind.
 * @param {string} kind
 * @param {URLSearchParams} params
 * @returns {{source: DataSource | undefined, choices: DataSource[], all: DataSource[], error: string | undefined, loading: boolean}}
 */
export function useSource(kind, params) {
    const { value, error, loading } = useLoad(() => dataSources(), []);
    const choices = (value ?? []).filter((one) => kindOf(one.type) === kind);
    const source = choices.find((one) => one.uid === params.get('ds')) ?? choices.find((one) => one.isDefault) ?? choices[0];
    return { source, choices, all: value ?? [], error, loading };
}

/**
 * Which of several sources is asked.
 * @param {{sources: ReturnType<typeof useSource>}} properties
 */
export function SourceChoice({ sources }) {
    const { source, choices } = sources;
    return choices.length > 1 && html`<select class="select" aria-label="Data source" value=${source?.uid} onChange=${(/** @type {any} */ event) => setParams({ ds: event.target.value })}>
        ${choices.map((one) => html`<option value=${one.uid}>${one.name}</option>`)}</select>`;
}

const pages = [['metrics', 'Metrics'], ['logs', 'Logs'], ['traces', 'Traces']];

/**
 * @param {{page: string, params: URLSearchParams, sources: ReturnType<typeof useSource>, time: any, loading: boolean, children: any}} properties
 */
export function ExploreFrame({ page, params, sources, time, loading, children }) {
    const { source, error } = sources;
    const keep = { from: params.get('from') ?? undefined, to: params.get('to') ?? undefined };
    const pane = useContext(PaneContext);
    return html`<${PageHead} title=${pane ? html`<span class="split-title">${pane.side === 'left' ? 'Left' : 'Right'}</span>` : 'Explore'}>
            <div class="tabs" role="tablist">${pages.map(([name, title]) => html`<a role="tab" aria-selected=${name === page ? 'true' : 'false'} class="tab"
                href=${withParams(`/explore/${name}`, keep)}
                onClick=${(/** @type {Event} */ event) => { event.preventDefault(); navigate(withParams(`/explore/${name}`, keep)); }}>${title}</a>`)}</div>
            <${SourceChoice} sources=${sources} />
            <${TimeControls} ...${time} loading=${loading} />
            ${pane ? html`<button class="button icon" aria-pressed=${pane.synced ? 'true' : 'false'} aria-label="Same times on both sides" title="Same times on both sides" onClick=${pane.onSync}><${Icon} name="link" size="15" /></button>
                <button class="button icon" aria-label="Close this side" title="Close this side" onClick=${pane.onClose}><${Icon} name="close" size="15" /></button>`
            : html`<button class="button icon" aria-label="Split the view" title="A second query beside this one" onClick=${() => setParams({ split: currentLocation().href })}><${Icon} name="split" size="15" /></button>`}
        </${PageHead}>
        <div class="page-body explore">
            ${error && html`<${Message}>${error}</${Message}>`}
            ${!error && !sources.loading && !source && html`<${Empty} title="No data source for ${page}">Start martlet-dashboards with --datasource.${page} URL.</${Empty}>`}
            ${source && children}
        </div>`;
}
