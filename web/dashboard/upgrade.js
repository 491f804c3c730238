// Brings dashboards of any schema version to the shape which the pages read: gridPos panels, current panel types.

/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('../types/model').Panel} Panel */

/** @param {any} source parsed JSON @returns {Dashboard} */
export function upgradeDashboard(source) {
    const dashboard = structuredClone(source ?? {});
    dashboard.title ??= 'Untitled';
    dashboard.uid ??= '';
    dashboard.time = { from: dashboard.time?.from ?? 'now-1h', to: dashboard.time?.to ?? 'now' };
    dashboard.templating = { list: (dashboard.templating?.list ?? []).map(upgradeVariable) };
    const inputs = Object.fromEntries((dashboard.__inputs ?? []).map((/** @type {any} */ input) => [input.name, input]));
    const panels = Array.isArray(dashboard.rows) && !dashboard.panels?.length
        ? panelsOfRows(dashboard.rows) : dashboard.panels ?? [];
    let nextId = 1 + Math.max(0, ...flatten(panels).map((panel) => Number(panel.id) || 0));
    const upgrade = (/** @type {any} */ panel) => {
        panel.id ??= nextId++;
        return upgradePanel(panel, inputs);
    };
    dashboard.panels = panels.map(upgrade);
    for (const panel of dashboard.panels) if (panel.panels) panel.panels = panel.panels.map(upgrade);
    return dashboard;
}

/** @param {any[]} panels @returns {any[]} */
function flatten(panels) {
    return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

/** @param {any} variable */
function upgradeVariable(variable) {
    const type = variable.type ?? 'query';
    return { ...variable, type: type === 'filter' ? 'query' : type };
}

/**
 * Before schema 16 a dashboard was rows of panels with a span of 12.
 * @param {any[]} rows
 */
function panelsOfRows(rows) {
    const panels = [];
    const showRows = rows.some((row) => row.collapse || row.showTitle || row.repeat);
    let y = 0;
    for (const row of rows) {
        const height = Math.max(3, Math.ceil((parseInt(row.height, 10) || 250) / 38));
        const children = [];
        let x = 0;
        let top = showRows ? y + 1 : y;
        for (const panel of row.panels ?? []) {
            const width = Math.min(24, Math.max(1, Math.round((panel.span ?? 4) * 2)));
            if (x + width > 24) {
                x = 0;
                top += height;
            }
            children.push({ ...panel, gridPos: { x, y: top, w: width, h: height } });
            x += width;
        }
        if (showRows) {
            panels.push({
                type: 'row', title: row.title, collapsed: Boolean(row.collapse), repeat: row.repeat ?? undefined,
                gridPos: { x: 0, y, w: 24, h: 1 }, panels: row.collapse ? children : [],
            });
        }
        if (!row.collapse) panels.push(...children);
        y = row.collapse ? y + 1 : top + height;
    }
    return panels;
}

/** @param {any} panel @param {Record<string, any>} inputs @returns {Panel} */
function upgradePanel(panel, inputs) {
    panel.gridPos ??= { x: 0, y: 0, w: 12, h: 8 };
    panel.options ??= {};
    panel.fieldConfig ??= {};
    panel.fieldConfig.defaults ??= {};
    panel.fieldConfig.overrides ??= [];
    panel.fieldConfig.defaults.custom ??= {};
    (panel.targets ?? []).forEach((/** @type {any} */ target, /** @type {number} */ index) => {
        target.refId ??= String.fromCharCode(65 + (index % 26));
    });
    panel.datasource = withoutInput(panel.datasource, inputs);
    for (const target of panel.targets ?? []) target.datasource = withoutInput(target.datasource, inputs);
    if (panel.type === 'graph') return upgradeGraph(panel);
    if (panel.type === 'singlestat' || panel.type === 'grafana-singlestat-panel') return upgradeSinglestat(panel);
    if (panel.type === 'text2') panel.type = 'text';
    if (panel.type === 'text' && panel.content !== undefined && panel.options.content === undefined) {
        panel.options = { mode: panel.mode ?? 'markdown', content: panel.content };
    }
    return panel;
}

/**
 * `${DS_PROMETHEUS}` of an exported file stands for whichever source of its type is there.
 * @param {any} source
 * @param {Record<string, any>} inputs
 */
function withoutInput(source, inputs) {
    const uid = typeof source === 'string' ? source : source?.uid;
    const name = /^\$\{(.+)\}$/.exec(uid ?? '')?.[1];
    const input = name === undefined ? undefined : inputs[name];
    return input ? { type: input.pluginId } : source;
}

/** @param {any} panel @returns {Panel} */
function upgradeGraph(panel) {
    const { defaults, overrides } = panel.fieldConfig;
    const axis = panel.yaxes?.[0] ?? {};
    const unit = axis.format;
    const number = (/** @type {any} */ text) => (text === null || text === undefined || text === '' ? undefined : Number(text));
    Object.assign(defaults, {
        unit, decimals: panel.decimals ?? undefined, min: number(axis.min), max: number(axis.max),
        color: { mode: 'palette-classic' },
    });
    defaults.custom = {
        drawStyle: panel.bars ? 'bars' : panel.lines === false && panel.points ? 'points' : 'line',
        lineWidth: panel.linewidth ?? 1, fillOpacity: panel.bars ? 80 : (panel.fill ?? 1) * 10,
        lineInterpolation: panel.steppedLine ? 'stepAfter' : 'linear', spanNulls: panel.nullPointMode === 'connected',
        showPoints: panel.points ? 'always' : 'never', axisLabel: axis.label ?? '',
        stacking: { mode: panel.stack ? (panel.percentage ? 'percent' : 'normal') : 'none', group: 'A' },
        scaleDistribution: axis.logBase > 1 ? { type: 'log', log: axis.logBase } : { type: 'linear' },
    };
    for (const [name, color] of Object.entries(panel.aliasColors ?? {})) {
        overrides.push({
            matcher: { id: 'byName', options: name },
            properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }],
        });
    }
    for (const rule of panel.seriesOverrides ?? []) overrides.push(graphOverride(rule, panel.yaxes?.[1]?.format));
    panel.options = {
        legend: graphLegend(panel.legend ?? {}),
        tooltip: { mode: panel.tooltip?.shared === false ? 'single' : 'multi', sort: ['none', 'asc', 'desc'][panel.tooltip?.sort ?? 0] },
    };
    panel.type = 'timeseries';
    return panel;
}

/** @param {any} rule @param {string | undefined} rightUnit */
function graphOverride(rule, rightUnit) {
    const alias = String(rule.alias ?? '');
    /** @type {{id: string, value: any}[]} */
    const properties = [];
    if (rule.color) properties.push({ id: 'color', value: { mode: 'fixed', fixedColor: rule.color } });
    if (rule.transform === 'negative-Y') properties.push({ id: 'custom.transform', value: 'negative-Y' });
    if (rule.fill !== undefined) properties.push({ id: 'custom.fillOpacity', value: rule.fill * 10 });
    if (rule.linewidth !== undefined) properties.push({ id: 'custom.lineWidth', value: rule.linewidth });
    if (rule.stack === false) properties.push({ id: 'custom.stacking', value: { mode: 'none', group: false } });
    if (rule.stack === true) properties.push({ id: 'custom.stacking', value: { mode: 'normal', group: 'A' } });
    if (rule.dashes) properties.push({ id: 'custom.lineStyle', value: { fill: 'dash', dash: [rule.dashLength ?? 10, rule.spaceLength ?? 10] } });
    if (rule.yaxis === 2) {
        properties.push({ id: 'custom.axisPlacement', value: 'right' });
        if (rightUnit) properties.push({ id: 'unit', value: rightUnit });
    }
    const matcher = alias.startsWith('/') ? { id: 'byRegexp', options: alias } : { id: 'byName', options: alias };
    return { matcher, properties };
}

/** @param {any} legend */
function graphLegend(legend) {
    /** @type {[string, string][]} */
    const names = [['current', 'lastNotNull'], ['avg', 'mean'], ['min', 'min'], ['max', 'max'], ['total', 'sum']];
    return {
        showLegend: legend.show !== false, displayMode: legend.alignAsTable ? 'table' : 'list',
        placement: legend.rightSide ? 'right' : 'bottom',
        calcs: legend.values ? names.filter(([old]) => legend[old]).map(([, id]) => id) : [],
    };
}

/** @param {any} panel @returns {Panel} */
function upgradeSinglestat(panel) {
    const { defaults } = panel.fieldConfig;
    const levels = String(panel.thresholds ?? '').split(',').map((text) => text.trim()).filter(Boolean).map(Number);
    const colors = panel.colors ?? ['green', 'yellow', 'red'];
    Object.assign(defaults, {
        unit: panel.format, decimals: panel.decimals ?? undefined, noValue: panel.nullText || undefined,
        thresholds: {
            mode: 'absolute',
            steps: [{ value: null, color: colors[0] }, ...levels.map((value, index) => ({ value, color: colors[index + 1] ?? 'red' }))],
        },
        mappings: (panel.valueMaps ?? []).map((/** @type {any} */ map) => (map.value === 'null'
            ? { type: 'special', options: { match: 'null', result: { text: map.text } } }
            : { type: 'value', options: { [map.value]: { text: map.text } } })),
    });
    if (panel.gauge?.show) Object.assign(defaults, { min: panel.gauge.minValue ?? 0, max: panel.gauge.maxValue ?? 100 });
    panel.options = {
        reduceOptions: { calcs: [panel.valueName === 'avg' ? 'mean' : panel.valueName ?? 'mean'].map((id) => (id === 'current' ? 'lastNotNull' : id)) },
        colorMode: panel.colorBackground ? 'background' : panel.colorValue ? 'value' : 'none',
        graphMode: panel.sparkline?.show ? 'area' : 'none',
    };
    panel.type = panel.gauge?.show ? 'gauge' : 'stat';
    return panel;
}
