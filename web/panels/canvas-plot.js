// uPlot as a stage for drawings that are no series: its axes, cursor, zoom and shared crosshair, our own shapes.

import uPlot from '../vendor/uplot.js';
import { html, useLayoutEffect, useRef } from '../vendor/preact.js';
import { themeVariable } from '../format/colors.js';
import { tick, zoneName } from '../time/format.js';
import { setAbsoluteRange, zoomRange } from '../time/picker.js';
import { useSize, useTheme } from '../ui/hooks.js';
import { axisFont } from './plot-options.js';
import { PlotTooltip } from './tooltip.js';

/**
 * @typedef {{content: any, make: (content: any) => any, data: any[], draw: (plot: uPlot, content: any) => void,
 *   hover: (plot: uPlot, content: any) => {heading: string, lines: {name: string, text: string, color?: string}[]} | undefined,
 *   range?: import('../types/model').TimeRange, zone?: string, syncKey?: string, height?: number}} CanvasPlotProperties
 *   `content` is what the functions are about: a new one makes a new plot; `range` makes the x axis a clock
 */

/** @param {CanvasPlotProperties} properties */
export function CanvasPlot(properties) {
    const { content, range, zone = 'browser', syncKey, height } = properties;
    const [boxRef, size, box] = useSize();
    const theme = useTheme();
    const latest = useRef(properties);
    latest.current = properties;
    useLayoutEffect(() => {
        if (size.width < 20 || size.height < 20) return undefined;
        const tip = new PlotTooltip();
        const made = new uPlot(optionsOf(latest.current, size, tip), properties.data, box);
        if (range) /** @type {any} */ (made).setScale('x', { min: range.from / 1000, max: range.to / 1000 });
        return () => {
            made.destroy();
            tip.remove();
        };
    }, [content, size, theme, range, zone, syncKey]);
    return html`<div class="plot-canvas" ref=${boxRef} style=${height ? { minHeight: `${height}px` } : undefined}></div>`;
}

/** @param {CanvasPlotProperties} properties @param {{width: number, height: number}} size @param {PlotTooltip} tip */
function optionsOf({ content, make, draw, hover, range, zone = 'browser', syncKey }, size, tip) {
    const own = make(content);
    return {
        ...size, padding: [8, 22, 0, 2], legend: { show: false }, ...own,
        scales: { ...own.scales, x: { time: Boolean(range), ...own.scales?.x } },
        tzDate: zone === 'browser' || zone === '' ? undefined : (/** @type {number} */ seconds) => uPlot.tzDate(new Date(seconds * 1000), zoneName(zone)),
        cursor: {
            drag: { x: Boolean(range), y: false, setScale: false, dist: 6 }, points: { show: false },
            sync: syncKey && range ? { key: syncKey, setSeries: false, scales: ['x', null] } : undefined,
            bind: range ? { dblclick: () => () => { zoomRange(range, 2); return null; } } : undefined,
        },
        hooks: {
            draw: [(/** @type {uPlot} */ plot) => {
                plot.ctx.save();
                plot.ctx.beginPath();
                plot.ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
                plot.ctx.clip();
                draw(plot, content);
                plot.ctx.restore();
            }],
            setSelect: [(/** @type {uPlot} */ plot) => {
                const { left, width } = plot.select;
                if (width < 6 || !range) return;
                tip.hide();
                setAbsoluteRange(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
            }],
            setCursor: [(/** @type {uPlot} */ plot) => {
                const { left = -1, top = -1 } = plot.cursor;
                const found = left >= 0 && plot.over.matches(':hover') ? hover(plot, content) : undefined;
                if (!found) return tip.hide();
                const frame = plot.over.getBoundingClientRect();
                return tip.showLines(found.heading, found.lines, frame.left + left, frame.top + top);
            }],
        },
    };
}

/** What all axes of these plots share. */
export function axisStyle() {
    return { stroke: themeVariable('--muted'), font: axisFont, ticks: { show: false }, gap: 6, grid: { stroke: themeVariable('--grid'), width: 1 } };
}

/** @param {string} zone */
export function timeAxis(zone) {
    return {
        ...axisStyle(), size: 26, space: 74,
        values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits, /** @type {number} */ __, /** @type {number} */ ___, /** @type {number} */ step) =>
            splits.map((seconds) => tick(seconds * 1000, step * 1000, zone)),
    };
}

/**
 * An axis with a name at each whole number plus a half, as many as have room.
 * @param {string[]} names @param {{vertical: boolean, rotation?: number, most?: number}} options
 */
export function namesAxis(names, { vertical, rotation = 0, most = 24 }) {
    const short = (/** @type {string} */ name, /** @type {number} */ letters) => (name.length > letters ? `${name.slice(0, Math.max(1, letters - 1))}…` : name);
    const longest = names.reduce((length, name) => Math.max(length, Math.min(most, name.length)), 0);
    const turned = !vertical && rotation !== 0;
    return {
        ...axisStyle(), grid: { show: false }, rotate: turned ? rotation : 0,
        size: (/** @type {uPlot} */ plot) => (vertical ? Math.min(220, plot.width * 0.38, longest * 6.6 + 16)
            : turned ? Math.min(120, plot.height * 0.4, longest * 6.6 * Math.abs(Math.sin((rotation * Math.PI) / 180)) + 16) : 26),
        splits: (/** @type {uPlot} */ plot) => {
            const room = (vertical ? plot.bbox.height : plot.bbox.width) / uPlot.pxRatio;
            const need = vertical ? 13 : turned ? 16 : longest * 6.8 + 12;
            const every = Math.max(1, Math.ceil((names.length * need) / Math.max(1, room)));
            return names.map((_, index) => index + 0.5).filter((_, index) => index % every === 0);
        },
        values: (/** @type {uPlot} */ plot, /** @type {number[]} */ splits) => {
            const room = vertical ? Math.min(220, plot.width * 0.38) - 16 : turned ? 240 : plot.bbox.width / uPlot.pxRatio / Math.max(1, splits.length) - 6;
            return splits.map((at) => short(names[Math.floor(at)] ?? '', Math.min(most, Math.floor(room / 6.6))));
        },
    };
}
