// Bars by category: upright or lying, side by side or stacked.

import uPlot from '../vendor/uplot.js';
import { html, useMemo, useState } from '../vendor/preact.js';
import { themeVariable, withAlpha } from '../format/colors.js';
import { display, shortened } from '../format/display.js';
import { formatValue, joined } from '../format/units.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { barGroups, barSpans } from './bar-groups.js';
import { CanvasPlot, axisStyle, namesAxis } from './canvas-plot.js';
import { NameLegend } from './name-legend.js';
import { axisFont, axisSize, axisSteps } from './plot-options.js';

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, zone: string, size: {width: number, height: number}}} properties
 */
export function BarChartPanel({ panel, data, zone, size }) {
    const theme = useTheme();
    const [hidden, setHidden] = useState(/** @type {Set<string>} */ (new Set()));
    const { options } = panel;
    const groups = useMemo(() => barGroups(data.frames, options, zone), [data, panel, theme, zone]);
    const content = useMemo(() => {
        const series = groups.series.filter((one) => !hidden.has(one.name));
        const custom = series[0]?.field.config.custom ?? {};
        const stacking = String(options.stacking ?? custom.stacking?.mode ?? 'none');
        const spans = barSpans(series, groups.categories.length, stacking);
        const ends = spans.flatMap((list) => list.flatMap(({ from, to }) => [from, to]));
        const config = series[0]?.field.config ?? {};
        const lying = options.orientation === 'horizontal' || (options.orientation === 'auto' && size.width < size.height);
        const low = config.min ?? custom.axisSoftMin ?? Math.min(0, ends.reduce((a, b) => Math.min(a, b), 0));
        const high = stacking === 'percent' ? 1 : config.max ?? Math.max(custom.axisSoftMax ?? 0, ends.reduce((a, b) => Math.max(a, b), 0)) * (lying ? 1.16 : 1.12);
        return {
            categories: groups.categories, series, spans, low, high: high > low ? high : low + 1, lying, stacked: stacking !== 'none', unit: stacking === 'percent' ? 'percentunit' : config.unit ?? 'short',
            showValue: String(options.showValue ?? 'auto'), group: Number(options.groupWidth) || 0.7, bar: Number(options.barWidth) || 0.97, radius: Number(options.barRadius) || 0,
            opacity: (custom.fillOpacity ?? 80) / 100, line: custom.lineWidth ?? 1, rotation: -(Number(options.xTickLabelRotation) || 0), letters: Number(options.xTickLabelMaxLength) || 24, label: custom.axisLabel,
        };
    }, [groups, hidden, panel, size.width < size.height]);
    if (groups.categories.length === 0 || groups.series.length === 0) return html`<${Empty} title="No bars to draw">A bar chart needs a column of names and one of numbers.</${Empty}>`;
    const legend = options.legend ?? {};
    const shown = legend.showLegend !== false && legend.displayMode !== 'hidden' && size.height > 110 && groups.series.length > 0;
    return html`<div class="plot ${legend.placement === 'right' && size.width > 420 ? 'right' : ''}">
        ${groups.left > 0 && html`<p class="plot-note">The first ${groups.categories.length} of ${groups.categories.length + groups.left} bars are drawn.</p>`}
        <${CanvasPlot} content=${content} make=${make} draw=${draw} hover=${hover} data=${content.lying ? [[content.low, content.high], [0, 0]] : [[0, groups.categories.length], [0, 0]]} />
        ${shown && html`<${NameLegend} items=${groups.series} hidden=${hidden} onChange=${setHidden} />`}
    </div>`;
}

/** @typedef {{categories: string[], series: import('./bar-groups.js').BarSeries[], spans: {from: number, to: number}[][], low: number, high: number, lying: boolean, stacked: boolean, unit: string, showValue: string, group: number, bar: number, radius: number, opacity: number, line: number, rotation: number, letters: number, label?: string}} Content */

/** @param {Content} content */
function make({ categories, low, high, lying, unit, rotation, letters, label }) {
    const values = { ...axisStyle(), space: lying ? 76 : 34, incrs: axisSteps(unit), label: label || undefined, labelFont: axisFont, labelSize: 20, size: lying ? 26 : axisSize, values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits) => splits.map((value) => joined(formatValue(Number(value.toPrecision(12)), unit))) };
    const names = namesAxis(categories, { vertical: lying, rotation, most: letters });
    return {
        scales: {
            x: { time: false, range: () => (lying ? [low, high] : [0, categories.length]) },
            y: { range: () => (lying ? [0, categories.length] : [low, high]), dir: lying ? -1 : 1 },
        },
        series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
        axes: lying ? [values, { ...names, scale: 'y', side: 3 }] : [names, { ...values, scale: 'y', side: 3 }],
    };
}

/** @param {Content} content @param {number} category @param {number} series */
function slot({ series: all, stacked, group, bar }, category, series) {
    const count = stacked ? 1 : all.length;
    const width = group / count;
    const start = category + (1 - group) / 2 + (stacked ? 0 : series * width);
    return { from: start + (width * (1 - bar)) / 2, to: start + width - (width * (1 - bar)) / 2 };
}

/** @param {uPlot} plot @param {Content} content */
function draw(plot, content) {
    const { categories, series, spans, lying, showValue, opacity, line, radius } = content;
    const { ctx } = plot;
    const ratio = uPlot.pxRatio;
    ctx.font = axisFont.replace(/^[\d.]+px/, `${11 * ratio}px`);
    series.forEach((one, index) => {
        categories.forEach((_, category) => {
            if (one.values[category] === null) return;
            const { from, to } = spans[index][category];
            const place = slot(content, category, index);
            const [a, b] = [plot.valToPos(place.from, lying ? 'y' : 'x', true), plot.valToPos(place.to, lying ? 'y' : 'x', true)];
            const [c, d] = [plot.valToPos(from, lying ? 'x' : 'y', true), plot.valToPos(to, lying ? 'x' : 'y', true)];
            const box = lying ? { x: Math.min(c, d), y: Math.min(a, b), width: Math.abs(d - c), height: Math.abs(b - a) } : { x: Math.min(a, b), y: Math.min(c, d), width: Math.abs(b - a), height: Math.abs(d - c) };
            const color = one.colors?.[category] ?? one.color;
            ctx.fillStyle = withAlpha(color, opacity);
            ctx.strokeStyle = color;
            ctx.lineWidth = line * ratio;
            ctx.beginPath();
            /** @type {any} */ (ctx).roundRect(box.x, box.y, box.width, box.height, Math.min(radius * Math.min(box.width, box.height), 12 * ratio));
            ctx.fill();
            if (line > 0) ctx.stroke();
            if (showValue === 'never') return;
            const shown = display(one.values[category], one.field.config);
            const text = shown.prefix + shown.text + shown.suffix;
            const width = ctx.measureText(text).width;
            if (showValue !== 'always' && (lying ? box.height < 11 * ratio : width > box.width + 10 * ratio)) return;
            ctx.fillStyle = themeVariable('--text');
            ctx.textBaseline = lying ? 'middle' : 'bottom';
            ctx.textAlign = lying ? 'left' : 'center';
            if (lying) ctx.fillText(text, box.x + box.width + 4 * ratio, box.y + box.height / 2);
            else ctx.fillText(text, box.x + box.width / 2, box.y - 2 * ratio);
        });
    });
}

/** @param {uPlot} plot @param {Content} content */
function hover(plot, { categories, series, lying }) {
    const { left = 0, top = 0 } = plot.cursor;
    const category = Math.floor(lying ? plot.posToVal(top, 'y') : plot.posToVal(left, 'x'));
    if (category < 0 || category >= categories.length) return undefined;
    return {
        heading: shortened(categories[category], 200),
        lines: series.slice(0, 24).map((one) => {
            const shown = display(one.values[category], one.field.config);
            return { name: one.name, color: one.colors?.[category] ?? one.color, text: shown.prefix + shown.text + shown.suffix };
        }),
    };
}
