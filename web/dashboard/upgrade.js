// Brings dashboards of any schema version to the shape which the pages read: gridPos panels, current panel types.
// What a file holds is not trusted: a wrong type becomes a default, so that one broken panel leaves the others alone.

import { upgradePanel } from './upgrade-panel.js';

/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('../types/model').Panel} Panel */

/** @param {any} source parsed JSON @returns {Dashboard} */
export function upgradeDashboard(source) {
    const dashboard = structuredClone(isObject(source) ? source : {});
    if (isObject(dashboard.spec) && dashboard.spec.elements) throw new Error('This file is in the v2 schema of Grafana, which is not read yet; export it in the classic model.');
    dashboard.title = dashboard.title === undefined ? 'Untitled' : String(dashboard.title);
    dashboard.uid = String(dashboard.uid ?? '');
    dashboard.time = { from: String(dashboard.time?.from ?? 'now-1h'), to: String(dashboard.time?.to ?? 'now') };
    dashboard.timezone = typeof dashboard.timezone === 'string' ? dashboard.timezone : '';
    dashboard.refresh = typeof dashboard.refresh === 'string' ? dashboard.refresh : '';
    dashboard.graphTooltip = Number(dashboard.graphTooltip ?? (dashboard.sharedCrosshair ? 1 : 0)) || 0;
    dashboard.links = objects(dashboard.links);
    dashboard.annotations = { list: objects(dashboard.annotations?.list) };
    dashboard.templating = { list: objects(dashboard.templating?.list).filter((one) => typeof one.name === 'string' && one.name !== '').map(upgradeVariable) };
    const inputs = new Map(objects(dashboard.__inputs).map((input) => [input.name, input]));
    const panels = Array.isArray(dashboard.rows) && !dashboard.panels?.length ? panelsOfRows(objects(dashboard.rows)) : objects(dashboard.panels);
    // Clones of a repeated panel are stored beside it by old versions; they are made anew here.
    const wanted = panels.filter((panel) => !panel.repeatPanelId && !panel.repeatByRow);
    const ids = new Set();
    let nextId = 1 + flatten(wanted).reduce((most, panel) => Math.max(most, Number(panel.id) || 0), 0);
    const upgrade = (/** @type {any} */ panel) => {
        const made = withElement(panel, dashboard.__elements);
        if (made.id === undefined || made.id === null || ids.has(made.id)) made.id = nextId++;
        ids.add(made.id);
        return upgradePanel(made, inputs);
    };
    dashboard.panels = wanted.map(upgrade);
    for (const panel of dashboard.panels) if (panel.panels) panel.panels = panel.panels.map(upgrade);
    return dashboard;
}

/** @param {any} value */
function isObject(value) {
    return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** @param {any} list @returns {any[]} */
export function objects(list) {
    return Array.isArray(list) ? list.filter(isObject) : [];
}

/** @param {any[]} panels @returns {any[]} */
function flatten(panels) {
    return panels.flatMap((panel) => [panel, ...objects(panel.panels)]);
}

/**
 * Exported files carry library panels apart.
 * @param {any} panel @param {any} elements
 */
function withElement(panel, elements) {
    const uid = panel.libraryPanel?.uid;
    const model = uid && isObject(elements) && Object.hasOwn(elements, uid) ? elements[uid]?.model : undefined;
    const made = isObject(model) ? { ...model, id: panel.id, gridPos: panel.gridPos } : panel;
    if (made.panels !== undefined) made.panels = objects(made.panels);
    return made;
}

/** @param {any} variable */
function upgradeVariable(variable) {
    const type = variable.type ?? 'query';
    const hide = variable.hideVariable ? 2 : variable.hideLabel ? 1 : Number(variable.hide ?? 0) || 0;
    const refresh = typeof variable.refresh === 'boolean' ? Number(variable.refresh) : Number(variable.refresh ?? 0) || 0;
    return { ...variable, type: type === 'filter' ? 'query' : type === 'constant' && hide === 0 && variable.hide !== undefined ? 'textbox' : type, hide, refresh };
}

/**
 * Before schema 16 a dashboard was rows of panels with a span of 12.
 * @param {any[]} rows
 */
function panelsOfRows(rows) {
    const panels = [];
    const showRows = rows.some((row) => row.collapse || row.showTitle || row.repeat);
    let y = 0;
    for (const row of rows.filter((one) => !one.repeatIteration)) {
        const height = heightOf(row.height, 250);
        const children = [];
        let x = 0;
        let top = showRows ? y + 1 : y;
        let tallest = 0;
        for (const panel of objects(row.panels)) {
            const width = Math.min(24, Math.max(1, Math.floor((Number(panel.span) || 4) * 2)));
            const own = panel.height ? heightOf(panel.height, 250) : height;
            if (x + width > 24) {
                x = 0;
                top += tallest;
                tallest = 0;
            }
            children.push({ ...panel, gridPos: { x, y: top, w: width, h: own } });
            tallest = Math.max(tallest, own);
            x += width;
        }
        if (showRows) {
            panels.push({
                type: 'row', title: row.title, collapsed: Boolean(row.collapse), repeat: row.repeat ?? undefined,
                gridPos: { x: 0, y, w: 24, h: 1 }, panels: row.collapse ? children : [],
            });
        }
        if (!row.collapse) panels.push(...children);
        y = row.collapse ? y + 1 : top + Math.max(tallest, children.length > 0 ? 0 : height);
    }
    return panels;
}

/** @param {any} text `250px` or a number @param {number} fallback pixels */
function heightOf(text, fallback) {
    return Math.min(100, Math.max(3, Math.ceil((parseInt(text, 10) || fallback) / 38)));
}
