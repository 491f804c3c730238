// The graph of Grafana before version 8 → a time series, a bar chart or a histogram.

/** @typedef {import('../types/model').Panel} Panel */

const reducers = [['current', 'lastNotNull', 'Last *'], ['avg', 'mean', 'Mean'], ['min', 'min', 'Min'], ['max', 'max', 'Max'], ['total', 'sum', 'Total']];

/** @param {any} panel @returns {Panel} */
export function upgradeGraph(panel) {
    const { defaults, overrides } = panel.fieldConfig;
    const [left, right] = [panel.yaxes?.[0] ?? {}, panel.yaxes?.[1] ?? {}];
    Object.assign(defaults, {
        unit: left.format ?? panel.y_formats?.[0] ?? 'short', decimals: finite(left.decimals) ?? finite(panel.decimals), min: finite(left.min), max: finite(left.max),
        color: { mode: 'palette-classic' },
    });
    const bars = Boolean(panel.bars);
    defaults.custom = {
        ...defaults.custom,
        drawStyle: bars ? 'bars' : panel.lines === false && panel.points ? 'points' : 'line',
        lineWidth: panel.lines === false ? 0 : finite(panel.linewidth) ?? 1, fillOpacity: bars ? 80 : (finite(panel.fill) ?? 1) * 10,
        gradientMode: panel.fillGradient > 0 ? 'opacity' : 'none',
        lineInterpolation: panel.steppedLine ? 'stepAfter' : 'linear', spanNulls: panel.nullPointMode === 'connected', nullAsZero: panel.nullPointMode === 'null as zero',
        showPoints: panel.points ? 'always' : 'never', pointSize: (finite(panel.pointradius) ?? 2) * 2, axisLabel: left.label ?? '',
        axisPlacement: left.show === false ? 'hidden' : 'auto',
        lineStyle: panel.dashes ? { fill: 'dash', dash: [finite(panel.dashLength) ?? 10, finite(panel.spaceLength) ?? 10] } : undefined,
        stacking: { mode: panel.stack ? (panel.percentage ? 'percent' : 'normal') : 'none', group: 'A' },
        scaleDistribution: left.logBase > 1 ? { type: 'log', log: left.logBase } : { type: 'linear' },
    };
    if (panel.percentage && panel.stack) defaults.unit = 'percentunit';
    addThresholds(panel.thresholds, defaults);
    for (const [name, color] of Object.entries(panel.aliasColors ?? {})) {
        overrides.push({ matcher: { id: 'byName', options: name }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: String(color) } }] });
    }
    for (const rule of Array.isArray(panel.seriesOverrides) ? panel.seriesOverrides : []) if (rule?.alias !== undefined) overrides.push(override(rule, right));
    panel.options = {
        legend: legendOf(panel.legend ?? {}),
        tooltip: { mode: panel.tooltip?.shared === false ? 'single' : 'multi', sort: ['none', 'asc', 'desc'][Number(panel.tooltip?.sort ?? 0)] ?? 'none' },
    };
    panel.type = 'timeseries';
    if (panel.xaxis?.mode === 'series') {
        const reducer = reducers.find(([old]) => old === panel.xaxis.values?.[0])?.[1] ?? 'sum';
        panel.type = 'barchart';
        panel.transformations.push({ id: 'reduce', options: { reducers: [reducer], mode: 'seriesToRows' } });
    } else if (panel.xaxis?.mode === 'histogram') {
        panel.type = 'histogram';
        panel.options = { ...panel.options, bucketCount: Number(panel.xaxis.buckets) || 30, combine: false };
    }
    return panel;
}

/** @param {any} value @returns {number | undefined} */
function finite(value) {
    return value === null || value === undefined || value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value);
}

/** @type {Record<string, string>} */
const alarm = { critical: 'red', warning: 'orange', ok: 'green' };

/** @param {any} rules @param {import('../types/model').FieldConfig} defaults */
function addThresholds(rules, defaults) {
    const found = (Array.isArray(rules) ? rules : []).filter((rule) => finite(rule?.value) !== undefined);
    if (found.length === 0) return;
    const steps = [{ value: /** @type {number | null} */ (null), color: 'transparent' }];
    for (const rule of [...found].sort((a, b) => Number(a.value) - Number(b.value))) {
        const color = alarm[rule.colorMode] ?? rule.lineColor ?? rule.fillColor ?? 'red';
        if (rule.op === 'lt') {
            steps[steps.length - 1].color = color;
            steps.push({ value: Number(rule.value), color: 'transparent' });
        } else {
            steps.push({ value: Number(rule.value), color });
        }
    }
    defaults.thresholds = { mode: 'absolute', steps };
    const [line, area] = [found.some((rule) => rule.line !== false), found.some((rule) => rule.fill !== false)];
    defaults.custom = { ...defaults.custom, thresholdsStyle: { mode: line && area ? 'line+area' : area ? 'area' : 'line' } };
}

/** @param {any} rule @param {any} right the second axis */
function override(rule, right) {
    const alias = String(rule.alias);
    /** @type {{id: string, value: any}[]} */
    const properties = [];
    const set = (/** @type {string} */ id, /** @type {any} */ value) => {
        if (value !== undefined && value !== null) properties.push({ id, value });
    };
    if (rule.color) set('color', { mode: 'fixed', fixedColor: String(rule.color) });
    if (rule.transform) set('custom.transform', rule.transform);
    if (rule.bars) set('custom.drawStyle', 'bars');
    else if (rule.lines === false) set('custom.drawStyle', 'points');
    else if (rule.lines) set('custom.drawStyle', 'line');
    if (rule.points !== undefined) set('custom.showPoints', rule.points ? 'always' : 'never');
    set('custom.pointSize', finite(rule.pointradius) === undefined ? undefined : Number(rule.pointradius) * 2);
    set('custom.fillOpacity', finite(rule.fill) === undefined ? undefined : Number(rule.fill) * 10);
    set('custom.fillBelowTo', rule.fillBelowTo);
    set('custom.lineWidth', finite(rule.linewidth));
    if (rule.steppedLine) set('custom.lineInterpolation', 'stepAfter');
    if (rule.nullPointMode) {
        set('custom.spanNulls', rule.nullPointMode === 'connected');
        set('custom.nullAsZero', rule.nullPointMode === 'null as zero');
    }
    if (rule.stack === false) set('custom.stacking', { mode: 'none', group: false });
    else if (rule.stack) set('custom.stacking', { mode: 'normal', group: rule.stack === true ? 'A' : String(rule.stack) });
    if (rule.dashes) set('custom.lineStyle', { fill: 'dash', dash: [rule.dashLength ?? 10, rule.spaceLength ?? 10] });
    const hidden = { viz: Boolean(rule.hiddenSeries), legend: rule.legend === false, tooltip: Boolean(rule.hideTooltip) };
    if (hidden.viz || hidden.legend || hidden.tooltip) set('custom.hideFrom', hidden);
    if (rule.yaxis === 2) {
        set('custom.axisPlacement', right.show === false ? 'hidden' : 'right');
        set('unit', right.format ?? 'short');
        set('min', finite(right.min));
        set('max', finite(right.max));
        set('decimals', finite(right.decimals));
        set('custom.axisLabel', right.label ?? '');
        if (right.logBase > 1) set('custom.scaleDistribution', { type: 'log', log: right.logBase });
    }
    return { matcher: alias.startsWith('/') ? { id: 'byRegexp', options: alias } : { id: 'byName', options: alias }, properties };
}

/** @param {any} legend */
function legendOf(legend) {
    return {
        showLegend: legend.show !== false, displayMode: legend.alignAsTable ? 'table' : 'list', placement: legend.rightSide ? 'right' : 'bottom',
        calcs: legend.values ? reducers.filter(([old]) => legend[old]).map(([, id]) => id) : [],
        sortBy: reducers.find(([old]) => old === legend.sort)?.[2], sortDesc: legend.sortDesc, width: finite(legend.sideWidth),
        hideEmpty: Boolean(legend.hideEmpty), hideZero: Boolean(legend.hideZero),
    };
}
