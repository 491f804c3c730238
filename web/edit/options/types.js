// The options of each panel type under Grafana's names: what the forms show. Options which are not here stay as they are.

import { axisGroup, legendGroup, number, reduceGroup, same, select, standardGroups, text, toggle, tooltipGroup } from './fields.js';

/** @typedef {import('./fields.js').Group} Group */
/** @typedef {{name: string, groups: Group[], fieldless?: boolean, initial?: any}} PanelType `fieldless`: it has no values; `initial`: what a panel of it begins with */

const custom = 'fieldConfig.defaults.custom';
const orientation = select('options.orientation', 'Orientation', same('auto', 'horizontal', 'vertical'), 'auto');
const fill = number(`${custom}.fillOpacity`, 'Fill opacity', { least: 0, most: 100, fallback: 0 });
const width = number(`${custom}.lineWidth`, 'Line width', { least: 0, most: 10, fallback: 1 });
/** @type {[string, string][]} */
const showValue = [['auto', 'Auto'], ['always', 'Always'], ['never', 'Never']];
const stacking = select(`${custom}.stacking.mode`, 'Stacking', [['none', 'Off'], ['normal', 'Normal'], ['percent', '100%']], 'none');
const reduced = { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } };

/** @type {Group[]} */
const timeSeries = [
    tooltipGroup, legendGroup,
    { title: 'Graph', fields: [
        select(`${custom}.drawStyle`, 'Style', same('line', 'bars', 'points'), 'line'),
        select(`${custom}.lineInterpolation`, 'Interpolation', [['linear', 'Linear'], ['smooth', 'Smooth'], ['stepBefore', 'Step before'], ['stepAfter', 'Step after']], 'linear', { when: { path: `${custom}.drawStyle`, is: [undefined, 'line'] } }),
        width, fill, select(`${custom}.gradientMode`, 'Gradient', same('none', 'opacity', 'hue', 'scheme'), 'none'), { path: `${custom}.lineStyle`, label: 'Line style', type: 'lineStyle' },
        { path: `${custom}.spanNulls`, label: 'Connect gaps', type: 'gaps', fallback: false }, select(`${custom}.showPoints`, 'Points', same('auto', 'always', 'never'), 'auto'), number(`${custom}.pointSize`, 'Point size', { least: 1, most: 40, fallback: 5 }),
        select(`${custom}.barAlignment`, 'Bars stand', [[-1, 'Before'], [0, 'Around'], [1, 'After']], 0, { when: { path: `${custom}.drawStyle`, is: ['bars'] } }),
        stacking, text(`${custom}.stacking.group`, 'Stacking group', { placeholder: 'A' }), text(`${custom}.fillBelowTo`, 'Fill down to'), select(`${custom}.transform`, 'Transform', [[undefined, 'As it is'], ['negative-Y', 'Below the axis'], ['constant', 'Constant']]),
    ] },
    axisGroup,
    { title: 'Thresholds on the plot', fields: [select(`${custom}.thresholdsStyle.mode`, 'Shown as', [['off', 'Nothing'], ['line', 'Lines'], ['dashed', 'Dashed lines'], ['area', 'Areas'], ['line+area', 'Lines and areas'], ['dashed+area', 'Dashed lines and areas']], 'off')] },
];

/** @type {Record<string, PanelType>} */
export const panelTypes = {
    timeseries: { name: 'Time series', groups: timeSeries, initial: { options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] }, tooltip: { mode: 'multi', sort: 'desc' } } } },
    stat: { name: 'Stat', initial: { options: { ...reduced, colorMode: 'value', graphMode: 'area', textMode: 'auto', justifyMode: 'auto', orientation: 'auto' } }, groups: [reduceGroup, { title: 'Stat', fields: [
        orientation, select('options.textMode', 'Text', [['auto', 'Auto'], ['value', 'Value'], ['value_and_name', 'Value and name'], ['name', 'Name'], ['none', 'None']], 'auto'), select('options.wideLayout', 'Wide layout', [[true, 'On'], [false, 'Off']], true),
        select('options.colorMode', 'Colour', [['none', 'None'], ['value', 'Value'], ['background', 'Background'], ['background_solid', 'Solid background']], 'value'), select('options.graphMode', 'Graph', same('none', 'line', 'area'), 'area'), select('options.justifyMode', 'Alignment', same('auto', 'center'), 'auto'),
        toggle('options.showPercentChange', 'Change in percent'), number('options.text.titleSize', 'Title size'), number('options.text.valueSize', 'Value size'),
    ] }] },
    gauge: { name: 'Gauge', initial: { options: { ...reduced, showThresholdMarkers: true } }, groups: [reduceGroup, { title: 'Gauge', fields: [orientation, toggle('options.showThresholdLabels', 'Threshold labels'), toggle('options.showThresholdMarkers', 'Threshold markers', true)] }] },
    bargauge: { name: 'Bar gauge', initial: { options: { ...reduced, displayMode: 'gradient', orientation: 'horizontal', showUnfilled: true, valueMode: 'color' } }, groups: [reduceGroup, { title: 'Bars', fields: [
        orientation, select('options.displayMode', 'Mode', [['gradient', 'Gradient'], ['lcd', 'Retro LCD'], ['basic', 'Basic']], 'gradient'), select('options.valueMode', 'Value', [['color', 'Coloured'], ['text', 'Text'], ['hidden', 'Hidden']], 'color'), select('options.namePlacement', 'Name', same('auto', 'top', 'left', 'hidden'), 'auto'), toggle('options.showUnfilled', 'Unfilled part', true),
    ] }] },
    barchart: { name: 'Bar chart', groups: [tooltipGroup, legendGroup, { title: 'Bars', fields: [
        select('options.orientation', 'Orientation', same('auto', 'horizontal', 'vertical'), 'auto'), text('options.xField', 'X axis field'), select('options.showValue', 'Values', showValue, 'auto'), select('options.stacking', 'Stacking', [['none', 'Off'], ['normal', 'Normal'], ['percent', '100%']], 'none'),
        number('options.groupWidth', 'Group width', { least: 0, most: 1, placeholder: '0.7' }), number('options.barWidth', 'Bar width', { least: 0, most: 1, placeholder: '0.97' }), text('options.colorByField', 'Colour by field'), number('options.xTickLabelRotation', 'Label rotation', { least: -90, most: 90 }), width, fill,
    ] }, axisGroup] },
    piechart: { name: 'Pie chart', initial: { options: { ...reduced, pieType: 'pie', legend: { displayMode: 'table', placement: 'right', showLegend: true, values: ['value', 'percent'] } } }, groups: [reduceGroup, { title: 'Pie', fields: [
        select('options.pieType', 'Type', same('pie', 'donut'), 'pie'), { path: 'options.displayLabels', label: 'Labels (name, value, percent)', type: 'list' },
    ] }, { title: 'Legend', fields: [...legendGroup.fields.slice(0, 3), { path: 'options.legend.values', label: 'Values (value, percent)', type: 'list' }] }] },
    table: { name: 'Table', initial: { options: { showHeader: true, cellHeight: 'sm' } }, groups: [{ title: 'Table', fields: [
        toggle('options.showHeader', 'Header', true), select('options.cellHeight', 'Cell height', [['sm', 'Small'], ['md', 'Medium'], ['lg', 'Large']], 'sm'), toggle('options.footer.show', 'Footer'), { path: 'options.footer.reducer', label: 'Footer values', type: 'calcs', when: { path: 'options.footer.show', is: [true] } },
        toggle('options.footer.countRows', 'Count rows', false, { when: { path: 'options.footer.show', is: [true] } }), text('options.sortBy.0.displayName', 'Sort by'), toggle('options.sortBy.0.desc', 'Descending'),
    ] }, { title: 'Cells', fields: [
        select(`${custom}.align`, 'Align', same('auto', 'left', 'center', 'right'), 'auto'), number(`${custom}.width`, 'Width', { least: 0 }), number(`${custom}.minWidth`, 'Min width', { least: 0 }), toggle(`${custom}.filterable`, 'Filter in the header'), toggle(`${custom}.inspect`, 'Inspect values'), toggle(`${custom}.hidden`, 'Hidden'),
        select(`${custom}.cellOptions.type`, 'Cell type', [['auto', 'Auto'], ['color-text', 'Coloured text'], ['color-background', 'Coloured background'], ['gauge', 'Gauge'], ['sparkline', 'Spark line'], ['json-view', 'JSON'], ['image', 'Image'], ['data-links', 'Links']], 'auto'),
        select(`${custom}.cellOptions.mode`, 'Mode', same('basic', 'gradient', 'lcd'), 'basic', { when: { path: `${custom}.cellOptions.type`, is: ['gauge', 'color-background'] } }),
    ] }] },
    heatmap: { name: 'Heatmap', initial: { options: { calculate: false, color: { mode: 'scheme', scheme: 'Oranges', steps: 64 }, yAxis: {}, cellGap: 1 } }, groups: [{ title: 'Heatmap', fields: [
        toggle('options.calculate', 'Calculate from values'), select('options.calculation.xBuckets.mode', 'X buckets by', same('size', 'count'), 'size', { when: { path: 'options.calculate', is: [true] } }), text('options.calculation.xBuckets.value', 'X buckets', { when: { path: 'options.calculate', is: [true] } }),
        select('options.calculation.yBuckets.mode', 'Y buckets by', same('size', 'count'), 'size', { when: { path: 'options.calculate', is: [true] } }), text('options.calculation.yBuckets.value', 'Y buckets', { when: { path: 'options.calculate', is: [true] } }),
        select('options.color.mode', 'Colours', same('scheme', 'opacity'), 'scheme'), text('options.color.scheme', 'Scheme', { placeholder: 'Oranges', when: { path: 'options.color.mode', is: [undefined, 'scheme'] } }), { path: 'options.color.fill', label: 'Colour', type: 'color', when: { path: 'options.color.mode', is: ['opacity'] } },
        number('options.color.steps', 'Steps', { least: 2, most: 128, placeholder: '64' }), toggle('options.color.reverse', 'Reverse'), number('options.color.min', 'From value'), number('options.color.max', 'To value'), { path: 'options.yAxis.unit', label: 'Y unit', type: 'unit' }, number('options.yAxis.decimals', 'Y decimals'),
        number('options.yAxis.min', 'Y min'), number('options.yAxis.max', 'Y max'), toggle('options.yAxis.reverse', 'Y reversed'), number('options.cellGap', 'Gap', { least: 0, most: 25, fallback: 1 }), number('options.filterValues.le', 'Hide values below'), toggle('options.legend.show', 'Legend', true),
    ] }] },
    histogram: { name: 'Histogram', groups: [tooltipGroup, legendGroup, { title: 'Histogram', fields: [number('options.bucketCount', 'Buckets', { least: 1, placeholder: '30' }), number('options.bucketSize', 'Bucket size', { placeholder: 'auto' }), number('options.bucketOffset', 'Bucket offset'), toggle('options.combine', 'Combine series'), width, fill] }] },
    'state-timeline': { name: 'State timeline', initial: { options: { mergeValues: true, showValue: 'auto', rowHeight: 0.9, legend: { showLegend: true, displayMode: 'list', placement: 'bottom' } } }, groups: [tooltipGroup, { title: 'Timeline', fields: [
        toggle('options.mergeValues', 'Merge equal values', true), select('options.showValue', 'Values', showValue, 'auto'), select('options.alignValue', 'Align', same('left', 'center', 'right'), 'left'), number('options.rowHeight', 'Row height', { least: 0, most: 1, fallback: 0.9 }), width, fill, { path: `${custom}.spanNulls`, label: 'Connect gaps', type: 'gaps', fallback: false },
    ] }, { title: 'Legend', fields: legendGroup.fields.slice(0, 3) }] },
    'status-history': { name: 'Status history', groups: [tooltipGroup, { title: 'History', fields: [select('options.showValue', 'Values', showValue, 'auto'), number('options.rowHeight', 'Row height', { least: 0, most: 1, fallback: 0.9 }), number('options.colWidth', 'Column width', { least: 0, most: 1, fallback: 0.9 }), width, fill] }, { title: 'Legend', fields: legendGroup.fields.slice(0, 3) }] },
    logs: { name: 'Logs', initial: { options: { showTime: true, wrapLogMessage: true, enableLogDetails: true, sortOrder: 'Descending', dedupStrategy: 'none' } }, groups: [{ title: 'Logs', fields: [
        toggle('options.showTime', 'Time'), toggle('options.showLabels', 'Labels of each line'), toggle('options.showCommonLabels', 'Common labels'), toggle('options.wrapLogMessage', 'Wrap lines'), toggle('options.prettifyLogMessage', 'Lay JSON out'), toggle('options.enableLogDetails', 'Details', true),
        select('options.dedupStrategy', 'Equal lines', [['none', 'Each'], ['exact', 'Once'], ['numbers', 'Once, but for numbers'], ['signature', 'Once, by their signs']], 'none'), select('options.sortOrder', 'Order', [['Descending', 'Newest first'], ['Ascending', 'Oldest first']], 'Descending'),
    ] }] },
    traces: { name: 'Traces', groups: [] },
    nodeGraph: { name: 'Node graph', groups: [{ title: 'Nodes and edges', fields: [{ path: 'options.nodes.mainStatUnit', label: 'Unit of nodes', type: 'unit' }, { path: 'options.nodes.secondaryStatUnit', label: 'Second unit of nodes', type: 'unit' }, { path: 'options.edges.mainStatUnit', label: 'Unit of edges', type: 'unit' }, { path: 'options.edges.secondaryStatUnit', label: 'Second unit of edges', type: 'unit' }] }] },
    candlestick: { name: 'Candlestick', groups: [tooltipGroup, legendGroup] },
    boxplot: { name: 'Box plot', groups: [] },
    text: { name: 'Text', fieldless: true, initial: { options: { mode: 'markdown', content: '' } }, groups: [{ title: 'Text', fields: [select('options.mode', 'Mode', [['markdown', 'Markdown'], ['html', 'HTML'], ['code', 'Code']], 'markdown'), { path: 'options.content', label: 'Content', type: 'area' }] }] },
    dashlist: { name: 'Dashboard list', fieldless: true, initial: { options: { showSearch: true, maxItems: 10, query: '', tags: [] } }, groups: [{ title: 'Dashboards', fields: [
        toggle('options.showStarred', 'Starred', true), toggle('options.showRecentlyViewed', 'Recently viewed'), toggle('options.showSearch', 'Search'), toggle('options.showHeadings', 'Headings', true), number('options.maxItems', 'Most', { least: 1, fallback: 10 }), text('options.query', 'Words'), { path: 'options.tags', label: 'Tags', type: 'list' }, toggle('options.keepTime', 'Keep the time range'), toggle('options.includeVars', 'Keep the variables'),
    ] }] },
    alertlist: { name: 'Alert list', fieldless: true, initial: { options: { maxItems: 20, viewMode: 'list', sortOrder: 1 } }, groups: [{ title: 'Alerts', fields: [
        select('options.viewMode', 'Shown as', [['list', 'List'], ['stat', 'Number']], 'list'), number('options.maxItems', 'Most', { least: 1, fallback: 20 }), select('options.sortOrder', 'Order', [[1, 'Name'], [2, 'Name, descending'], [3, 'Importance'], [4, 'Time, ascending'], [5, 'Time, descending']], 1), text('options.alertName', 'Name'), text('options.alertInstanceLabelFilter', 'Labels', { placeholder: '{severity="page"}' }),
        toggle('options.stateFilter.firing', 'Firing', true), toggle('options.stateFilter.pending', 'Pending', true), toggle('options.stateFilter.normal', 'Normal'),
    ] }] },
};

/** @param {string} type @returns {Group[]} all but what every panel has */
export function groupsOf(type) {
    const known = panelTypes[type];
    if (known?.fieldless) return known.groups;
    return [...known?.groups ?? [], ...standardGroups];
}

/**
 * What an override may set: every option of a field, under the id that Grafana gives it.
 * @param {string} type @returns {import('./fields.js').Field[]}
 */
export function overridable(type) {
    const prefix = 'fieldConfig.defaults.';
    // Among all others an option is told by its group too.
    const own = groupsOf(type).flatMap((group) => group.fields.map((field) => (group.title.startsWith('Standard') || group.fields.length === 1 ? field : { ...field, label: `${group.title}: ${field.label.toLowerCase()}` }))).filter((field) => field.path.startsWith(prefix)).map(({ when, ...field }) => ({ ...field, path: field.path.slice(prefix.length) }));
    // Whole objects, as Grafana writes them.
    const whole = own.map((field) => {
        const [, object] = /^(custom\.(?:stacking|thresholdsStyle|cellOptions))\./.exec(field.path) ?? [];
        return object ? { path: object, label: field.label, type: /** @type {const} */ ('json') } : field;
    });
    /** @type {import('./fields.js').Field[]} */
    const more = type === 'timeseries' || type === 'barchart' || type === 'histogram' ? [{ path: 'custom.hideFrom', label: 'Hide from', type: 'json' }] : [];
    return [...whole, ...more].filter((field, index, all) => all.findIndex((one) => one.path === field.path) === index);
}
