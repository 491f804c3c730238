// Alerts: what fires now, in the groups that people are told of, and silences.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import * as alertmanager from '../data/alertmanager.js';
import { useSource } from '../explore/frame.js';
import { PageHead } from '../pages/shell.js';
import { setParams, withParams } from '../router.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { AlertGroup } from './group.js';
import { SilenceForm } from './silence-form.js';
import { SilenceList } from './silence-list.js';

/** Time between two looks, while the page is seen. */
const refreshMs = 15_000;

/** @param {{params: URLSearchParams, user: any}} properties */
export default function AlertsPage({ params, user }) {
    const sources = useSource('alertmanager', params);
    const uid = sources.source?.uid ?? '';
    const [tick, setTick] = useState(0);
    const reload = () => setTick((count) => count + 1);
    useEffect(() => {
        const timer = setInterval(() => {
            if (!document.hidden) reload();
        }, refreshMs);
        return () => clearInterval(timer);
    }, []);
    const view = params.get('view') === 'silences' ? 'silences' : 'alerts';
    const filter = params.get('filter') ?? '';
    const [matchers, wrong] = useMemo(() => parsed(filter), [filter]);
    const keep = { ds: params.get('ds') ?? undefined, filter: filter || undefined };
    const context = { uid, params, matchers, tick, reload, user };
    return html`<${PageHead} title="Alerts">
            <div class="tabs" role="tablist">${[['alerts', 'Alerts'], ['silences', 'Silences']].map(([name, title]) => html`<a role="tab" class="tab"
                aria-selected=${name === view ? 'true' : 'false'} href=${withParams('/alerts', { ...keep, view: name === 'silences' ? name : undefined })}>${title}</a>`)}</div>
            ${sources.choices.length > 1 && html`<select class="select" aria-label="Data source" value=${uid} onChange=${(/** @type {any} */ event) => setParams({ ds: event.target.value })}>
                ${sources.choices.map((one) => html`<option value=${one.uid}>${one.name}</option>`)}</select>`}
            <button class="button icon" title="Load again" onClick=${reload}><${Icon} name="refresh" size="15" /></button>
        </${PageHead}>
        <div class="page-body explore">
            ${sources.error && html`<${Message}>${sources.error}</${Message}>`}
            ${!sources.error && !sources.loading && !uid && html`<${Empty} title="No data source for alerts">Start martlet-dashboards with --datasource.alerts URL.</${Empty}>`}
            ${uid && html`<${FilterBar} key=${view} view=${view} params=${params} uid=${uid} filter=${filter} />
                ${wrong && html`<${Message}>${wrong}</${Message}>`}
                ${!wrong && (view === 'alerts' ? html`<${Alerts} ...${context} />` : html`<${Silences} ...${context} />`)}`}
        </div>`;
}

/** @param {string} text @returns {[alertmanager.Matcher[], string]} */
function parsed(text) {
    try {
        return [alertmanager.parseMatchers(text), ''];
    } catch (error) {
        return [[], messageOf(error)];
    }
}

/** @param {{view: string, params: URLSearchParams, uid: string, filter: string}} properties */
function FilterBar({ view, params, uid, filter }) {
    const names = useLoad((signal) => alertmanager.receivers(uid, signal).catch(() => []), [uid], view === 'alerts');
    const submit = (/** @type {any} */ event) => {
        event.preventDefault();
        setParams({ filter: String(new FormData(event.target).get('filter') ?? '').trim() || null });
    };
    const check = (/** @type {string} */ name, /** @type {string} */ title) => html`<label class="check"><input type="checkbox" checked=${params.get(name) === 'yes'}
        onChange=${(/** @type {any} */ event) => setParams({ [name]: event.target.checked ? 'yes' : null }, { replace: true })} />${title}</label>`;
    return html`<form class="alert-filter" onSubmit=${submit}>
        <input class="input mono" type="search" name="filter" value=${filter} aria-label="Filter by labels" placeholder='severity="page", instance=~"web.*"' spellcheck="false" />
        <button class="button" type="submit"><${Icon} name="search" size="14" />Filter</button>
        ${view === 'alerts' && html`<select class="select" aria-label="Receiver" value=${params.get('receiver') ?? ''} onChange=${(/** @type {any} */ event) => setParams({ receiver: event.target.value || null })}>
                <option value="">All receivers</option>${(names.value ?? []).map((one) => html`<option value=${one}>${one}</option>`)}</select>
            ${check('silenced', 'Silenced')}${check('inhibited', 'Inhibited')}`}
        ${view === 'silences' && html`${check('expired', 'Expired')}
            <button class="button primary" type="button" onClick=${() => setParams({ new: filter || '{}' })}>New silence</button>`}
    </form>`;
}

/** @typedef {{uid: string, params: URLSearchParams, matchers: alertmanager.Matcher[], tick: number, reload: () => void, user: any}} Context */

/** @param {Context} context */
function Alerts({ uid, params, matchers, tick }) {
    const silenced = params.get('silenced') === 'yes';
    const inhibited = params.get('inhibited') === 'yes';
    const receiver = params.get('receiver') ?? '';
    const found = useLoad((signal) => alertmanager.alertGroups(uid, { matchers, receiver }, signal), [uid, matchers, receiver, tick]);
    const { groups, hidden } = useMemo(() => alertmanager.shownAlerts(found.value ?? [], { silenced, inhibited }), [found.value, silenced, inhibited]);
    const filtered = matchers.length > 0 || receiver !== '';
    return html`${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && !found.error && groups.length === 0 && html`<section class="explore-card"><${Empty} title=${hidden > 0 ? 'No other alerts' : 'No alerts'}>
            ${filtered ? 'None matches the filter.' : hidden > 0 ? 'All that fire are silenced or inhibited.' : 'Nothing fires. Prometheus and anything else that speaks Alertmanager’s API sends alerts to martlet-alerts.'}</${Empty}></section>`}
        ${groups.map((group) => html`<${AlertGroup} key=${`${group.receiver.name} ${JSON.stringify(group.labels)}`} group=${group} />`)}
        ${!found.error && hidden > 0 && html`<p class="muted">${hidden === 1 ? '1 alert is' : `${hidden} alerts are`} silenced or inhibited and not shown.
            <button class="button small" type="button" onClick=${() => setParams({ silenced: 'yes', inhibited: 'yes' })}>Show</button></p>`}`;
}

/** @param {Context} context */
function Silences({ uid, params, matchers, tick, reload, user }) {
    const found = useLoad((signal) => alertmanager.silences(uid, matchers, signal), [uid, matchers, tick]);
    const asked = params.get('new');
    const shown = (found.value ?? []).filter((silence) => params.get('expired') === 'yes' || silence.status.state !== 'expired');
    const close = () => setParams({ new: null }, { replace: true });
    return html`${asked !== null && html`<${SilenceForm} key=${asked} uid=${uid} matchers=${asked === '{}' ? '' : asked} creator=${user?.login ?? ''} onClose=${close} onDone=${() => { close(); reload(); }} />`}
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && !found.error && html`<${SilenceList} uid=${uid} silences=${shown} onChange=${reload} />`}`;
}
