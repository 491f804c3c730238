// The spread of values: a box from the first to the third quartile, whiskers, and points beyond them.

import uPlot from '../vendor/uplot.js';
import { html, useMemo } from '../vendor/preact.js';
import { withAlpha } from '../format/colors.js';
import { shortened } from '../format/display.js';
import { formatValue, joined } from '../format/units.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { boxesOf } from './boxes.js';
import { CanvasPlot, axisStyle, namesAxis } from './canvas-plot.js';
import { axisSize } from './plot-options.js';

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, zone: string}} properties
 */
export function BoxPlotPanel({ panel, data, zone }) {
    const theme = useTheme();
    const content = useMemo(() => {
        const boxes = boxesOf(data.frames, zone);
        const { min, max, unit, decimals } = panel.fieldConfig.defaults;
        const all = boxes.flatMap((box) => [box.low, box.high, ...box.outliers]);
        const [low, high] = [all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), -Infinity)];
        const room = (high - low) * 0.06 || 1;
        return { boxes, low: min ?? low - room, high: max ?? high + room, text: (/** @type {number} */ value) => joined(formatValue(Number(value.toPrecision(12)), unit ?? 'short', decimals)) };
    }, [data, panel, theme, zone]);
    if (content.boxes.length === 0) return html`<${Empty} title="No numbers to draw" />`;
    return html`<div class="plot"><${CanvasPlot} content=${content} make=${make} draw=${draw} hover=${hover} data=${[[0, content.boxes.length], [0, 0]]} /></div>`;
}

/** @typedef {{boxes: import('./boxes.js').Box[], low: number, high: number, text: (value: number) => string}} Content */

/** @param {Content} content */
function make({ boxes, low, high, text }) {
    return {
        scales: { x: { time: false, range: () => [0, boxes.length] }, y: { range: () => [low, high] } },
        series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
        axes: [namesAxis(boxes.map((box) => box.name), { vertical: false, most: 20 }),
            { ...axisStyle(), scale: 'y', side: 3, size: axisSize, values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits) => splits.map(text) }],
    };
}

/** @param {uPlot} plot @param {Content} content */
function draw(plot, { boxes }) {
    const { ctx } = plot;
    const ratio = uPlot.pxRatio;
    const y = (/** @type {number} */ value) => plot.valToPos(value, 'y', true);
    boxes.forEach(({ color, low, first, middle, third, high, outliers }, index) => {
        const centre = plot.valToPos(index + 0.5, 'x', true);
        const half = Math.min(28 * ratio, (plot.valToPos(index + 1, 'x', true) - plot.valToPos(index, 'x', true)) * 0.33);
        ctx.strokeStyle = color;
        ctx.fillStyle = withAlpha(color, 0.35);
        ctx.lineWidth = 1.4 * ratio;
        const line = (/** @type {number} */ x1, /** @type {number} */ y1, /** @type {number} */ x2, /** @type {number} */ y2) => {
            ctx.beginPath();
            ctx.moveTo(x1, y1);
            ctx.lineTo(x2, y2);
            ctx.stroke();
        };
        line(centre, y(high), centre, y(third));
        line(centre, y(first), centre, y(low));
        if (middle !== null) {
            line(centre - half / 2, y(high), centre + half / 2, y(high));
            line(centre - half / 2, y(low), centre + half / 2, y(low));
        }
        const tall = Math.max(ratio, y(first) - y(third));
        ctx.fillRect(centre - half, y(third), half * 2, tall);
        ctx.strokeRect(centre - half, y(third), half * 2, tall);
        if (middle !== null) {
            ctx.lineWidth = 2.4 * ratio;
            line(centre - half, y(middle), centre + half, y(middle));
        }
        ctx.fillStyle = color;
        for (const value of outliers) {
            ctx.beginPath();
            ctx.arc(centre, y(value), 2 * ratio, 0, Math.PI * 2);
            ctx.fill();
        }
    });
}

/** @param {uPlot} plot @param {Content} content */
function hover(plot, { boxes, text }) {
    const box = boxes[Math.floor(plot.posToVal(plot.cursor.left ?? 0, 'x'))];
    return box && { heading: shortened(box.name, 200), lines: box.texts.map(([name, value]) => ({ name, text: text(value) })) };
}
