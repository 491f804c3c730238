// Exemplars on a plot: a diamond for each, whose trace a click opens.

import uPlot from '../vendor/uplot.js';
import { themeVariable } from '../format/colors.js';
import { withParams } from '../router.js';

/** @typedef {import('../data/samples.js').Exemplar} Exemplar */

/** Pixels from the centre of a diamond to its corners. */
const radius = 5;

/**
 * The layer over a plot's lines.
 * @param {Exemplar[]} exemplars
 * @param {string} [tracesUid] where their traces are looked up
 */
export function exemplarLayer(exemplars, tracesUid) {
    // What lies under the axis is faster or smaller than all that is drawn, and would only crowd its edge.
    const inSight = (/** @type {uPlot} */ plot) => exemplars.filter((one) => one.value >= (plot.scales[plot.series[1]?.scale ?? 'y']?.min ?? -Infinity));
    const placeOf = (/** @type {uPlot} */ plot, /** @type {Exemplar} */ one, /** @type {boolean} */ onCanvas) => {
        const scale = plot.series[1]?.scale ?? 'y';
        const high = plot.scales[scale]?.max ?? Infinity;
        // A value above the axis is shown at its edge.
        return { x: plot.valToPos(one.timeMs / 1000, 'x', onCanvas), y: plot.valToPos(Math.min(high, one.value), scale, onCanvas) };
    };
    return {
        draw: (/** @type {uPlot} */ plot) => {
            const { ctx, bbox } = plot;
            const ratio = uPlot.pxRatio;
            ctx.save();
            ctx.fillStyle = themeVariable('--accent');
            ctx.strokeStyle = themeVariable('--surface');
            ctx.lineWidth = ratio;
            for (const one of inSight(plot)) {
                const { x, y } = placeOf(plot, one, true);
                if (x < bbox.left || x > bbox.left + bbox.width) continue;
                ctx.beginPath();
                for (const [dx, dy] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) ctx.lineTo(x + dx * radius * ratio, y + dy * radius * ratio);
                ctx.closePath();
                ctx.fill();
                ctx.stroke();
            }
            ctx.restore();
        },
        /** What is said about the exemplar under the pointer, and where a click leads. */
        at: (/** @type {uPlot} */ plot, /** @type {number} */ left, /** @type {number} */ top) => {
            let best;
            let distance = radius * 2;
            for (const one of inSight(plot)) {
                const { x, y } = placeOf(plot, one, false);
                const away = Math.hypot(x - left, y - top);
                if (away < distance) [best, distance] = [one, away];
            }
            if (!best) return undefined;
            const href = best.traceId && withParams('/explore/traces', { ds: tracesUid, trace: best.traceId, from: String(Math.round(best.timeMs - 3_600_000)), to: String(Math.round(best.timeMs + 3_600_000)) });
            const lines = Object.entries({ value: String(best.value), ...best.labels, ...best.series }).map(([name, text]) => ({ name, text: text.slice(0, 200) }));
            return { time: best.timeMs, lines, links: href ? [{ title: 'Show the trace', href, blank: false }] : [] };
        },
    };
}
