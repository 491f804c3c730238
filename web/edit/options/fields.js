// How an option of a panel is described; the forms are made of such descriptions.

/**
 * `path` leads into the panel (or into what the form is for) under Grafana's names; `fallback` is what holds while nothing is written.
 * @typedef {{path: string, label: string, type: FieldType, choices?: [any, string][], fallback?: any, placeholder?: string, about?: string,
 *   least?: number, most?: number, when?: {path: string, is: any[]}}} Field
 */
/** @typedef {'text' | 'area' | 'number' | 'toggle' | 'select' | 'color' | 'unit' | 'calc' | 'calcs' | 'list' | 'thresholds' | 'mappings' | 'links' | 'colorMode' | 'scale' | 'lineStyle' | 'gaps' | 'json'} FieldType */
/** @typedef {{title: string, fields: Field[]}} Group */

const custom = 'fieldConfig.defaults.custom';

/** @param {...string} values @returns {[string, string][]} */
export function same(...values) {
    return values.map((value) => [value, value.charAt(0).toUpperCase() + value.slice(1).replace(/[-_]/g, ' ')]);
}

/** @param {string} path @param {string} label @param {[any, string][]} choices @param {any} [fallback] @param {Partial<Field>} [more] @returns {Field} */
export function select(path, label, choices, fallback, more) {
    return { path, label, type: 'select', choices, fallback, ...more };
}

/** @param {string} path @param {string} label @param {boolean} [fallback] @param {Partial<Field>} [more] @returns {Field} */
export function toggle(path, label, fallback = false, more = {}) {
    return { path, label, type: 'toggle', fallback, ...more };
}

/** @param {string} path @param {string} label @param {Partial<Field>} [more] @returns {Field} */
export function number(path, label, more = {}) {
    return { path, label, type: 'number', ...more };
}

/** @param {string} path @param {string} label @param {Partial<Field>} [more] @returns {Field} */
export function text(path, label, more = {}) {
    return { path, label, type: 'text', ...more };
}

/**
 * What every panel has.
 * @type {Group[]}
 */
export const panelGroups = [
    { title: 'Panel', fields: [text('title', 'Title'), { path: 'description', label: 'Description', type: 'area' }, toggle('transparent', 'Transparent'), { path: 'links', label: 'Links', type: 'links' }] },
];

/**
 * The time of a panel, and how fine it asks.
 * @type {Field[]}
 */
export const queryFields = [
    number('maxDataPoints', 'Max data points', { least: 1, most: 11_000, placeholder: 'by width' }), text('interval', 'Min interval', { placeholder: '15s' }),
    text('timeFrom', 'Own range', { placeholder: '24h' }), text('timeShift', 'Shifted by', { placeholder: '1d' }), toggle('hideTimeOverride', 'Hide this note'),
];

/** @type {Field[]} */
export const standardFields = [
    { path: 'fieldConfig.defaults.unit', label: 'Unit', type: 'unit' }, number('fieldConfig.defaults.min', 'Min', { placeholder: 'auto' }), number('fieldConfig.defaults.max', 'Max', { placeholder: 'auto' }),
    number('fieldConfig.defaults.decimals', 'Decimals', { least: 0, most: 15, placeholder: 'auto' }), text('fieldConfig.defaults.displayName', 'Display name'), { path: 'fieldConfig.defaults.color', label: 'Colour', type: 'colorMode' },
    text('fieldConfig.defaults.noValue', 'No value', { placeholder: '-' }),
];

/**
 * What concerns the values of every panel with data.
 * @type {Group[]}
 */
export const standardGroups = [
    { title: 'Standard options', fields: standardFields },
    { title: 'Thresholds', fields: [{ path: 'fieldConfig.defaults.thresholds', label: 'Thresholds', type: 'thresholds' }] },
    { title: 'Value mappings', fields: [{ path: 'fieldConfig.defaults.mappings', label: 'Value mappings', type: 'mappings' }] },
    { title: 'Data links', fields: [{ path: 'fieldConfig.defaults.links', label: 'Data links', type: 'links' }] },
];

/** @type {Group} */
export const tooltipGroup = {
    title: 'Tooltip',
    fields: [select('options.tooltip.mode', 'Shows', [['single', 'One series'], ['multi', 'All series'], ['none', 'Nothing']], 'single'), select('options.tooltip.sort', 'Order', same('none', 'asc', 'desc'), 'none', { when: { path: 'options.tooltip.mode', is: ['multi'] } }), toggle('options.tooltip.hideZeros', 'Hide zeros')],
};

/** @type {Group} */
export const legendGroup = {
    title: 'Legend',
    fields: [
        toggle('options.legend.showLegend', 'Show', true), select('options.legend.displayMode', 'Mode', same('list', 'table'), 'list'), select('options.legend.placement', 'Place', same('bottom', 'right'), 'bottom'),
        { path: 'options.legend.calcs', label: 'Values', type: 'calcs' }, text('options.legend.sortBy', 'Sort by', { placeholder: 'Mean', when: { path: 'options.legend.displayMode', is: ['table'] } }),
        toggle('options.legend.sortDesc', 'Descending', false, { when: { path: 'options.legend.displayMode', is: ['table'] } }),
    ],
};

/** @type {Group} */
export const axisGroup = {
    title: 'Axis',
    fields: [
        select(`${custom}.axisPlacement`, 'Place', same('auto', 'left', 'right', 'hidden'), 'auto'), text(`${custom}.axisLabel`, 'Label'), number(`${custom}.axisWidth`, 'Width'), number(`${custom}.axisSoftMin`, 'Soft min'), number(`${custom}.axisSoftMax`, 'Soft max'),
        toggle(`${custom}.axisCenteredZero`, 'Centre zero'), toggle(`${custom}.axisBorderShow`, 'Border'), select(`${custom}.axisGridShow`, 'Grid lines', [[undefined, 'Auto'], [true, 'On'], [false, 'Off']]), select(`${custom}.axisColorMode`, 'Colour', [['text', 'Text'], ['series', 'Series']], 'text'), { path: `${custom}.scaleDistribution`, label: 'Scale', type: 'scale' },
    ],
};

/** @type {Group} */
export const reduceGroup = {
    title: 'Value',
    fields: [
        select('options.reduceOptions.values', 'Show', [[false, 'One value of each series'], [true, 'All values']], false), { path: 'options.reduceOptions.calcs.0', label: 'Calculation', type: 'calc', fallback: 'lastNotNull', when: { path: 'options.reduceOptions.values', is: [undefined, false] } },
        number('options.reduceOptions.limit', 'Limit', { least: 1, placeholder: '25', when: { path: 'options.reduceOptions.values', is: [true] } }), text('options.reduceOptions.fields', 'Fields', { placeholder: 'numeric' }),
    ],
};
