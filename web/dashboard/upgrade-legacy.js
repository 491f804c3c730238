// The single stat and the table of Grafana before version 7.

/** @typedef {import('../types/model').Panel} Panel */

/** @param {any} panel @returns {Panel} */
export function upgradeSinglestat(panel) {
    const { defaults } = panel.fieldConfig;
    const name = String(panel.valueName ?? 'avg');
    Object.assign(defaults, {
        unit: panel.format, decimals: panel.decimals ?? undefined, noValue: panel.nullText || undefined,
        thresholds: { mode: 'absolute', steps: stepsOf(panel.thresholds, panel.colors) }, mappings: mappingsOf(panel),
        color: { mode: 'thresholds' },
    });
    if (panel.gauge?.show) Object.assign(defaults, { min: panel.gauge.minValue ?? 0, max: panel.gauge.maxValue ?? 100 });
    panel.options = {
        reduceOptions: { calcs: [{ avg: 'mean', current: 'lastNotNull', total: 'sum' }[/** @type {'avg'} */ (name)] ?? name], fields: panel.tableColumn || undefined },
        colorMode: panel.colorBackground ? 'background' : panel.colorValue ? 'value' : 'none',
        graphMode: panel.sparkline?.show ? 'area' : 'none', textMode: name === 'name' ? 'name' : 'auto',
        prefix: panel.prefix || undefined, postfix: panel.postfix || undefined,
        showThresholdMarkers: panel.gauge?.thresholdMarkers !== false, showThresholdLabels: Boolean(panel.gauge?.thresholdLabels),
    };
    panel.type = panel.gauge?.show ? 'gauge' : 'stat';
    return panel;
}

/**
 * `"80,90"` and three colours.
 * @param {any} text @param {any} colors
 * @returns {import('../types/model').Threshold[]}
 */
function stepsOf(text, colors) {
    const levels = (Array.isArray(text) ? text : String(text ?? '').split(',')).map((one) => String(one).trim()).filter(Boolean).map(Number).filter((one) => !Number.isNaN(one));
    const list = Array.isArray(colors) && colors.length > 0 ? colors.map(String) : ['green', 'orange', 'red'];
    return [{ value: null, color: list[0] }, ...levels.map((value, index) => ({ value, color: list[index + 1] ?? list[list.length - 1] }))];
}

/** @param {any} source */
function mappingsOf(source) {
    const ranges = Array.isArray(source.rangeMaps) && Number(source.mappingType) === 2 ? source.rangeMaps : [];
    const values = Array.isArray(source.valueMaps) && Number(source.mappingType ?? 1) !== 2 ? source.valueMaps : [];
    return [
        ...ranges.filter(Boolean).map((/** @type {any} */ map) => (map.from === 'null'
            ? { type: 'special', options: { match: 'null', result: { text: map.text } } }
            : { type: 'range', options: { from: Number(map.from), to: Number(map.to), result: { text: map.text } } })),
        ...values.filter(Boolean).map((/** @type {any} */ map) => (map.value === 'null' || map.value === null
            ? { type: 'special', options: { match: 'null', result: { text: map.text } } }
            : { type: 'value', options: { [String(map.value)]: { text: map.text } } })),
    ];
}

/** @param {any} panel @returns {Panel} */
export function upgradeOldTable(panel) {
    // The first style that fits won; of overrides the last does.
    for (const style of [...(Array.isArray(panel.styles) ? panel.styles : [])].reverse()) if (style?.pattern) panel.fieldConfig.overrides.push(styleOverride(style));
    const columns = (Array.isArray(panel.columns) ? panel.columns : []).map((/** @type {any} */ one) => String(one?.value ?? ''))
        .map((/** @type {string} */ id) => ({ avg: 'mean', current: 'lastNotNull', total: 'sum' })[/** @type {'avg'} */ (id)] ?? id).filter(Boolean);
    /** @type {Record<string, any[]>} */
    const steps = {
        timeseries_aggregations: [{ id: 'reduce', options: { reducers: columns.length > 0 ? columns : ['mean'], mode: 'seriesToRows' } }],
        timeseries_to_columns: [{ id: 'joinByField', options: { mode: 'outer' } }], timeseries_to_rows: [{ id: 'seriesToRows', options: {} }],
        table: [{ id: 'merge', options: {} }],
    };
    panel.transformations.push(...steps[panel.transform] ?? []);
    panel.options = { showHeader: panel.showHeader !== false, sortByIndex: panel.sort?.col ?? undefined, sortDesc: Boolean(panel.sort?.desc), ...panel.options };
    panel.type = 'table';
    return panel;
}

/** @param {any} style */
function styleOverride(style) {
    /** @type {{id: string, value: any}[]} */
    const properties = [];
    const set = (/** @type {string} */ id, /** @type {any} */ value) => {
        if (value !== undefined && value !== null && value !== '') properties.push({ id, value });
    };
    set('displayName', style.alias);
    set('custom.align', style.align);
    if (style.type === 'hidden') set('custom.hidden', true);
    if (style.type === 'date') set('unit', style.dateFormat ? `time: ${style.dateFormat}` : 'dateTimeAsIso');
    if (style.type === 'number') {
        set('unit', style.unit);
        set('decimals', typeof style.decimals === 'number' ? style.decimals : undefined);
    }
    const mappings = mappingsOf(style);
    if (mappings.length > 0) set('mappings', mappings);
    if (style.colorMode && Array.isArray(style.thresholds) && style.thresholds.length > 0) {
        set('thresholds', { mode: 'absolute', steps: stepsOf(style.thresholds, style.colors) });
        set('color', { mode: 'thresholds' });
        set('custom.cellOptions', { type: style.colorMode === 'value' ? 'color-text' : 'color-background' });
    }
    if (style.link && style.linkUrl) {
        const url = String(style.linkUrl).replace(/\$\{?__cell_(\d+)(:raw)?\}?/g, '${__data.fields[$1]$2}').replace(/\$\{?__cell(:raw)?\}?/g, '${__value.raw$1}');
        set('links', [{ title: String(style.linkTooltip ?? '').replace(/\$\{?__cell\}?/g, '${__value.text}'), url, targetBlank: Boolean(style.linkTargetBlank) }]);
    }
    const pattern = String(style.pattern);
    return { matcher: pattern.startsWith('/') ? { id: 'byRegexp', options: pattern } : { id: 'byName', options: pattern }, properties };
}
