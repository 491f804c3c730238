// A dashboard: its variables, its time range and its panels.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { request } from '../api.js';
import { dataSources } from '../data/sources.js';
import { setParams } from '../router.js';
import { TimeControls, useTimeRange } from '../time/picker.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { useLoad, useModule } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { PageHead } from '../pages/shell.js';
import { Activity } from './activity.js';
import { isShown, runnable } from './annotations.js';
import { loadDrawings } from './drawings.js';
import { placePanels } from './layout.js';
import { PanelCard } from './panel.js';
import { RowHeader } from './row.js';
import { upgradeDashboard } from './upgrade.js';
import { loadOldTypes } from './upgrade-panel.js';
import { VariableBar } from './variable-bar.js';
import { resolveVariables } from './variables.js';

/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('../types/model').Panel} Panel */

/** @type {import('./annotations.js').Annotation[]} */
const none = [];

/**
 * What was asked for before the page was there.
 * @type {{uid: string, found: Promise<any>} | undefined}
 */
let begun;

/**
 * Asks for the board of an address at once, while it is not known yet who is signed in.
 * @param {string} path
 */
export function beginBoard(path) {
    const uid = /^\/d\/([\w-]+)/.exec(path)?.[1];
    if (!uid) return;
    begun = { uid, found: askFor(uid) };
    begun.found.catch(() => {});
}

/** @param {string} uid @param {AbortSignal} [signal] */
function askFor(uid, signal) {
    return Promise.all([request(`/api/dashboards/uid/${encodeURIComponent(uid)}`, { signal }), dataSources()]);
}

/** @param {{uid: string, params: URLSearchParams, user: any}} properties */
export function DashboardPage({ uid, params, user }) {
    const [saves, setSaves] = useState(0);
    const loaded = useLoad(async (signal) => {
        const early = begun?.uid === uid ? begun.found : undefined;
        begun = undefined;
        const [answer, sources] = await (early?.catch(() => askFor(uid, signal)) ?? askFor(uid, signal));
        await loadOldTypes(answer.dashboard);
        const dashboard = upgradeDashboard(answer.dashboard);
        loadDrawings(dashboard.panels.filter((panel) => panel.type !== 'row').map((panel) => panel.type));
        return { raw: answer.dashboard, meta: answer.meta ?? {}, dashboard, sources };
    }, [uid, saves]);
    const editing = ['edit', 'editPanel', 'editview'].some((name) => params.has(name)) && mayEdit(user);
    const Editor = useModule(() => import('../edit/editor.js'), editing)?.Editor;
    if (loaded.error) {
        return html`<${PageHead} title="Dashboard" /><div class="page-body narrow"><${Message}>${loaded.error}</${Message}></div>`;
    }
    if (!loaded.value || (editing && !Editor)) return html`<${PageHead} title="…" />`;
    return html`<${editing ? Editor : Board} key=${uid} ...${loaded.value} params=${params} user=${user} Board=${Board} onSaved=${() => setSaves(saves + 1)} />`;
}

/** @param {any} user */
export function mayEdit(user) {
    return /^(Editor|Admin)$/.test(user.orgRole);
}

/**
 * What the pages of editing put into a board.
 * @typedef {import('../edit/editor.js').BoardEditor} BoardEditor
 */

/**
 * @param {{dashboard: Dashboard, sources: import('../types/model').DataSource[], params: URLSearchParams, user: any, meta: any, editor?: BoardEditor}} properties
 */
export function Board({ dashboard, sources, params, user, meta, editor }) {
    const zone = params.get('timezone') ?? (dashboard.timezone || 'browser');
    const defaultRefresh = typeof dashboard.refresh === 'string' ? dashboard.refresh : '';
    const { range, refresh, reload } = useTimeRange(params, dashboard.time, defaultRefresh, zone);
    const list = dashboard.templating.list;
    // Variables follow their own parameters; the time range only when one of them asks for it (refresh 2).
    const chosen = [...params].filter(([name]) => name.startsWith('var-')).map((pair) => pair.join('=')).join('&');
    const timed = list.some((variable) => variable.refresh === 2 || variable.type === 'interval') ? range : dashboard.uid;
    const variables = useLoad((signal) => resolveVariables({ variables: list, params, sources, range, signal }), [chosen, timed, list]);
    const [noted, setNoted] = useState(0);
    const [folds, setFolds] = useState(/** @type {Record<string, boolean>} */ ({}));
    const activity = useMemo(() => new Activity(), []);
    const states = variables.value;
    // A refresh that finds the same values must not make the panels ask twice.
    const values = useMemo(() => Object.fromEntries((states ?? []).map((state) => [state.variable.name, state.value])), [JSON.stringify(states?.map((state) => state.value))]);
    const scope = useMemo(() => ({
        variables: values,
        range, dashboard: { title: dashboard.title, uid: dashboard.uid }, user: user.login, zone,
        annotate: dashboard.uid && mayEdit(user) ? (/** @type {any} */ what) => import('./annotation-sheet.js').then((module) => module.annotate(what, scope, setNoted)) : undefined,
    }), [values, range, zone]);
    const markable = useMemo(() => runnable(dashboard.annotations?.list ?? [], meta?.annotated || noted), [dashboard.annotations, noted]);
    const switched = markable.map((/** @type {any} */ one) => isShown(one, params)).join();
    const marks = useMemo(() => markable.filter((/** @type {any} */ one) => isShown(one, params)), [markable, switched]);
    const AnnotationSwitches = useModule(() => import('./annotation-switches.js'), markable.some((one) => !one.hide))?.AnnotationSwitches;
    const marked = useLoad((signal) => import('./annotation-queries.js').then((module) => module.loadAnnotations({ list: marks, scope, sources, signal })), [scope, marks, noted], Boolean(states) && marks.length > 0);
    const annotations = marks.length > 0 ? marked.value?.annotations ?? none : none;
    useEffect(() => {
        document.title = `${dashboard.title} · Martlet`;
        try {
            const seen = (localStorage.getItem('martlet.recent') ?? '').split(' ').filter((one) => one !== dashboard.uid);
            if (dashboard.uid) localStorage.setItem('martlet.recent', [dashboard.uid, ...seen].slice(0, 20).join(' '));
        } catch {
            // The list of recent boards stays as it is.
        }
    }, [dashboard.title]);
    const isFolded = (/** @type {string} */ key, /** @type {Panel} */ row) => folds[key] ?? Boolean(row.collapsed);
    const placed = useMemo(() => (states ? editor?.placed ?? placePanels(dashboard.panels, scope, isFolded) : []), [Boolean(states), values, folds, editor?.placed ?? dashboard]);
    const BoardLinks = useModule(() => import('./board-links.js'), (dashboard.links ?? []).length > 0)?.BoardLinks;
    const viewed = params.get('viewPanel');
    const more = editor ? editor.menu : mayEdit(user) && dashboard.editable !== false ? editItem : undefined;
    const shared = { scope, sources, zone, dashboard, annotations, onActivity: activity.change, more };
    const alone = viewed ? placed.find((one) => one.key === viewed)?.panel ?? findPanel(dashboard.panels, viewed) : undefined;
    // The same elements again are passed over: a hundred panels are not drawn anew because a spinner turns.
    const cells = useMemo(() => placed.map((/** @type {import('./layout.js').Placed} */ { key, panel, x, y, w, h }) => html`<div key=${key} class="board-cell ${panel.type === 'row' ? 'board-row' : w <= 6 ? 'board-small' : ''}"
            style=${{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, '--h': h }}>
            ${editor ? editor.cell(panel, shared) : panel.type === 'row'
                ? html`<${RowHeader} panel=${panel} scope=${scope} folded=${isFolded(key, panel)} onToggle=${() => setFolds({ ...folds, [key]: !isFolded(key, panel) })} />`
                : html`<${PanelCard} panel=${panel} place=${key} ...${shared} />`}
        </div>`), [placed, scope, sources, zone, dashboard, annotations, editor?.cell]);
    const body = states && editor?.body(shared, states);
    return html`<${PageHead} title=${html`<span class="crumb"><a href="/">Dashboards</a> / </span>${dashboard.title}`}>
            ${BoardLinks && html`<${BoardLinks} links=${dashboard.links ?? []} scope=${scope} uid=${dashboard.uid} />`}
            ${editor?.head(range, states) ?? html`<${BoardButtons} dashboard=${dashboard} meta=${meta} user=${user} states=${states} sources=${sources} range=${range} />`}
            ${viewed && html`<button class="button" onClick=${() => setParams({ viewPanel: null })}><${Icon} name="back" size="14" />All panels</button>`}
            <${BoardTime} activity=${activity} loading=${variables.loading} range=${range} refresh=${refresh} reload=${reload} zone=${zone} />
        </${PageHead}>
        ${(marked.value?.problems ?? []).length > 0 && html`<div class="page-body"><${Message} tone="warn">${marked.value?.problems.join('\n')}</${Message}></div>`}
        ${variables.error && html`<div class="page-body"><${Message}>${variables.error}</${Message}></div>`}
        ${states && html`<${VariableBar} states=${states} sources=${sources} range=${range} />`}
        ${AnnotationSwitches && html`<${AnnotationSwitches} list=${markable} params=${params} />`}
        ${body}
        ${alone && html`<div class="board-alone"><${PanelCard} key=${`alone-${alone.id}`} panel=${alone} ...${shared} alone=${true} /></div>`}
        ${!alone && !body && dashboard.panels.length === 0 && html`<${Empty} title="This dashboard has no panels" />`}
        ${!alone && !body && html`<div class="board">${cells}</div>`}`;
}

/** @type {import('./panel-menu.js').More} */
const editItem = (panel, item, close) => item('pencil', 'Edit', () => {
    close();
    setParams({ editPanel: String(panel.id) });
});

/** @param {any} properties the dashboard and what its menu speaks of */
function BoardButtons(properties) {
    return html`${mayEdit(properties.user) && properties.dashboard.editable !== false && html`<button class="button" data-key="d e" data-name="Edit the dashboard" onClick=${() => setParams({ edit: '1' })}><${Icon} name="pencil" size="14" />Edit</button>`}
        <${Menu} title="Dashboard menu" right=${true} class="button icon" label=${html`<${Icon} name="dots" />`}>
            ${(/** @type {() => void} */ close) => html`<${BoardMenu} ...${properties} close=${close} />`}</${Menu}>`;
}

/** @param {any} properties */
function BoardMenu(properties) {
    const Items = useModule(() => import('../edit/board-menu.js'), true)?.BoardMenuItems;
    return Items && html`<${Items} ...${properties} />`;
}

/**
 * The time controls, whose spinner turns while a panel waits for its data.
 * @param {any} properties as the time controls take them, and the activity
 */
function BoardTime({ activity, loading, ...rest }) {
    const [busy, setBusy] = useState(activity.busy);
    useEffect(() => activity.follow(setBusy), [activity]);
    return html`<${TimeControls} ...${rest} loading=${busy || loading} />`;
}

/** @param {Panel[]} panels @param {string} id @returns {Panel | undefined} */
function findPanel(panels, id) {
    const number = id.replace(/^panel-/, '');
    return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).find((panel) => String(panel.id) === number);
}
