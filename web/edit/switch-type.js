// Another type for a panel: what every type has stays, and what the new type shares with the old one; the rest of the options goes.

import { panelTypes } from './options/types.js';
import { setPath } from './paths.js';

/** @typedef {import('./grid.js').RawPanel} RawPanel */

/** Options of the old type that begin alike in others. */
const shared = ['legend', 'tooltip', 'reduceOptions', 'orientation', 'text', 'showValue', 'sortBy'];
/** Types that are drawn from the same options of a field. */
const families = [['timeseries', 'barchart', 'histogram', 'candlestick'], ['state-timeline', 'status-history']];

/**
 * @param {RawPanel} panel @param {string} type
 * @returns {RawPanel}
 */
export function switchType(panel, type) {
    if (panel.type === type) return panel;
    const known = panelTypes[type];
    const before = panel.options ?? {};
    const kept = Object.fromEntries(shared.filter((name) => Object.hasOwn(before, name) && (known?.initial?.options?.[name] !== undefined || ['legend', 'tooltip'].includes(name))).map((name) => [name, before[name]]));
    const family = families.some((one) => one.includes(String(panel.type)) && one.includes(type));
    /** @type {RawPanel} */
    let made = { ...panel, type, options: { ...known?.initial?.options, ...kept } };
    delete made.pluginVersion;
    if (!family && made.fieldConfig?.defaults?.custom) made = setPath(made, 'fieldConfig.defaults.custom', {});
    if (!family && Array.isArray(made.fieldConfig?.overrides)) {
        const overrides = made.fieldConfig.overrides.map((/** @type {any} */ one) => ({ ...one, properties: (one.properties ?? []).filter((/** @type {any} */ property) => !String(property.id).startsWith('custom.')) }))
            .filter((/** @type {any} */ one) => one.properties.length > 0);
        made = setPath(made, 'fieldConfig.overrides', overrides);
    }
    return made;
}
