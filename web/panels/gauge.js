// Values on an arc between the least and the greatest.

import { html } from '../vendor/preact.js';
import { resolveColor, themeVariable, withAlpha } from '../format/colors.js';
import { display, shortened } from '../format/display.js';
import { formatValue, joined } from '../format/units.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { gridStyle, mostTiles, reducedValues, tileGrid } from './reduced.js';
import { TileLink } from './tile-link.js';

const start = -210;
const sweep = 240;

/** @param {number} share @param {number} radius @returns {[number, number]} */
function at(share, radius) {
    const angle = ((start + sweep * share) * Math.PI) / 180;
    return [100 + radius * Math.cos(angle), 100 + radius * Math.sin(angle)];
}

/** @param {number} from @param {number} to @param {number} radius */
function arc(from, to, radius) {
    const [x1, y1] = at(from, radius);
    const [x2, y2] = at(to, radius);
    return `M${x1.toFixed(2)} ${y1.toFixed(2)}A${radius} ${radius} 0 ${(to - from) * sweep > 180 ? 1 : 0} 1 ${x2.toFixed(2)} ${y2.toFixed(2)}`;
}

/**
 * @param {{panel: import('../types/model').Panel, data: any, size: {width: number, height: number}, zone: string, scope?: import('../types/model').Scope}} properties
 */
export function GaugePanel({ panel, data, size, zone, scope }) {
    useTheme();
    const values = reducedValues(data.frames, panel.options.reduceOptions).slice(0, mostTiles);
    if (values.length === 0) return html`<${Empty} title="No data" />`;
    const grid = tileGrid(values.length, size.width, size.height, 1.25);
    const named = values.length > 1;
    return html`<div class="gauges" style=${gridStyle({ ...grid, rowHeight: grid.rowHeight && 96 })}>
        ${values.map((one) => {
            const shown = display(one.value, one.config, { index: one.index, zone });
            const text = `${panel.options.prefix ?? ''}${shown.prefix}${shown.text}${shown.suffix}${panel.options.postfix ?? ''}`;
            const name = shortened(one.name, 200);
            const fontSize = Math.min(36, 122 / Math.max(3, text.length * 0.62));
            return html`<div class="gauge" title="${name}: ${text}">
                <svg viewBox=${panel.options.showThresholdLabels ? '-24 -8 248 172' : '4 4 192 158'} role="img" aria-label="${name}: ${text}">
                    <path d=${arc(0, 1, 78)} fill="none" stroke=${themeVariable('--hover')} stroke-width="18" />
                    ${shown.share > 0.002 && html`<path d=${arc(0, Math.min(0.9999, shown.share), 78)} fill="none" stroke=${shown.color} stroke-width="18" />`}
                    ${panel.options.showThresholdMarkers !== false && bands(one.config).map(([from, to, color]) => html`<path d=${arc(from, to, 91.5)} fill="none" stroke=${withAlpha(color, 0.9)} stroke-width="4" />`)}
                    ${panel.options.showThresholdLabels && labelsOf(one.config).map(({ x, y, anchor, words }) => html`<text class="gauge-label" x=${x} y=${y} text-anchor=${anchor} font-size="9">${words}</text>`)}
                    <text x="100" y="112" text-anchor="middle" font-size=${fontSize} fill=${shown.color}>${text}</text>
                </svg>
                ${named && html`<span class="gauge-name">${name}</span>`}<${TileLink} one=${one} text=${text} scope=${scope} />
            </div>`;
        })}
    </div>`;
}

/**
 * The thresholds as shares of the arc.
 * @param {import('../types/model').FieldConfig} config
 * @returns {[number, number, string][]}
 */
function bands(config) {
    const steps = config.thresholds?.steps ?? [];
    const min = config.min ?? 0;
    const max = config.max ?? (config.unit === 'percentunit' ? 1 : 100);
    const share = (/** @type {number | null | undefined} */ value) => {
        if (value === null || value === undefined) return 0;
        const part = config.thresholds?.mode === 'percentage' ? value / 100 : (value - min) / (max - min || 1);
        return Math.min(1, Math.max(0, part));
    };
    return steps.map((step, index) => /** @type {[number, number, string]} */ ([share(step.value),
        index + 1 < steps.length ? share(steps[index + 1].value) : 1, resolveColor(step.color)])).filter(([from, to]) => to > from);
}

/**
 * The values at which the colour changes, beside the arc.
 * @param {import('../types/model').FieldConfig} config
 */
function labelsOf(config) {
    const min = config.min ?? 0;
    const max = config.max ?? (config.unit === 'percentunit' ? 1 : 100);
    return (config.thresholds?.steps ?? []).filter((step) => step.value !== null).slice(0, 12).map((step) => {
        const value = config.thresholds?.mode === 'percentage' ? min + ((max - min) * Number(step.value)) / 100 : Number(step.value);
        const share = Math.min(1, Math.max(0, (value - min) / (max - min || 1)));
        const [x, y] = at(share, 99);
        return { x: x.toFixed(1), y: (y + 3).toFixed(1), anchor: share < 0.45 ? 'end' : share > 0.55 ? 'start' : 'middle', words: joined(formatValue(value, config.unit, config.decimals)) };
    });
}
