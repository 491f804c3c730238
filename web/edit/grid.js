// Panels on the grid of 24 columns. Everything falls upwards until it touches something, as it does when the board is drawn.

/** @typedef {{x: number, y: number, w: number, h: number}} Place */
/** @typedef {{id: number, type?: string, gridPos?: any, panels?: any[], collapsed?: boolean, [key: string]: any}} RawPanel */

export const columns = 24;
const leastWidth = 1;
const leastHeight = 2;

/** @param {RawPanel} panel @returns {Place} */
export function placeOf(panel) {
    const { x = 0, y = 0, w = panel.type === 'row' ? columns : 12, h = panel.type === 'row' ? 1 : 8 } = panel.gridPos ?? {};
    const width = within(Number(w) || 12, 1, columns);
    return { x: within(Number(x) || 0, 0, columns - width), y: Math.max(0, Number(y) || 0), w: width, h: Math.max(1, Number(h) || 1) };
}

/** @param {number} value @param {number} least @param {number} most */
function within(value, least, most) {
    return Math.min(most, Math.max(least, Math.round(value)));
}

/**
 * The same panel elsewhere; the same object if it stands there already.
 * @template {RawPanel} T
 * @param {T} panel @param {Place} place
 * @returns {T}
 */
export function placed(panel, place) {
    const before = panel.gridPos;
    if (before && before.x === place.x && before.y === place.y && before.w === place.w && before.h === place.h) return panel;
    return { ...panel, gridPos: { ...before, ...place } };
}

/** @param {RawPanel[]} panels */
function inOrder(panels) {
    return [...panels].sort((a, b) => placeOf(a).y - placeOf(b).y || placeOf(a).x - placeOf(b).x);
}

/**
 * Lets panels fall upwards, one after the other.
 * @param {RawPanel[]} panels in their order of precedence
 * @returns {RawPanel[]} in the order of the board
 */
function stack(panels) {
    const free = new Array(columns).fill(0);
    const fallen = panels.map((panel) => {
        const { x, w, h } = panel.type === 'row' ? { x: 0, w: columns, h: 1 } : placeOf(panel);
        const y = Math.max(...free.slice(x, x + w));
        free.fill(y + h, x, x + w);
        return placed(panel, { x, y, w, h });
    });
    return inOrder(fallen);
}

/** @param {RawPanel[]} panels */
export function settle(panels) {
    return stack(inOrder(panels));
}

/**
 * Puts a panel with its corner at a place; what stands there makes room.
 * @param {RawPanel[]} panels @param {number} id @param {number} x @param {number} y
 */
export function movePanel(panels, id, x, y) {
    const panel = panels.find((one) => one.id === id);
    if (!panel || panel.type === 'row') return panels;
    const before = placeOf(panel);
    const place = { ...before, x: within(x, 0, columns - before.w), y: Math.max(0, Math.round(y)) };
    const down = place.y > before.y;
    // Another panel is passed when an edge of this one passes its middle.
    const passes = (/** @type {Place} */ other) => (down ? other.y + other.h / 2 < place.y + place.h : other.y + other.h / 2 < place.y);
    const others = inOrder(panels.filter((one) => one !== panel));
    const above = others.filter((one) => passes(placeOf(one)));
    return stack([...above, placed(panel, place), ...others.filter((one) => !above.includes(one))]);
}

/**
 * One step by the keyboard: a column to a side, or past the panel above or below.
 * @param {RawPanel[]} panels @param {number} id @param {'left' | 'right' | 'up' | 'down'} direction
 */
export function stepPanel(panels, id, direction) {
    const panel = panels.find((one) => one.id === id);
    if (!panel) return panels;
    const place = placeOf(panel);
    if (direction === 'left' || direction === 'right') return movePanel(panels, id, place.x + (direction === 'left' ? -1 : 1), place.y);
    const beside = panels.filter((one) => one !== panel).map(placeOf).filter((other) => other.x < place.x + place.w && place.x < other.x + other.w);
    if (direction === 'up') {
        const above = beside.filter((other) => other.y < place.y);
        return above.length === 0 ? panels : movePanel(panels, id, place.x, Math.max(...above.map((other) => other.y)));
    }
    const below = beside.filter((other) => other.y > place.y).sort((a, b) => a.y - b.y)[0];
    return below ? movePanel(panels, id, place.x, Math.max(place.y + 1, Math.floor(below.y + below.h / 2 - place.h) + 1)) : panels;
}

/** @param {RawPanel[]} panels @param {number} id @param {number} w @param {number} h */
export function resizePanel(panels, id, w, h) {
    const panel = panels.find((one) => one.id === id);
    if (!panel || panel.type === 'row') return panels;
    const { x, y } = placeOf(panel);
    const place = { x, y, w: within(w, leastWidth, columns - x), h: within(h, leastHeight, 200) };
    return settle(panels.map((one) => (one === panel ? placed(panel, place) : one)));
}

/**
 * A panel at the top of the board, or beside and below another.
 * @param {RawPanel[]} panels @param {RawPanel} panel @param {number} [besideId]
 */
export function addPanel(panels, panel, besideId) {
    const beside = panels.find((one) => one.id === besideId);
    const own = placeOf(panel);
    if (!beside) return stack([placed(panel, { ...own, x: 0, y: 0 }), ...inOrder(panels)]);
    const { x, y, w, h } = placeOf(beside);
    const place = x + w + own.w <= columns ? { ...own, x: x + w, y } : { ...own, x, y: y + h };
    const at = place.y === y ? (/** @type {Place} */ other) => other.y < y || (other.y === y && other.x <= x) : (/** @type {Place} */ other) => other.y < y + h;
    const others = inOrder(panels);
    const above = others.filter((one) => at(placeOf(one)));
    return stack([...above, placed(panel, place), ...others.filter((one) => !above.includes(one))]);
}

/** @param {RawPanel[]} panels @param {number} id */
export function addRow(panels, id) {
    const bottom = panels.reduce((most, one) => Math.max(most, placeOf(one).y + placeOf(one).h), 0);
    return [...panels, { id, type: 'row', title: 'New row', collapsed: false, panels: [], gridPos: { x: 0, y: bottom, w: columns, h: 1 } }];
}

/**
 * The panels of a row, whether it is folded or not.
 * @param {RawPanel[]} panels @param {RawPanel} row
 * @returns {RawPanel[]}
 */
export function panelsOfRow(panels, row) {
    if (row.collapsed) return row.panels ?? [];
    const ordered = inOrder(panels);
    const at = ordered.indexOf(row);
    const next = ordered.findIndex((one, index) => index > at && one.type === 'row');
    return ordered.slice(at + 1, next < 0 ? undefined : next);
}

/**
 * Folds a row, or unfolds it.
 * @param {RawPanel[]} panels @param {number} id
 */
export function toggleRow(panels, id) {
    const row = panels.find((one) => one.id === id);
    if (!row || row.type !== 'row') return panels;
    const own = panelsOfRow(panels, row);
    if (!row.collapsed) return settle(panels.filter((one) => !own.includes(one)).map((one) => (one === row ? { ...row, collapsed: true, panels: own } : one)));
    const others = inOrder(panels);
    const at = others.indexOf(row);
    return stack([...others.slice(0, at), { ...row, collapsed: false, panels: [] }, ...inOrder(own), ...others.slice(at + 1)]);
}

/**
 * A row with its panels past the row before or after it.
 * @param {RawPanel[]} panels @param {number} id @param {-1 | 1} step
 */
export function moveRow(panels, id, step) {
    const ordered = inOrder(panels);
    /** @type {RawPanel[][]} */
    const sections = [[]];
    for (const panel of ordered) {
        if (panel.type === 'row') sections.push([panel]);
        else sections[sections.length - 1].push(panel);
    }
    const at = sections.findIndex((section) => section[0]?.id === id && section[0].type === 'row');
    const to = at + step;
    // What stands above the first row belongs to none and stays.
    if (at < 1 || to < 1 || to >= sections.length) return panels;
    [sections[at], sections[to]] = [sections[to], sections[at]];
    return stack(sections.flat());
}

/** @param {RawPanel[]} panels @param {number} id @param {boolean} [withPanels] of a row */
export function removePanel(panels, id, withPanels = false) {
    const panel = panels.find((one) => one.id === id);
    if (!panel) return panels.map((one) => (one.panels?.some((/** @type {RawPanel} */ inner) => inner.id === id) ? { ...one, panels: one.panels.filter((/** @type {RawPanel} */ inner) => inner.id !== id) } : one));
    if (panel.type !== 'row') return settle(panels.filter((one) => one !== panel));
    const own = panelsOfRow(panels, panel);
    const opened = panel.collapsed && !withPanels ? toggleRow(panels, id) : panels;
    return settle(opened.filter((one) => one.id !== id && !(withPanels && own.some((inner) => inner.id === one.id))));
}
