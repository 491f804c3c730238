// The dashboard being edited: Grafana's JSON as it was read, of which only what is edited changes, and what the pages draw of it.

import { upgradeDashboard } from '../dashboard/upgrade.js';
import { placed, placeOf } from './grid.js';

/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('./grid.js').RawPanel} RawPanel */
/** @typedef {{title: string, uid?: string, panels: RawPanel[], [key: string]: any}} Model */

/** What Grafana reads since 10.4. */
const schemaVersion = 39;

/** The query for what is marked on the board by hand, as Grafana writes it. */
const ownAnnotations = {
    builtIn: 1, datasource: { type: 'grafana', uid: '-- Grafana --' }, enable: true, hide: true, iconColor: 'rgba(0, 211, 255, 1)', name: 'Annotations & Alerts', type: 'dashboard',
};

/** @returns {Model} */
export function newBoard() {
    return {
        title: 'New dashboard', description: '', tags: [], timezone: 'browser', editable: true, graphTooltip: 1, time: { from: 'now-1h', to: 'now' }, refresh: '',
        schemaVersion, templating: { list: [] }, annotations: { list: [ownAnnotations] }, links: [], panels: [],
    };
}

/**
 * @param {number} id @param {import('../types/model').DataSource[]} sources
 * @returns {RawPanel}
 */
export function newPanel(id, sources) {
    const source = sources.find((one) => one.isDefault) ?? sources[0];
    const datasource = source && { type: source.type, uid: source.uid };
    return {
        id, type: 'timeseries', title: 'New panel', gridPos: { x: 0, y: 0, w: 12, h: 8 }, ...(datasource ? { datasource } : {}),
        targets: [{ refId: 'A', ...(datasource ? { datasource } : {}), expr: '' }],
        fieldConfig: { defaults: { color: { mode: 'palette-classic' }, custom: { lineWidth: 1, fillOpacity: 10, showPoints: 'auto' } }, overrides: [] },
        options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] }, tooltip: { mode: 'multi', sort: 'desc' } },
    };
}

/**
 * A board that can be edited: one of rows (before schema 16) is converted, others get only what editing needs: ids and places.
 * @param {any} raw @returns {Model}
 */
export function editable(raw) {
    if (Array.isArray(raw?.rows) && !(raw.panels?.length > 0)) {
        const { rows, ...converted } = upgradeDashboard(raw);
        return { ...converted, schemaVersion };
    }
    const panels = (Array.isArray(raw?.panels) ? raw.panels : []).filter((/** @type {any} */ one) => one !== null && typeof one === 'object' && !one.repeatPanelId && !one.repeatByRow);
    const ids = new Set();
    let next = 1 + allPanels(panels).reduce((most, one) => Math.max(most, Number(one.id) || 0), 0);
    const complete = (/** @type {any} */ panel) => {
        let made = panel;
        if (made.id === undefined || made.id === null || ids.has(made.id)) made = { ...made, id: next++ };
        ids.add(made.id);
        return placed(made, placeOf(made));
    };
    return { ...raw, title: String(raw?.title ?? 'Untitled'), panels: panels.map(complete).map((/** @type {any} */ one) => (Array.isArray(one.panels) && one.panels.length > 0 ? { ...one, panels: one.panels.map(complete) } : one)) };
}

/** @param {RawPanel[]} panels @returns {RawPanel[]} those inside folded rows too */
export function allPanels(panels) {
    return panels.flatMap((panel) => [panel, ...Array.isArray(panel.panels) ? panel.panels : []]);
}

/** @param {Model} model @param {number} id */
export function panelOf(model, id) {
    return allPanels(model.panels).find((panel) => panel.id === id);
}

/** @param {Model} model */
export function freeId(model) {
    return 1 + allPanels(model.panels).reduce((most, one) => Math.max(most, Number(one.id) || 0), 0);
}

/**
 * @param {Model} model @param {number} id @param {(panel: RawPanel) => RawPanel} change
 * @returns {Model} the same one when nothing changes
 */
export function changePanel(model, id, change) {
    let same = true;
    const inList = (/** @type {RawPanel[]} */ list) => list.map((panel) => {
        let made = panel.id === id ? change(panel) : panel;
        if (made.panels?.some((/** @type {RawPanel} */ inner) => inner.id === id)) made = { ...made, panels: inList(/** @type {RawPanel[]} */ (made.panels)) };
        if (made !== panel) same = false;
        return made;
    });
    const panels = inList(model.panels);
    return same ? model : { ...model, panels };
}

/**
 * What is drawn of a panel, kept as long as the panel is the same but for its place: what is moved asks nothing anew.
 * @type {WeakMap<RawPanel, Panel>}
 */
const drawn = new WeakMap();

/**
 * Says that two panels differ in nothing but their place.
 * @param {RawPanel[]} before @param {RawPanel[]} after
 */
export function sameButPlaced(before, after) {
    const known = new Map(allPanels(before).map((panel) => [panel.id, panel]));
    for (const panel of allPanels(after)) {
        const old = known.get(panel.id);
        const view = old && drawn.get(old);
        if (old && old !== panel && view && panel.type !== 'row' && differOnlyIn(old, panel, 'gridPos')) drawn.set(panel, view);
    }
}

/** @param {any} a @param {any} b @param {string} name */
function differOnlyIn(a, b, name) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    keys.delete(name);
    return [...keys].every((key) => a[key] === b[key]);
}

/** @param {RawPanel} panel @param {Model} model @returns {Panel} */
export function viewOfPanel(panel, model) {
    const known = drawn.get(panel);
    if (known) return known;
    const [view] = upgradeDashboard({ __inputs: model.__inputs, __elements: model.__elements, panels: [{ ...panel, panels: undefined }] }).panels;
    drawn.set(panel, view);
    return view;
}

/**
 * Parts that stay the same objects while others change.
 * @type {WeakMap<object, any>}
 */
const parts = new WeakMap();

/**
 * What stands for a part that a board has not.
 * @type {Record<string, object>}
 */
const absent = { templating: {}, annotations: {} };

/**
 * @param {Model} model
 * @returns {Dashboard} as the pages read it; its lists are the same objects as long as the model's are
 */
export function viewOf(model) {
    const head = upgradeDashboard({ ...model, panels: [], rows: undefined });
    for (const name of ['templating', 'annotations']) {
        const source = model[name] !== null && typeof model[name] === 'object' ? model[name] : absent[name];
        if (!parts.has(source)) parts.set(source, head[name]);
        head[name] = parts.get(source);
    }
    head.panels = model.panels.map((panel) => (panel.type === 'row' ? { ...viewOfPanel(panel, model), panels: (panel.panels ?? []).map((inner) => viewOfPanel(inner, model)) } : viewOfPanel(panel, model)));
    return head;
}

/**
 * A panel whose type is one that is drawn today: what is edited of an old one is its conversion.
 * @param {RawPanel} panel @param {Model} model @returns {RawPanel}
 */
export function modern(panel, model) {
    const view = viewOfPanel(panel, model);
    return view.type === panel.type ? panel : { ...view, gridPos: panel.gridPos };
}
