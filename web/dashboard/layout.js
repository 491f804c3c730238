// Where each panel stands: sections under rows, repeats, and panels that move up when a row is folded.

import { interpolate } from './interpolate.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('../types/model').VariableValue} VariableValue */
/** @typedef {{key: string, panel: Panel, x: number, y: number, w: number, h: number}} Placed */

/** A variable may have thousands of values; nobody reads thousands of panels. */
const mostClones = 200;

/**
 * @param {Panel[]} panels
 * @param {Scope} scope
 * @param {(key: string, panel: Panel) => boolean} isFolded
 * @returns {Placed[]}
 */
export function placePanels(panels, scope, isFolded) {
    /** @type {Placed[]} */
    const placed = [];
    let top = 0;
    for (const section of sectionsOf(panels, scope)) {
        const { row } = section;
        if (row) {
            placed.push({ key: section.key, panel: row, x: 0, y: top, w: 24, h: 1 });
            top += 1;
            if (isFolded(section.key, row)) continue;
        }
        top = placeSection(section.panels, section.key, section.scoped, scope, top, placed);
    }
    return placed;
}

/** @typedef {{key: string, row: Panel | null, panels: Panel[], scoped?: Record<string, VariableValue>}} Section */

/** @param {Panel[]} panels @param {Scope} scope @returns {Section[]} */
function sectionsOf(panels, scope) {
    const ordered = [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
    /** @type {Section[]} */
    const sections = [{ key: 'top', row: null, panels: [] }];
    for (const panel of ordered) {
        if (panel.type === 'row') sections.push({ key: `row-${panel.id}`, row: panel, panels: [...(panel.panels ?? [])] });
        else sections[sections.length - 1].panels.push(panel);
    }
    return sections.flatMap((section) => {
        const name = section.row?.repeat;
        const value = name && Object.hasOwn(scope.variables, name) ? scope.variables[name] : undefined;
        if (!section.row || !name || !value || value.values.length === 0) return [section];
        return value.values.slice(0, mostClones).map((one, index) => {
            const scoped = { [name]: single(one, value.texts[index]) };
            return { ...section, key: `${section.key}-${one}`, scoped, row: { .../** @type {Panel} */ (section.row), scoped } };
        });
    });
}

/** @param {string} value @param {string} text @returns {VariableValue} */
function single(value, text) {
    return { values: [value], texts: [text], isAll: false, multi: false };
}

/**
 * @param {Panel[]} panels @param {string} key @param {Record<string, VariableValue> | undefined} scoped
 * @param {Scope} scope @param {number} top @param {Placed[]} placed
 * @returns {number} the first free line below
 */
function placeSection(panels, key, scoped, scope, top, placed) {
    const ordered = [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
    /** The first free line of each column; every panel moves up until it touches one. */
    const free = new Array(24).fill(top);
    const put = (/** @type {string} */ name, /** @type {Panel} */ panel, /** @type {number} */ x, /** @type {number} */ w, /** @type {number} */ h) => {
        const left = Math.min(23, Math.max(0, x));
        const width = Math.min(24 - left, Math.max(1, w));
        const y = Math.max(...free.slice(left, left + width));
        free.fill(y + h, left, left + width);
        placed.push({ key: name, panel, x: left, y, w: width, h });
    };
    for (const panel of ordered) {
        const { x, w, h } = panel.gridPos;
        const clones = clonesOf(panel, scope);
        if (clones.length === 1 && (clones[0] === panel || panel.repeatDirection === 'v')) {
            put(`${key}/${panel.id}`, scopedPanel(panel, { ...scoped, ...clones[0].scoped }), x, w, h);
            continue;
        }
        const vertical = panel.repeatDirection === 'v';
        const perRow = vertical ? 1 : Math.min(clones.length, panel.maxPerRow || 4);
        const width = vertical ? w : Math.max(2, Math.floor(24 / perRow));
        clones.forEach((clone, index) => {
            const column = vertical ? x : (index % perRow) * width;
            put(`${key}/${panel.id}-${index}`, scopedPanel(panel, { ...scoped, ...clone.scoped }), column, width, h);
        });
    }
    return Math.max(...free);
}

/**
 * Clones by their panel and what is scoped in them: placing the board anew gives the same objects, so nothing is asked again.
 * @type {WeakMap<Panel, Map<string, Panel>>}
 */
const scopedPanels = new WeakMap();

/** @param {Panel} panel @param {Record<string, VariableValue>} scoped @returns {Panel} */
function scopedPanel(panel, scoped) {
    if (Object.keys(scoped).length === 0) return panel;
    const clones = scopedPanels.get(panel) ?? new Map();
    scopedPanels.set(panel, clones);
    const key = JSON.stringify(scoped);
    if (!clones.has(key)) clones.set(key, { ...panel, scoped });
    return clones.get(key);
}

/** @param {Panel} panel @param {Scope} scope @returns {Panel[]} */
function clonesOf(panel, scope) {
    const value = panel.repeat && Object.hasOwn(scope.variables, panel.repeat) ? scope.variables[panel.repeat] : undefined;
    if (!panel.repeat || !value || value.values.length === 0) return [panel];
    return value.values.slice(0, mostClones).map((one, index) => ({ ...panel, scoped: { [/** @type {string} */ (panel.repeat)]: single(one, value.texts[index]) } }));
}

/**
 * A panel's title with its variables replaced.
 * @param {Panel} panel
 * @param {Scope} scope
 */
export function panelTitle(panel, scope) {
    return interpolate(panel.title ?? '', { ...scope, scoped: panel.scoped }, 'text');
}
