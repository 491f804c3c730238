// Counts over time and size: the darker or brighter a cell, the more fell into it.

import uPlot from '../vendor/uplot.js';
import { html, useMemo } from '../vendor/preact.js';
import { heatColors } from '../format/color-schemes.js';
import { formatValue, joined } from '../format/units.js';
import { dateTime } from '../time/format.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { CanvasPlot, axisStyle, timeAxis } from './canvas-plot.js';
import { heatmapCells } from './heatmap-cells.js';
import { axisSize } from './plot-options.js';

/** @typedef {import('./heatmap-cells.js').Cells} Cells */

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, zone: string, size: {width: number, height: number},
 *   dashboard: import('../types/model').Dashboard}} properties
 */
export function HeatmapPanel({ panel, data, zone, size, dashboard }) {
    const theme = useTheme();
    const { options } = panel;
    const { range } = data;
    const content = useMemo(() => {
        const cells = heatmapCells(data.frames, options, range);
        const axis = options.yAxis ?? {};
        const field = data.frames.flatMap((frame) => frame.fields).find((one) => one.type === 'number');
        const unit = axis.unit ?? field?.config.unit ?? 'short';
        const edge = (/** @type {number | null} */ value) => (value === null ? '' : joined(formatValue(value, unit, axis.decimals)));
        const count = (/** @type {number} */ value) => joined(formatValue(value, options.cellValues?.unit ?? 'short', options.cellValues?.decimals));
        return { cells, options, color: heatColors(options.color), edge, count, zone, reverse: Boolean(axis.reverse), side: axis.axisPlacement === 'right' ? 1 : 3, hidden: axis.axisPlacement === 'hidden' };
    }, [data, panel, theme, zone]);
    const { cells } = content;
    if (cells.rows.length === 0 || cells.times.length === 0) return html`<${Empty} title="No counts to draw">The query answers no histogram.</${Empty}>`;
    const sync = dashboard?.graphTooltip ? `${dashboard.uid}/${dashboard.graphTooltip === 2 ? 'tooltip' : 'crosshair'}` : undefined;
    const legend = options.legend?.show !== false && size.height > 110;
    const ramp = Array.from({ length: 24 }, (_, index) => content.color(index / 23)).join(', ');
    return html`<div class="plot">
        <${CanvasPlot} content=${content} make=${make} draw=${draw} hover=${hover} data=${[[range.from / 1000, range.to / 1000], [0, 0]]} range=${range} zone=${zone} syncKey=${sync} />
        ${legend && html`<div class="heat-legend"><span>${content.count(cells.min)}</span><i style=${{ background: `linear-gradient(90deg, ${ramp})` }}></i><span>${content.count(cells.max)}</span></div>`}
    </div>`;
}

/** @typedef {{cells: Cells, options: any, color: (share: number) => string, edge: (value: number | null) => string, count: (value: number) => string, zone: string, reverse: boolean, side: number, hidden: boolean}} Content */

/** @param {Content} content */
function make({ cells, edge, zone, reverse, side, hidden }) {
    const count = cells.rows.length;
    const numeric = cells.rows[0].high !== null;
    return {
        scales: { y: { range: () => [0, count], dir: reverse ? -1 : 1 } },
        series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
        axes: [timeAxis(zone), {
            ...axisStyle(), scale: 'y', side, show: !hidden, size: axisSize,
            splits: (/** @type {uPlot} */ plot) => {
                const every = Math.max(1, Math.ceil((count * 16) / Math.max(1, plot.bbox.height / uPlot.pxRatio)));
                // Numbers stand at the edge that they name, words in the middle of their row.
                return numeric ? Array.from({ length: count + 1 }, (_, index) => index).filter((index) => index % every === 0) : cells.rows.map((_, index) => index + 0.5).filter((_, index) => index % every === 0);
            },
            values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits) => splits.map((at) => (numeric ? edgeText(cells, at, edge) : cells.rows[Math.floor(at)]?.name.slice(0, 24) ?? '')),
        }],
    };
}

/** @param {Cells} cells @param {number} at @param {(value: number | null) => string} edge */
function edgeText(cells, at, edge) {
    const value = at === 0 ? cells.rows[0].low : cells.rows[at - 1]?.high;
    return value === undefined ? '' : edge(value);
}

/** @param {uPlot} plot @param {Content} content */
function draw(plot, { cells, options, color }) {
    const { ctx } = plot;
    const span = cells.max - cells.min || 1;
    const columns = cells.times.map((time) => [plot.valToPos(time / 1000, 'x', true), plot.valToPos((time + cells.step) / 1000, 'x', true)]);
    // Columns of a few pixels would be all gap.
    const width = columns.length > 0 ? columns[0][1] - columns[0][0] : 0;
    const gap = width < 5 * uPlot.pxRatio ? 0 : (options.cellGap ?? 1) * uPlot.pxRatio;
    cells.rows.forEach((_, row) => {
        const [first, second] = [plot.valToPos(row, 'y', true), plot.valToPos(row + 1, 'y', true)];
        const [top, bottom] = [Math.min(first, second), Math.max(first, second)];
        cells.counts[row].forEach((count, column) => {
            if (count === null) return;
            const [left, right] = columns[column];
            ctx.fillStyle = color((count - cells.min) / span);
            ctx.fillRect(left + gap / 2, top + gap / 2, Math.max(1, right - left - gap + (gap === 0 ? 0.5 : 0)), Math.max(1, bottom - top - gap));
        });
    });
}

/** @param {uPlot} plot @param {Content} content */
function hover(plot, { cells, edge, count, color, zone }) {
    const { left = 0, top = 0 } = plot.cursor;
    const time = plot.posToVal(left, 'x') * 1000;
    const row = Math.floor(plot.posToVal(top, 'y'));
    const column = Math.floor((time - cells.times[0]) / cells.step);
    if (row < 0 || row >= cells.rows.length || column < 0 || column >= cells.times.length) return undefined;
    const { low, high, name } = cells.rows[row];
    const value = cells.counts[row][column];
    return {
        heading: `${dateTime(cells.times[column], zone)} to ${dateTime(cells.times[column] + cells.step, zone).slice(11)}`,
        lines: [{ name: 'Bucket', text: high === null ? name : `${edge(low)} – ${edge(high)}` },
            { name: 'Count', text: value === null ? '0' : count(value), color: value === null ? undefined : color((value - cells.min) / (cells.max - cells.min || 1)) }],
    };
}
