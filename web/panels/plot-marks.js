// Annotations on a plot: dashed lines for moments, tinted bands for spans of time.

import uPlot from '../vendor/uplot.js';
import { withAlpha } from '../format/colors.js';

/** @typedef {import('../dashboard/annotations.js').Annotation} Annotation */

/** @param {uPlot} plot @param {Annotation[]} marks */
export function drawMarks(plot, marks) {
    if (marks.length === 0) return;
    const { ctx, bbox } = plot;
    const ratio = uPlot.pxRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height + 6 * ratio);
    ctx.clip();
    for (const { from, to, color } of marks) {
        const left = plot.valToPos(from / 1000, 'x', true);
        const right = plot.valToPos(to / 1000, 'x', true);
        if (right < bbox.left || left > bbox.left + bbox.width) continue;
        if (right > left) {
            ctx.fillStyle = withAlpha(color, 0.12);
            ctx.fillRect(left, bbox.top, right - left, bbox.height);
        }
        ctx.strokeStyle = withAlpha(color, 0.9);
        ctx.lineWidth = ratio;
        ctx.setLineDash([4 * ratio, 4 * ratio]);
        for (const x of right > left ? [left, right] : [left]) {
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
        }
        ctx.fillStyle = color;
        ctx.beginPath();
        ctx.moveTo(left - 4 * ratio, bbox.top + bbox.height + 5 * ratio);
        ctx.lineTo(left + 4 * ratio, bbox.top + bbox.height + 5 * ratio);
        ctx.lineTo(left, bbox.top + bbox.height - 1 * ratio);
        ctx.fill();
    }
    ctx.restore();
}

/**
 * Those under the pointer, or so near that they are meant.
 * @param {uPlot} plot @param {Annotation[]} marks @param {number} left pixels in the plot
 */
export function marksNear(plot, marks, left) {
    if (marks.length === 0) return [];
    const [from, to] = [plot.posToVal(left - 4, 'x') * 1000, plot.posToVal(left + 4, 'x') * 1000];
    return marks.filter((mark) => mark.to >= from && mark.from <= to);
}
