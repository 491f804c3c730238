// Panel types and what draws them. All but the most common are loaded when a board has a panel of their type.

import { useEffect, useState } from '../vendor/preact.js';
import { StatPanel } from '../panels/stat.js';
import { TimeSeriesPanel } from '../panels/time-series.js';

/** @type {Record<string, any>} */
export const ready = { timeseries: TimeSeriesPanel, stat: StatPanel };

const table = () => import('../panels/table.js').then((module) => module.TablePanel);
const states = () => import('../panels/state-timeline.js').then((module) => module.StateTimelinePanel);
const boxes = () => import('../panels/box-plot.js').then((module) => module.BoxPlotPanel);

/** @type {Record<string, () => Promise<any>>} */
export const loaders = {
    table,
    'table-old': table,
    gauge: () => import('../panels/gauge.js').then((module) => module.GaugePanel),
    bargauge: () => import('../panels/bar-gauge.js').then((module) => module.BarGaugePanel),
    piechart: () => import('../panels/pie.js').then((module) => module.PiePanel),
    text: () => import('../panels/text.js').then((module) => module.TextPanel),
    logs: () => import('../panels/logs.js').then((module) => module.LogsPanel),
    heatmap: () => import('../panels/heatmap.js').then((module) => module.HeatmapPanel),
    histogram: () => import('../panels/histogram.js').then((module) => module.HistogramPanel),
    barchart: () => import('../panels/bar-chart.js').then((module) => module.BarChartPanel),
    'state-timeline': states,
    'status-history': states,
    dashlist: () => import('../panels/dashboard-list.js').then((module) => module.DashboardListPanel),
    alertlist: () => import('../panels/alert-list.js').then((module) => module.AlertListPanel),
    nodeGraph: () => import('../panels/node-graph.js').then((module) => module.NodeGraphPanel),
    traces: () => import('../panels/traces.js').then((module) => module.TracesPanel),
    boxplot: boxes,
    candlestick: boxes,
};

/** Types which find their content without a query of their own. */
export const selfFed = new Set(['text', 'dashlist', 'alertlist']);

/** @param {string} type */
export function isKnown(type) {
    return type in ready || type in loaders;
}

/**
 * What draws panels of a type; an unknown type is shown as a table.
 * @param {string} type
 * @returns {{Drawing: any, failed: boolean}} `Drawing` is undefined until it is loaded
 */
export function useDrawing(type) {
    const wanted = isKnown(type) ? type : 'table';
    const [, setCount] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
        if (ready[wanted]) return;
        loadDrawing(wanted).then(() => setCount((count) => count + 1), () => setFailed(true));
    }, [wanted]);
    return { Drawing: ready[wanted], failed };
}

/**
 * Begins to load what a board will need, before its panels stand on the page.
 * @param {string[]} types
 */
export function loadDrawings(types) {
    for (const type of new Set(types)) if (loaders[type] && !ready[type]) loadDrawing(type).catch(() => {});
}

/** @param {string} type */
async function loadDrawing(type) {
    ready[type] = await loaders[type]();
}
