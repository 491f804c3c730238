// How often which value occurs.

import uPlot from '../vendor/uplot.js';
import { html, useMemo, useState } from '../vendor/preact.js';
import { withAlpha } from '../format/colors.js';
import { formatValue, joined } from '../format/units.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { CanvasPlot, axisStyle } from './canvas-plot.js';
import { histogramBars } from './histogram-bars.js';
import { NameLegend } from './name-legend.js';
import { axisSize, axisTexts } from './plot-options.js';

/** @typedef {import('./histogram-bars.js').Bars} Bars */

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, size: {width: number, height: number}}} properties
 */
export function HistogramPanel({ panel, data, size }) {
    const theme = useTheme();
    const [hidden, setHidden] = useState(/** @type {Set<string>} */ (new Set()));
    const bars = useMemo(() => histogramBars(data.frames, panel.options), [data, panel, theme]);
    const content = useMemo(() => {
        const custom = panel.fieldConfig.defaults.custom ?? {};
        const series = bars.series.filter((one) => !hidden.has(one.name));
        const stacked = Boolean(custom.stacking?.mode && custom.stacking.mode !== 'none');
        const heights = bars.edges.map((_, at) => (stacked ? series.reduce((sum, one) => sum + one.counts[at], 0) : series.reduce((most, one) => Math.max(most, one.counts[at]), 0)));
        return { bars: { ...bars, series }, stacked, top: heights.reduce((a, b) => Math.max(a, b), 1), opacity: (custom.fillOpacity ?? 80) / 100, line: custom.lineWidth ?? 1 };
    }, [bars, hidden, panel]);
    if (bars.edges.length === 0) return html`<${Empty} title="No numbers to count" />`;
    const last = bars.edges[bars.edges.length - 1] + bars.size;
    const legend = panel.options.legend ?? {};
    return html`<div class="plot ${legend.placement === 'right' && size.width > 420 ? 'right' : ''}">
        <${CanvasPlot} content=${content} make=${make} draw=${draw} hover=${hover} data=${[[bars.edges[0], last], [0, 0]]} />
        ${legend.showLegend !== false && legend.displayMode !== 'hidden' && size.height > 110 && html`<${NameLegend} items=${bars.series} hidden=${hidden} onChange=${setHidden} />`}
    </div>`;
}

/** @typedef {{bars: Bars, stacked: boolean, top: number, opacity: number, line: number}} Content */

/** @param {Bars} bars @param {number} value */
function edgeText({ unit, decimals }, value) {
    return joined(formatValue(Number(value.toPrecision(12)), unit ?? 'short', decimals));
}

/** @param {Content} content */
function make({ bars, top }) {
    const last = bars.edges[bars.edges.length - 1] + bars.size;
    return {
        scales: { x: { time: false, range: () => [bars.edges[0], last] }, y: { range: () => [0, top * 1.06] } },
        series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
        axes: [{ ...axisStyle(), grid: { show: false }, size: 26, space: 60, values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits) => splits.map((value) => edgeText(bars, value)) },
            { ...axisStyle(), scale: 'y', size: axisSize, values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits) => axisTexts(splits, 'short', null, 'browser') }],
    };
}

/** @param {uPlot} plot @param {Content} content */
function draw(plot, { bars, stacked, opacity, line }) {
    const { ctx } = plot;
    const base = new Array(bars.edges.length).fill(0);
    for (const { color, counts } of bars.series) {
        ctx.fillStyle = withAlpha(color, opacity / (stacked || bars.series.length === 1 ? 1 : 1.6));
        ctx.strokeStyle = color;
        ctx.lineWidth = line * uPlot.pxRatio;
        counts.forEach((count, at) => {
            if (!count) return;
            const [left, right] = [plot.valToPos(bars.edges[at], 'x', true), plot.valToPos(bars.edges[at] + bars.size, 'x', true)];
            const [top, bottom] = [plot.valToPos(base[at] + count, 'y', true), plot.valToPos(base[at], 'y', true)];
            const gap = Math.min(2 * uPlot.pxRatio, (right - left) * 0.1);
            ctx.fillRect(left + gap / 2, top, right - left - gap, bottom - top);
            if (line > 0) ctx.strokeRect(left + gap / 2, top, right - left - gap, bottom - top);
            if (stacked) base[at] += count;
        });
    }
}

/** @param {uPlot} plot @param {Content} content */
function hover(plot, { bars }) {
    const at = Math.floor((plot.posToVal(plot.cursor.left ?? 0, 'x') - bars.edges[0]) / bars.size);
    if (at < 0 || at >= bars.edges.length) return undefined;
    return {
        heading: `${edgeText(bars, bars.edges[at])} – ${edgeText(bars, bars.edges[at] + bars.size)}`,
        lines: bars.series.slice(0, 24).map(({ name, color, counts }) => ({ name, color, text: joined(formatValue(counts[at] ?? 0, 'short', null)) })),
    };
}
