// One uPlot on the page: made anew when its shape changes, fed when only its data do.

import uPlot from '../vendor/uplot.js';
import { html, useEffect, useLayoutEffect, useRef } from '../vendor/preact.js';
import { useSize, useTheme } from '../ui/hooks.js';
import { bandFill, drawThresholds, plotAxes, plotScales, plotSeries } from './plot-options.js';
import { drawMarks, marksNear } from './plot-marks.js';
import { pointLinks } from './plot-links.js';
import { stackSeries } from './series.js';
import { PlotTooltip } from './tooltip.js';
import { dateTime, zoneName } from '../time/format.js';

/** @typedef {import('./series.js').Series} Series */
/**
 * @typedef {{times: number[], series: Series[], hidden: Set<string>, focused: number | null, range: import('../types/model').TimeRange, zone: string,
 *   marks?: import('../dashboard/annotations.js').Annotation[], scope?: import('../types/model').Scope, tooltip: import('./tooltip.js').TooltipOptions, syncKey?: string, onZoom: (from: number, to: number) => void, onZoomOut: () => void, layer?: Layer, panel?: any}} PlotProperties
 */
/**
 * Points of their own over the lines: `draw` draws them, `at` tells of the one under the pointer.
 * @typedef {{draw: (plot: uPlot) => void, at: (plot: uPlot, left: number, top: number) => {time: number, lines: {name: string, text: string}[], links: import('../dashboard/links.js').Link[]} | undefined}} Layer
 */

/** @param {PlotProperties} properties */
export function Plot(properties) {
    const { times, series, hidden, focused, range, zone, syncKey, marks, layer } = properties;
    const [boxRef, size, box] = useSize();
    const theme = useTheme();
    const latest = useRef(properties);
    latest.current = properties;
    const plot = useRef(/** @type {uPlot | null} */ (null));
    const shape = useRef('');
    const tip = useRef(/** @type {PlotTooltip | null} */ (null));

    tip.current ??= new PlotTooltip();
    useEffect(() => {
        return () => {
            tip.current?.remove();
            plot.current?.destroy();
            plot.current = null;
        };
    }, []);

    useLayoutEffect(() => {
        if (size.width < 20 || size.height < 20) return;
        const visible = series.filter((one) => !hidden.has(one.name));
        const { columns, below, bases } = stackSeries(visible, times.length);
        const data = [times.map((time) => time / 1000), ...columns];
        const key = shapeOf(visible, zone, theme, syncKey);
        const values = visible.map((one) => one.values);
        if (plot.current && key === shape.current) {
            Object.assign(plot.current, { bases, values });
            plot.current.setData(data, false);
            plot.current.redraw();
            rescale(plot.current, range);
            return;
        }
        plot.current?.destroy();
        shape.current = key;
        const made = new uPlot(optionsOf({ visible, below, size, zone, syncKey, latest, tip }), data, box);
        Object.assign(made, { bases, values });
        rescale(made, range);
        plot.current = made;
    }, [times, series, hidden, range, zone, theme, syncKey, marks, layer, size.width > 20 && size.height > 20]);

    useLayoutEffect(() => {
        if (plot.current && size.width > 20 && size.height > 20) plot.current.setSize(size);
    }, [size]);

    useEffect(() => {
        const at = focused === null ? null : visibleIndex(series, hidden, focused);
        plot.current?.setSeries(at, { focus: true });
    }, [focused]);

    return html`<div class="plot-canvas" ref=${boxRef}></div>`;
}

/** @param {uPlot} plot @param {{from: number, to: number}} range */
function rescale(plot, range) {
    /** @type {any} */ (plot).setScale('x', { min: range.from / 1000, max: range.to / 1000 });
}

/** @param {Series[]} series @param {Set<string>} hidden @param {number} index */
function visibleIndex(series, hidden, index) {
    if (hidden.has(series[index]?.name)) return null;
    return series.slice(0, index).filter((one) => !hidden.has(one.name)).length + 1;
}

/**
 * Everything but the data.
 * @param {Series[]} series
 * @param {string} zone
 * @param {string} theme
 * @param {string | undefined} syncKey
 */
function shapeOf(series, zone, theme, syncKey) {
    return JSON.stringify([theme, zone, syncKey, series.map((one) => [one.name, one.color, one.unit, one.stack, one.custom, one.field.config.min,
        one.field.config.max, one.field.config.decimals, one.field.config.thresholds])]);
}

/**
 * @param {{visible: Series[], below: (number | null)[], size: {width: number, height: number}, zone: string, syncKey?: string, latest: {current: PlotProperties}, tip: {current: PlotTooltip | null}}} context
 */
function optionsOf({ visible, below, size, zone, syncKey, latest, tip }) {
    const bands = below.flatMap((under, index) => {
        const { drawStyle, fillBelowTo } = visible[index].custom;
        const lower = under ?? (fillBelowTo ? visible.findIndex((one) => one.name === fillBelowTo) : -1);
        return lower < 0 || drawStyle === 'bars' ? [] : [{ series: [index + 1, lower + 1], fill: bandFill(visible[index], []) }];
    }).filter((band) => band.fill);
    const thresholds = drawThresholds(visible);
    return {
        ...size, padding: [8, 20, 0, 2], legend: { show: false }, focus: { alpha: 0.25 },
        scales: { x: { time: true }, ...plotScales(visible) },
        axes: plotAxes(visible, zone),
        series: [{}, ...visible.map((one, index) => plotSeries(one, below[index] !== null))],
        bands,
        cursor: {
            drag: { x: true, y: false, setScale: false, dist: 6 }, focus: { prox: 24 }, points: { size: 7, width: 1.5, one: visible.length > 8 },
            sync: syncKey ? { key: syncKey, setSeries: false, scales: ['x', null] } : undefined,
            bind: { dblclick: () => () => { latest.current.onZoomOut(); return null; } },
        },
        tzDate: zone === 'browser' || zone === '' ? undefined : (/** @type {number} */ seconds) => uPlot.tzDate(new Date(seconds * 1000), zoneName(zone)),
        hooks: {
            drawAxes: thresholds ? [thresholds] : [],
            draw: [(/** @type {uPlot} */ plot) => { drawMarks(plot, latest.current.marks ?? []); latest.current.layer?.draw(plot); }],
            ready: [(/** @type {any} */ plot) => {
                plot.over.addEventListener('mousedown', (/** @type {MouseEvent} */ event) => { plot.marking = event.ctrlKey || event.metaKey; });
                plot.over.addEventListener('click', () => pinLinks(plot, visible, latest.current, tip.current));
            }],
            setSelect: [(/** @type {any} */ plot) => {
                const { left, width } = plot.select;
                if (width < 6) return;
                const from = plot.posToVal(left, 'x') * 1000;
                const to = plot.posToVal(left + width, 'x') * 1000;
                plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
                tip.current?.hide();
                const { scope, panel, onZoom } = latest.current;
                if (plot.marking && scope?.annotate) scope.annotate({ panel, from, to });
                else onZoom(from, to);
            }],
            setCursor: [(/** @type {uPlot} */ plot) => showTip(plot, visible, latest.current, tip.current)],
            setSeries: [(/** @type {uPlot} */ plot, /** @type {number | null} */ at) => {
                /** @type {any} */ (plot).nearest = at;
            }],
        },
    };
}

/**
 * A click on a point offers where its data links lead.
 * @param {any} plot @param {Series[]} visible @param {PlotProperties} properties @param {PlotTooltip | null} tip
 */
function pinLinks(plot, visible, properties, tip) {
    const { idx, left = -1, top = -1 } = plot.cursor;
    const { scope, panel, marks } = properties;
    if (scope?.annotate && (plot.marking || marks?.some(({ id }) => id))) scope.annotate({ panel, marks, plot, left });
    if (plot.marking) return;
    const point = properties.layer?.at(plot, left, top);
    if (point) return void tip?.pin(point.links);
    if (idx === null || idx === undefined || !properties.scope) return;
    const nearest = nearestSeries(plot, visible, idx, top);
    if (nearest === null) return;
    const links = pointLinks(visible[nearest], idx, plot.data[0][idx] * 1000, properties.scope);
    if (links.length > 0) tip?.pin(links);
}

/** @param {uPlot} plot @param {Series[]} visible @param {PlotProperties} properties @param {PlotTooltip | null} tip */
function showTip(plot, visible, properties, tip) {
    const { left = -1, top = -1, idx } = plot.cursor;
    const shared = properties.syncKey?.endsWith('/tooltip');
    const hovered = plot.over.matches(':hover');
    if (left < 0 || idx === null || idx === undefined || properties.tooltip.mode === 'none' || (!hovered && !shared)) {
        tip?.hide();
        return;
    }
    const box = plot.over.getBoundingClientRect();
    const point = hovered ? properties.layer?.at(plot, left, top) : undefined;
    if (point) {
        tip?.showLines(dateTime(point.time, properties.zone), point.lines, box.left + left, box.top + top);
        return;
    }
    tip?.show({
        time: plot.data[0][idx] * 1000, zone: properties.zone, series: visible, index: idx, marks: marksNear(plot, properties.marks ?? [], left),
        nearest: nearestSeries(plot, visible, idx, top), options: properties.tooltip,
        x: box.left + left, y: box.top + (hovered ? top : box.height / 3),
    });
}

/** @param {uPlot} plot @param {Series[]} visible @param {number} index @param {number} top */
function nearestSeries(plot, visible, index, top) {
    let best = null;
    let distance = Infinity;
    for (let at = 0; at < visible.length; at++) {
        const value = plot.data[at + 1][index];
        if (value === null || value === undefined || (visible[at].stack && (visible[at].values[index] ?? null) === null)) continue;
        const away = Math.abs(plot.valToPos(value, plot.series[at + 1].scale) - top);
        if (away < distance) [best, distance] = [at, away];
    }
    return best;
}
