// Alerts: what fires, what has fired, the rules that make it so, silences, and who was told. Each view loads its code when it is opened.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { mayEdit } from '../dashboard/page.js';
import { parseMatchers } from '../data/alertmanager.js';
import { SourceChoice, useSource } from '../explore/frame.js';
import { PageHead } from '../pages/shell.js';
import { withParams } from '../router.js';
import { TimeControls, useTimeRange } from '../time/picker.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';

/** Time between two looks, while the page is seen. */
const refreshMs = 15_000;

/** @type {Record<string, () => Promise<any>>} */
const views = {
    alerts: () => import('./alerts-view.js'), history: () => import('./history-view.js'), rules: () => import('./rules-view.js'), silences: () => import('./silences-view.js'),
    notifications: () => import('./notifications-view.js'), rule: () => import('./rule-view.js'), edit: () => import('./rule-editor.js'),
};
const tabs = [['alerts', 'Alerts'], ['history', 'History'], ['rules', 'Rules'], ['silences', 'Silences'], ['notifications', 'Notifications']];
/** What stays of the address from one view to the next. */
const kept = ['ds', 'filter', 'from', 'to'];

/**
 * What every view is told. `uid` is the Alertmanager that was chosen, empty where there is none; `tick` counts the looks; `mayEdit` is false for those who only read.
 * @typedef {{params: URLSearchParams, uid: string, sources: import('../types/model').DataSource[], filter: string, matchers: import('../data/alertmanager.js').Matcher[], tick: number,
 *   reload: () => void, user: any, mayEdit: boolean, range: import('../types/model').TimeRange}} Context
 */

/** @param {{params: URLSearchParams, user: any}} properties */
export default function AlertsPage({ params, user }) {
    const sources = useSource('alertmanager', params);
    const uid = sources.source?.uid ?? '';
    const [tick, setTick] = useState(0);
    const reload = () => setTick((count) => count + 1);
    const asked = params.get('view') ?? '';
    const view = Object.hasOwn(views, asked) ? asked : 'alerts';
    useEffect(() => {
        const timer = setInterval(() => {
            // A form is not moved under the hands of its writer.
            if (!document.hidden && view !== 'edit') reload();
        }, refreshMs);
        return () => clearInterval(timer);
    }, [view]);
    const overTime = view === 'history' || view === 'rule';
    const time = useTimeRange(params, { from: view === 'rule' ? 'now-6h' : 'now-24h', to: 'now' }, overTime ? '30s' : '');
    const filter = params.get('filter') ?? '';
    const [matchers, wrong] = useMemo(() => parsed(filter), [filter]);
    const View = useView(view);
    const needsRouter = view === 'alerts' || view === 'silences' || view === 'notifications';
    const keep = Object.fromEntries(kept.map((name) => [name, params.get(name) ?? undefined]));
    const shownTab = view === 'rule' || view === 'edit' ? 'rules' : view;
    const context = { params, uid, sources: sources.all, filter, matchers, tick, reload, user, mayEdit: mayEdit(user), range: time.range };
    return html`<${PageHead} title="Alerts">
            <div class="tabs" role="tablist">${tabs.map(([name, title]) => html`<a role="tab" class="tab"
                aria-selected=${name === shownTab ? 'true' : 'false'} href=${withParams('/alerts', { ...keep, view: name === 'alerts' ? undefined : name })}>${title}</a>`)}</div>
            ${needsRouter && html`<${SourceChoice} sources=${sources} />`}
            ${overTime ? html`<${TimeControls} ...${time} />`
                : view !== 'edit' && html`<button class="button icon" title="Load again" aria-label="Load again" data-key="d r" data-name="Load again" onClick=${reload}><${Icon} name="refresh" size="15" /></button>`}
        </${PageHead}>
        <div class="page-body explore alerts-page">
            ${sources.error && html`<${Message}>${sources.error}</${Message}>`}
            ${needsRouter && !sources.error && !sources.loading && !uid && html`<${Empty} title="No data source for alerts">Start martlet-dashboards with --datasource.alerts URL.</${Empty}>`}
            ${wrong && html`<${Message}>${wrong}</${Message}>`}
            ${View.failed && html`<${Message}>This view could not be loaded; is the server running?</${Message}>`}
            ${View.Shown && !sources.loading && (uid || !needsRouter) && html`<${View.Shown} key=${view} ...${context} wrong=${wrong} />`}
        </div>`;
}

/** @param {string} name @returns {{Shown: any, failed: boolean}} nothing to show until it is there */
function useView(name) {
    const [state, setState] = useState({ name: '', Shown: /** @type {any} */ (null), failed: false });
    useEffect(() => {
        let wanted = true;
        views[name]().then((module) => { if (wanted) setState({ name, Shown: module.default, failed: false }); }, () => { if (wanted) setState({ name, Shown: null, failed: true }); });
        return () => { wanted = false; };
    }, [name]);
    return state.name === name ? state : { Shown: null, failed: false };
}

/** @param {string} text @returns {[import('../data/alertmanager.js').Matcher[], string]} */
function parsed(text) {
    try {
        return [parseMatchers(text), ''];
    } catch (error) {
        return [[], messageOf(error)];
    }
}
