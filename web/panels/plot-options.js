// Grafana's field options → uPlot's series, scales and axes.

import uPlot from '../vendor/uplot.js';
import { resolveColor, scaleColor, themeVariable, withAlpha } from '../format/colors.js';
import { formatValue, joined } from '../format/units.js';
import { tick } from '../time/format.js';

/** @typedef {import('./series.js').Series} Series */

/**
 * Series of one unit share a scale.
 * @param {Series} one
 */
export function scaleOf(one) {
    const { min, max } = one.field.config;
    const placement = one.custom.axisPlacement === 'right' ? 'right' : '';
    const percent = one.stack.startsWith('percent') ? 'percentunit' : one.unit;
    const { type = 'linear', log: base = 10 } = one.custom.scaleDistribution ?? {};
    const log = type === 'log' ? `log${base}` : type === 'symlog' ? 'symlog' : '';
    return ['y', percent, min ?? '', max ?? '', placement, log].join('/');
}

/**
 * Colours that follow the value along the axis: those of the thresholds, or of a continuous scale.
 * @param {Series} one @param {number} alpha
 */
function schemeOf(one, alpha) {
    const { color, thresholds } = one.field.config;
    const mode = color?.mode ?? '';
    if (one.custom.gradientMode !== 'scheme' || (mode !== 'thresholds' && !mode.startsWith('continuous-'))) return undefined;
    return (/** @type {uPlot} */ plot) => {
        const { top, height } = plot.bbox;
        const scale = plot.scales[scaleOf(one)];
        if (!Number.isFinite(top) || !(height > 0) || scale?.min === undefined || scale.max === undefined || scale.max <= scale.min) return withAlpha(one.color, alpha);
        const { min, max } = scale;
        const gradient = plot.ctx.createLinearGradient(0, top + height, 0, top);
        const low = one.field.config.min ?? min;
        const high = one.field.config.max ?? max;
        if (mode === 'thresholds') {
            let before = '';
            for (const step of thresholds?.steps ?? []) {
                const value = step.value === null ? min : thresholds?.mode === 'percentage' ? low + ((high - low) * step.value) / 100 : step.value;
                const at = Math.min(1, Math.max(0, (value - min) / (max - min)));
                const own = withAlpha(resolveColor(step.color), alpha);
                if (before !== '') gradient.addColorStop(at, before);
                gradient.addColorStop(at, own);
                before = own;
            }
        } else {
            for (let part = 0; part <= 8; part++) gradient.addColorStop(part / 8, withAlpha(scaleColor(mode, part / 8), alpha));
        }
        return gradient;
    };
}

/** @param {Series} one */
function fillOf(one) {
    const opacity = (one.custom.fillOpacity ?? 0) / 100;
    if (opacity <= 0) return undefined;
    const scheme = schemeOf(one, opacity);
    if (scheme) return scheme;
    if (one.custom.gradientMode && one.custom.gradientMode !== 'none') {
        return (/** @type {uPlot} */ plot) => {
            const { top, height } = plot.bbox;
            if (!Number.isFinite(top) || !Number.isFinite(height) || height <= 0) return withAlpha(one.color, opacity);
            const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
            gradient.addColorStop(0, withAlpha(one.color, Math.min(1, opacity * 1.2)));
            gradient.addColorStop(1, withAlpha(one.color, opacity * 0.08));
            return gradient;
        };
    }
    return withAlpha(one.color, opacity);
}

/** Stacked bars begin where the one below ends. */
const stackedBars = {
    y0: { unit: 1, values: (/** @type {any} */ plot, /** @type {number} */ at) => plot.bases?.[at - 1] ?? [] },
    y1: { unit: 1, values: (/** @type {any} */ plot, /** @type {number} */ at) => plot.data[at] },
};

/** @param {Series} one */
function pathsOf(one) {
    const { drawStyle, barAlignment, barWidthFactor } = one.custom;
    if (drawStyle === 'points') return () => null;
    if (drawStyle === 'bars') return uPlot.paths.bars({ size: [barWidthFactor ?? 0.7, 60, 1], align: barAlignment ?? 0, disp: one.stack ? stackedBars : undefined });
    return one.stack ? linesOfValues(linesOf(one)) : linesOf(one);
}

/** @param {Series} one */
function linesOf({ custom: { lineInterpolation } }) {
    if (lineInterpolation === 'smooth') return uPlot.paths.spline();
    if (lineInterpolation === 'stepBefore') return uPlot.paths.stepped({ align: -1 });
    if (lineInterpolation === 'stepAfter') return uPlot.paths.stepped({ align: 1 });
    return uPlot.paths.linear();
}

/**
 * A stacked area goes on, without height, where it has no value; its line does not.
 * @param {any} build uPlot's maker of paths
 */
function linesOfValues(build) {
    return (/** @type {any} */ plot, /** @type {number} */ at, /** @type {number} */ from, /** @type {number} */ to) => {
        const paths = build(plot, at, from, to);
        const values = plot.values?.[at - 1];
        if (!values || !paths) return paths;
        const runs = runsOf(values, from, to);
        if (runs.length === 1 && runs[0][0] === from && runs[0][1] === to) return paths;
        const stroke = new Path2D();
        for (const [first, last] of runs) {
            const run = build(plot, at, first, last);
            if (run?.stroke) stroke.addPath(run.stroke);
        }
        return { ...paths, stroke };
    };
}

/**
 * The stretches that have values.
 * @param {any[]} values @param {number} from @param {number} to the last index
 * @returns {[number, number][]}
 */
export function runsOf(values, from, to) {
    /** @type {[number, number][]} */
    const runs = [];
    for (let index = from; index <= to; index++) {
        if (values[index] === null || values[index] === undefined) continue;
        const last = runs.at(-1);
        if (last && last[1] === index - 1) last[1] = index;
        else runs.push([index, index]);
    }
    return runs;
}

/** @param {Series} one @param {boolean} stacked lies on another series */
export function plotSeries(one, stacked) {
    const { drawStyle, lineStyle, showPoints, pointSize, spanNulls } = one.custom;
    const bars = drawStyle === 'bars';
    const width = drawStyle === 'points' ? 0 : one.custom.lineWidth ?? 1;
    const dash = lineStyle?.fill === 'dash' ? lineStyle.dash ?? [10, 6] : lineStyle?.fill === 'dot' ? lineStyle.dash ?? [1, 5] : undefined;
    const points = drawStyle === 'points' || showPoints === 'always' ? true : showPoints === 'never' ? false : undefined;
    return {
        label: one.name, scale: scaleOf(one), stroke: schemeOf(one, 1) ?? one.color, width, dash,
        ...(typeof spanNulls === 'number' ? { gaps: gapsAbove(spanNulls) } : {}),
        // A stacked line is filled down to the one below it by a band instead.
        fill: (stacked || one.custom.fillBelowTo) && !bars ? undefined : fillOf(one),
        paths: pathsOf(one), spanGaps: spanNulls === true,
        points: {
            show: points === undefined ? (/** @type {uPlot} */ plot, /** @type {number} */ at) => isSparse(plot, at) : points,
            size: pointSize ?? 5, fill: one.color, width: 0,
            filter: points === undefined ? lonelyPoints : one.stack ? ownPoints : undefined,
        },
    };
}

/**
 * Only gaps longer than this are left open.
 * @param {number} ms
 */
function gapsAbove(ms) {
    return (/** @type {uPlot} */ plot, /** @type {number} */ _, /** @type {number} */ __, /** @type {number} */ ___, /** @type {[number, number][]} */ gaps) => gaps.filter(([from, to]) => {
        const { left } = plot.bbox;
        const seconds = plot.posToVal((to - left) / uPlot.pxRatio, 'x') - plot.posToVal((from - left) / uPlot.pxRatio, 'x');
        return seconds * 1000 > ms;
    });
}

/**
 * Single samples between gaps draw no line, so they show as points.
 * @param {any} plot
 * @param {number} at
 */
function isSparse(plot, at) {
    const values = plot.values?.[at - 1] ?? plot.data[at];
    for (let index = 0; index < values.length; index++) {
        if (values[index] !== null && isLonely(values, index)) return true;
    }
    return false;
}

/** @param {any[]} values @param {number} index */
function isLonely(values, index) {
    const gap = (/** @type {any} */ value) => value === null || value === undefined;
    return gap(values[index - 1]) && gap(values[index + 1]);
}

/** @param {any} plot @param {number} at @returns {number[]} */
function lonelyPoints(plot, at) {
    const values = plot.values?.[at - 1] ?? plot.data[at];
    const found = [];
    for (let index = 0; index < values.length; index++) if (values[index] !== null && isLonely(values, index)) found.push(index);
    return found;
}

/** @param {any} plot @param {number} at @returns {number[]} the points that have values, and are no mere height in a stack */
function ownPoints(plot, at) {
    const values = plot.values?.[at - 1] ?? plot.data[at];
    return values.flatMap((/** @type {any} */ value, /** @type {number} */ index) => (value === null || value === undefined ? [] : [index]));
}

/** @param {Series} one @param {(number | null)[]} below the column under it */
export function bandFill(one, below) {
    return below ? fillOf(one) : undefined;
}

/** @param {Series[]} series @returns {Record<string, any>} */
export function plotScales(series) {
    /** @type {Record<string, any>} */
    const scales = {};
    for (const one of series) {
        const key = scaleOf(one);
        const { config } = one.field;
        const { custom } = one;
        if (scales[key]) continue;
        const { type = 'linear', log: base, linearThreshold = 1 } = custom.scaleDistribution ?? {};
        const log = type === 'log';
        const percent = one.stack.startsWith('percent');
        scales[key] = {
            distr: log ? 3 : type === 'symlog' ? 4 : 1, log: base === 2 ? 2 : 10, asinh: linearThreshold || 1,
            range: log ? (/** @type {uPlot} */ _, /** @type {number | null} */ low, /** @type {number | null} */ high) => logRange(low, high, config, base === 2 ? 2 : 10)
                : type === 'symlog' ? undefined : (/** @type {uPlot} */ _, /** @type {number | null} */ low, /** @type {number | null} */ high) =>
                rangeOf(low, high, { ...config, max: percent ? 1 : config.max }, custom, one.stack !== '' || custom.drawStyle === 'bars'),
        };
    }
    return scales;
}

/**
 * @param {number | null} low @param {number | null} high @param {import('../types/model').FieldConfig} config @param {number} base
 * @returns {[number, number]} whole powers around the values
 */
function logRange(low, high, config, base) {
    const power = (/** @type {number} */ value, /** @type {(value: number) => number} */ round) => base ** round(Math.log(value) / Math.log(base) + (round === Math.ceil ? -1e-9 : 1e-9));
    const min = config.min !== undefined && config.min !== null && config.min > 0 ? config.min : power(low !== null && low > 0 ? low : 1, Math.floor);
    const max = config.max !== undefined && config.max !== null && config.max > min ? config.max : power(high !== null && high > 0 ? high : 10, Math.ceil);
    return max > min ? [min, max] : [min, min * base];
}

/**
 * @param {number | null} low @param {number | null} high @param {import('../types/model').FieldConfig} config @param {any} custom
 * @param {boolean} fromZero
 * @returns {[number, number]}
 */
function rangeOf(low, high, config, custom, fromZero) {
    let min = low ?? 0;
    let max = high ?? 1;
    if (typeof custom.axisSoftMin === 'number') min = Math.min(min, custom.axisSoftMin);
    if (typeof custom.axisSoftMax === 'number') max = Math.max(max, custom.axisSoftMax);
    if (fromZero) {
        min = Math.min(min, 0);
        max = Math.max(max, 0);
    }
    if (custom.axisCenteredZero) {
        max = Math.max(Math.abs(min), Math.abs(max));
        min = -max;
    }
    // Close to zero beginnings begin at zero: the eye compares heights.
    if (min > 0 && min < max * 0.6) min = 0;
    if (max < 0 && max > min * 0.6) max = 0;
    if (max === min) {
        const pad = max === 0 ? 1 : Math.abs(max) * 0.25;
        if (min !== 0) min -= pad;
        max += pad;
    }
    const room = (max - min) * 0.06;
    const top = config.max ?? (max === 0 ? 0 : max + room);
    const bottom = config.min ?? (min === 0 ? 0 : min - room);
    return top > bottom ? [bottom, top] : [bottom, bottom + 1];
}

/** Steps between ticks which are round numbers of KiB, MiB and so on. */
const binarySteps = Array.from({ length: 70 }, (_, index) => 2 ** (index - 10));

/** Steps which are round numbers of seconds, minutes, hours and days; in seconds. */
const durationSteps = [
    ...Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** (power - 12))).flat(), 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000, 63_072_000, 157_680_000, 315_360_000, 3_153_600_000,
];
/** @type {Record<string, number>} */
const perSecond = { s: 1, ms: 1e3, 'µs': 1e6, us: 1e6, ns: 1e9, m: 1 / 60, h: 1 / 3600, d: 1 / 86_400 };

/**
 * The distances of ticks that suit a unit; undefined for those which count in tens.
 * @param {string} unit
 */
export function axisSteps(unit) {
    if (/^(bytes|bits|binBps|binbps|[kmgt]bytes|KiBs|MiBs|GiBs)$/.test(unit)) return binarySteps;
    return Object.hasOwn(perSecond, unit) ? durationSteps.map((seconds) => seconds * perSecond[unit]) : undefined;
}

/**
 * Grid lines at the powers only.
 * @param {number} base
 */
function powersOnly(base) {
    return (/** @type {uPlot} */ _, /** @type {number[]} */ splits) => splits.map((value) => {
        const power = Math.log(value) / Math.log(base);
        return Math.abs(power - Math.round(power)) < 1e-6 ? value : null;
    });
}

/** Of the texts at the axes of every plot. */
export const axisFont = '11.5px Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';

/**
 * @param {Series[]} series
 * @param {string} zone
 */
export function plotAxes(series, zone) {
    const stroke = themeVariable('--muted');
    const grid = { stroke: themeVariable('--grid'), width: 1 };
    const common = { stroke, font: axisFont, grid, ticks: { show: false }, gap: 6 };
    /** @type {any[]} */
    const axes = [{
        ...common, size: 26, space: 74,
        values: (/** @type {uPlot} */ _, /** @type {number[]} */ splits, /** @type {number} */ __, /** @type {number} */ ___, /** @type {number} */ step) =>
            splits.map((seconds) => tick(seconds * 1000, step * 1000, zone)),
    }];
    const seen = new Set();
    for (const one of series) {
        const key = scaleOf(one);
        if (seen.has(key)) continue;
        const placement = one.custom.axisPlacement ?? 'auto';
        const side = placement === 'right' || (placement === 'auto' && seen.size > 0) ? 1 : 3;
        const first = seen.size === 0;
        seen.add(key);
        const unit = one.stack.startsWith('percent') ? 'percentunit' : one.unit;
        const decimals = one.field.config.decimals;
        axes.push({
            ...common, scale: key, side, show: placement !== 'hidden', space: 34, stroke: one.custom.axisColorMode === 'series' ? one.color : stroke,
            grid: !first || one.custom.axisGridShow === false ? { show: false }
                : one.custom.scaleDistribution?.type === 'log' ? { ...grid, filter: powersOnly(one.custom.scaleDistribution.log === 2 ? 2 : 10) } : grid,
            label: one.custom.axisLabel || undefined, labelFont: axisFont, labelSize: 20, labelGap: 2,
            incrs: axisSteps(unit),
            size: one.custom.axisWidth > 0 ? one.custom.axisWidth : axisSize,
            values: (/** @type {uPlot} */ _, /** @type {(number | null)[]} */ splits) => axisTexts(splits, unit, decimals, zone),
        });
    }
    return axes;
}

/**
 * Texts of the ticks: as few decimals as keep neighbours apart.
 * @param {(number | null)[]} splits @param {string} unit @param {number | null | undefined} decimals @param {string} zone
 */
export function axisTexts(splits, unit, decimals, zone) {
    const texts = splits.map((value) => (value === null ? '' : joined(formatValue(cleaned(value, splits), unit, undefined, zone))));
    const shown = texts.filter((text) => text !== '');
    if (typeof decimals === 'number' && new Set(shown).size === shown.length && shown.every((text) => !/\./.test(text))) return texts;
    if (new Set(shown).size === shown.length) return texts;
    return splits.map((value) => (value === null ? '' : joined(formatValue(value, unit, 3, zone))));
}

/**
 * Steps of 0.1 add up to 0.30000000000000004.
 * @param {number} value
 * @param {(number | null)[]} splits
 */
function cleaned(value, splits) {
    const [first, second] = splits;
    const step = typeof first === 'number' && typeof second === 'number' ? Math.abs(second - first) : 0;
    return step > 0 && Math.abs(value) < step * 1e-6 ? 0 : Number(value.toPrecision(12));
}

/**
 * As wide as the widest text.
 * @param {uPlot} plot
 * @param {string[] | null} values
 * @param {number} at
 * @param {number} cycle
 */
export function axisSize(plot, values, at, cycle) {
    const axis = plot.axes[at];
    if (cycle > 1) return axis._size;
    plot.ctx.save();
    plot.ctx.font = axis.font[0];
    const widest = Math.max(0, ...(values ?? []).map((text) => plot.ctx.measureText(text ?? '').width / uPlot.pxRatio));
    plot.ctx.restore();
    return Math.ceil(widest) + 12;
}

/**
 * Draws threshold lines and areas under the series.
 * @param {Series[]} series
 */
export function drawThresholds(series) {
    const one = series.find(({ custom }) => custom.thresholdsStyle?.mode && custom.thresholdsStyle.mode !== 'off');
    if (!one) return undefined;
    const mode = one.custom.thresholdsStyle.mode;
    const steps = one.field.config.thresholds?.steps ?? [];
    const percentage = one.field.config.thresholds?.mode === 'percentage';
    return (/** @type {uPlot} */ plot) => {
        const key = scaleOf(one);
        const scale = plot.scales[key];
        if (scale?.min === undefined || scale.max === undefined) return;
        const { min, max } = scale;
        const { ctx, bbox } = plot;
        const valueOf = (/** @type {number} */ value) => (percentage ? min + ((max - min) * value) / 100 : value);
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        steps.forEach((step, index) => {
            const from = step.value === null || step.value === undefined ? min : valueOf(step.value);
            const next = steps[index + 1];
            const to = next && next.value !== null ? valueOf(next.value) : max;
            const y = plot.valToPos(from, key, true);
            if (mode.includes('area') && step.color !== 'transparent') {
                ctx.fillStyle = withAlpha(resolveColor(step.color), 0.1);
                ctx.fillRect(bbox.left, plot.valToPos(to, key, true), bbox.width, y - plot.valToPos(to, key, true));
            }
            if (step.color !== 'transparent' && (mode.includes('line') || mode.includes('dashed')) && step.value !== null && step.value !== undefined) {
                ctx.strokeStyle = withAlpha(resolveColor(step.color), 0.85);
                ctx.lineWidth = uPlot.pxRatio;
                ctx.setLineDash(mode.includes('dashed') ? [8 * uPlot.pxRatio, 6 * uPlot.pxRatio] : []);
                ctx.beginPath();
                ctx.moveTo(bbox.left, y);
                ctx.lineTo(bbox.left + bbox.width, y);
                ctx.stroke();
            }
        });
        ctx.restore();
    };
}
