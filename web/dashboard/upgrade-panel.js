// One panel of any schema version → a panel whose parts have the types that the pages expect.

import { objects } from './upgrade.js';

/** @typedef {import('../types/model').Panel} Panel */

/** @type {typeof import('./upgrade-old.js') | undefined} */
let old;

/**
 * Loads what old types of panels need, if a dashboard has some; to be done before it is upgraded.
 * @param {any} source parsed JSON
 */
export async function loadOldTypes(source) {
    if (/"type":"(?:graph2?|(?:grafana-)?singlestat(?:-panel)?|table-old)"|"styles":\[/.test(JSON.stringify(source) ?? '')) old = await import('./upgrade-old.js');
}

/** @param {any} panel @param {Map<string, any>} inputs of an exported file @returns {Panel} */
export function upgradePanel(panel, inputs) {
    panel.type = String(panel.type ?? 'text');
    panel.title = panel.title === undefined || panel.title === null ? '' : String(panel.title);
    panel.gridPos = gridPosOf(panel.gridPos);
    panel.options = asObject(panel.options);
    panel.fieldConfig = asObject(panel.fieldConfig);
    if (panel.options.fieldOptions) liftFieldOptions(panel);
    panel.fieldConfig.defaults = upgradeConfig(asObject(panel.fieldConfig.defaults));
    panel.fieldConfig.overrides = objects(panel.fieldConfig.overrides).filter((one) => one.matcher && Array.isArray(one.properties))
        .map((one) => ({ ...one, properties: objects(one.properties).filter((property) => typeof property.id === 'string') }));
    panel.links = objects(panel.links);
    panel.transformations = objects(panel.transformations);
    if (panel.minSpan && !panel.maxPerRow) panel.maxPerRow = Math.max(1, Math.floor(24 / (Number(panel.minSpan) * 2 || 24)));
    panel.maxDataPoints = Number(panel.maxDataPoints) > 0 ? Math.min(11_000, Number(panel.maxDataPoints)) : null;
    panel.interval = typeof panel.interval === 'string' ? panel.interval : '';
    delete panel.scopedVars;
    delete panel.scoped;
    panel.targets = objects(panel.targets);
    panel.targets.forEach((/** @type {any} */ target, /** @type {number} */ index) => {
        target.refId = String(target.refId ?? String.fromCharCode(65 + (index % 26)));
        target.datasource = withoutInput(target.datasource, inputs);
    });
    panel.datasource = withoutInput(panel.datasource, inputs);
    return ofType(panel);
}

/** @param {any} panel @returns {Panel} */
function ofType(panel) {
    switch (panel.type) {
        case 'graph': case 'graph2': return old ? old.upgradeGraph(panel) : panel;
        case 'singlestat': case 'grafana-singlestat-panel': return old ? old.upgradeSinglestat(panel) : panel;
        case 'grafana-piechart-panel': return upgradePie(panel);
        case 'heatmap': return upgradeHeatmap(panel);
        case 'text2': case 'text':
            panel.type = 'text';
            if (panel.content !== undefined && panel.options.content === undefined) panel.options = { mode: panel.mode ?? 'markdown', content: panel.content };
            return panel;
        case 'dashlist':
            if (panel.options.maxItems === undefined) {
                const { limit = 10, query = '', tags = [], headings = true, search = false, starred = true, recent = false } = panel;
                panel.options = { maxItems: limit, query, tags, showHeadings: headings, showSearch: search, showStarred: starred, showRecentlyViewed: recent, ...panel.options };
            }
            return panel;
        case 'alertlist':
            if (panel.show !== undefined || panel.limit !== undefined) {
                panel.options = { maxItems: panel.limit ?? 10, alertName: panel.nameFilter ?? '', sortOrder: panel.sortOrder ?? 1, ...panel.options };
            }
            return panel;
    }
    return old && (panel.type === 'table-old' || (panel.type === 'table' && Array.isArray(panel.styles))) ? old.upgradeOldTable(panel) : panel;
}

/** @param {any} value @returns {any} */
function asObject(value) {
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

/** @param {any} position @returns {{x: number, y: number, w: number, h: number}} */
function gridPosOf(position) {
    const whole = (/** @type {any} */ value, /** @type {number} */ fallback, /** @type {number} */ least, /** @type {number} */ most) => {
        const number = Math.floor(Number(value ?? NaN));
        return Number.isFinite(number) ? Math.min(most, Math.max(least, number)) : fallback;
    };
    const w = whole(position?.w, 12, 1, 24);
    return { x: Math.min(24 - w, whole(position?.x, 0, 0, 23)), y: whole(position?.y, 0, 0, 100_000), w, h: whole(position?.h, 8, 1, 200) };
}

/**
 * `${DS_PROMETHEUS}` of an exported file stands for whichever source of its type is there.
 * @param {any} source
 * @param {Map<string, any>} inputs
 */
function withoutInput(source, inputs) {
    const uid = typeof source === 'string' ? source : source?.uid;
    const name = /^\$\{(.+)\}$/.exec(String(uid ?? ''))?.[1];
    const input = name === undefined ? undefined : inputs.get(name);
    return input ? { type: input.pluginId } : source ?? undefined;
}

/**
 * Before schema 24 gauges kept the configuration of their fields among their options.
 * @param {any} panel
 */
function liftFieldOptions(panel) {
    const { calcs, values, limit, fields, defaults, overrides, thresholds, mappings, unit, min, max, decimals } = asObject(panel.options.fieldOptions);
    panel.fieldConfig.defaults = { unit, min, max, decimals, mappings, thresholds: Array.isArray(thresholds) ? { mode: 'absolute', steps: thresholds } : thresholds, ...defaults, ...panel.fieldConfig.defaults };
    panel.fieldConfig.overrides ??= overrides;
    panel.options.reduceOptions ??= { calcs, values, limit, fields };
    delete panel.options.fieldOptions;
}

/** @param {any} config */
function upgradeConfig(config) {
    const made = { ...config, custom: asObject(config.custom) };
    if (made.title !== undefined && made.displayName === undefined) made.displayName = made.title;
    if (made.displayName !== undefined) made.displayName = String(made.displayName ?? '');
    if (made.unit !== undefined) made.unit = made.unit === null ? undefined : String(made.unit);
    for (const name of ['min', 'max', 'decimals']) {
        if (made[name] !== undefined) made[name] = made[name] === null || made[name] === '' || Number.isNaN(Number(made[name])) ? undefined : Number(made[name]);
    }
    if (made.mappings !== undefined) made.mappings = objects(made.mappings).map(upgradeMapping).filter((one) => one !== undefined);
    if (made.thresholds !== undefined) {
        const steps = objects(made.thresholds?.steps).map((step) => ({ color: String(step.color ?? 'green'), value: step.value === null || step.value === undefined || step.value === '' ? null : Number(step.value) }));
        made.thresholds = { mode: made.thresholds?.mode === 'percentage' ? 'percentage' : 'absolute', steps };
    }
    if (made.links !== undefined) made.links = objects(made.links);
    return made;
}

/**
 * Before schema 30: type 1 for a value, 2 for a range.
 * @param {any} mapping
 */
function upgradeMapping(mapping) {
    if (typeof mapping.type === 'string' && Number.isNaN(Number(mapping.type))) return mapping;
    const result = { text: mapping.text, color: mapping.color };
    if (Number(mapping.type) === 2) return { type: 'range', options: { from: Number(mapping.from), to: Number(mapping.to), result } };
    if (mapping.value === undefined) return undefined;
    if (mapping.value === null || mapping.value === 'null') return { type: 'special', options: { match: 'null', result } };
    return { type: 'value', options: { [String(mapping.value)]: result } };
}

/** @param {any} panel @returns {Panel} */
function upgradePie(panel) {
    const legend = asObject(panel.legend);
    const { defaults, overrides } = panel.fieldConfig;
    Object.assign(defaults, { unit: panel.format, decimals: panel.decimals ?? undefined, color: { mode: 'palette-classic' } });
    for (const [name, color] of Object.entries(asObject(panel.aliasColors))) {
        overrides.push({ matcher: { id: 'byName', options: name }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }] });
    }
    panel.options = {
        pieType: panel.pieType === 'donut' ? 'donut' : 'pie', reduceOptions: { calcs: [String(panel.valueName ?? 'current')] },
        legend: {
            showLegend: legend.show !== false && panel.legendType !== 'On graph', placement: panel.legendType === 'Right side' ? 'right' : 'bottom',
            values: [legend.values !== false && 'value', legend.percentage && 'percent'].filter(Boolean),
        },
        displayLabels: panel.legendType === 'On graph' ? ['name', 'value'] : [],
    };
    panel.type = 'piechart';
    return panel;
}

/**
 * The heatmap of Grafana before 9.1 kept its options on the panel.
 * @param {any} panel @returns {Panel}
 */
function upgradeHeatmap(panel) {
    if (panel.dataFormat === undefined && panel.heatmap === undefined) return panel;
    const color = asObject(panel.color);
    const axis = asObject(panel.yAxis);
    const buckets = panel.dataFormat === 'tsbuckets';
    panel.options = {
        calculate: !buckets,
        calculation: {
            xBuckets: panel.xBucketSize ? { mode: 'size', value: String(panel.xBucketSize) } : panel.xBucketNumber ? { mode: 'count', value: String(panel.xBucketNumber) } : undefined,
            yBuckets: panel.yBucketSize ? { mode: 'size', value: String(panel.yBucketSize) } : panel.yBucketNumber ? { mode: 'count', value: String(panel.yBucketNumber) } : undefined,
        },
        color: {
            mode: color.mode === 'opacity' ? 'opacity' : 'scheme', scheme: String(color.colorScheme ?? 'Oranges').replace(/^interpolate/, ''), fill: color.cardColor,
            exponent: color.exponent ?? 0.5, min: color.min ?? undefined, max: color.max ?? undefined, steps: 64,
        },
        rowsFrame: { layout: { upper: 'le', lower: 'ge' }[/** @type {'upper'} */ (panel.yBucketBound)] ?? 'auto' },
        yAxis: { unit: axis.format, decimals: axis.decimals ?? undefined, min: axis.min ?? undefined, max: axis.max ?? undefined, reverse: Boolean(panel.reverseYBuckets) },
        filterValues: panel.hideZeroBuckets ? { le: 1e-9 } : undefined, legend: { show: panel.legend?.show !== false }, tooltip: { mode: 'single', yHistogram: panel.tooltipDecimals !== undefined },
        ...panel.options,
    };
    return panel;
}
