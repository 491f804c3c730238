// Shares of a whole: a pie or a ring, with its legend.

import { html, useState } from '../vendor/preact.js';
import { paletteColor, resolveColor, textOn, themeVariable } from '../format/colors.js';
import { display, shortened } from '../format/display.js';
import { toFixed } from '../format/units.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { mostTiles, reducedValues } from './reduced.js';

const outer = 92;

/**
 * @param {{panel: import('../types/model').Panel, data: any, size: {width: number, height: number}, zone: string}} properties
 */
export function PiePanel({ panel, data, size, zone }) {
    useTheme();
    const [hidden, setHidden] = useState(/** @type {Set<string>} */ (new Set()));
    const options = panel.options;
    const slices = reducedValues(data.frames, options.reduceOptions)
        .filter((one) => typeof one.value === 'number' && Number.isFinite(one.value) && one.value >= 0).slice(0, mostTiles)
        .map((one, index) => {
            const shown = display(one.value, one.config, { index, zone });
            const fixed = one.config.color?.mode === 'fixed' ? resolveColor(one.config.color.fixedColor) : paletteColor(index);
            return { name: shortened(one.name, 200), value: Number(one.value), text: shown.prefix + shown.text + shown.suffix, color: shown.mapped ? shown.color : fixed };
        });
    const visible = slices.filter((slice) => !hidden.has(slice.name));
    const total = visible.reduce((sum, slice) => sum + slice.value, 0);
    if (slices.length === 0) return html`<${Empty} title="No data" />`;
    const inner = options.pieType === 'donut' ? 58 : 0;
    const labels = options.displayLabels ?? [];
    const legend = options.legend ?? {};
    const listed = legend.values ?? [];
    const right = legend.placement === 'right' && size.width > 300;
    const toggle = (/** @type {string} */ name) => {
        const next = new Set(hidden);
        if (!next.delete(name)) next.add(name);
        setHidden(next);
    };
    const percent = (/** @type {number} */ value) => (total > 0 ? `${toFixed((value / total) * 100, null)}%` : '0%');
    let at = 0;
    return html`<div class="plot ${right ? 'right' : ''}">
        <svg class="pie" viewBox="-100 -100 200 200" role="img" aria-label=${panel.title || 'Shares'}>${visible.map((slice) => {
            const from = at;
            at += total > 0 ? slice.value / total : 0;
            const middle = (from + at) / 2;
            const [x, y] = point(middle, inner ? (inner + outer) / 2 : outer * 0.62);
            const words = [labels.includes('name') && slice.name, labels.includes('value') && slice.text, labels.includes('percent') && percent(slice.value)].filter(Boolean);
            return html`<g key=${slice.name}><path d=${sector(from, at, inner)} fill=${slice.color} stroke=${themeVariable('--surface')} stroke-width="1.5"><title>${slice.name}: ${slice.text} (${percent(slice.value)})</title></path>
                ${at - from > 0.05 && words.length > 0 && html`<text x=${x} y=${y} text-anchor="middle" dominant-baseline="middle" font-size="9" fill=${textOn(slice.color)}>${words.join(' ')}</text>`}</g>`;
        })}</svg>
        ${legend.showLegend !== false && legend.displayMode !== 'hidden' && html`<div class="legend"><div class="legend-list">${slices.map((slice) => html`<button type="button" key=${slice.name}
            class="legend-item ${hidden.has(slice.name) ? 'off' : ''}" aria-pressed=${hidden.has(slice.name) ? 'false' : 'true'} onClick=${() => toggle(slice.name)}>
            <span class="swatch" style=${{ background: slice.color }}></span><span class="name">${slice.name}</span>
            ${listed.includes('value') && html`<span class="calc">${slice.text}</span>`}${listed.includes('percent') && html`<span class="calc">${percent(slice.value)}</span>`}</button>`)}</div></div>`}
    </div>`;
}

/** @param {number} share 0 at the top, clockwise @param {number} radius @returns {[number, number]} */
function point(share, radius) {
    const angle = share * 2 * Math.PI - Math.PI / 2;
    return [Number((radius * Math.cos(angle)).toFixed(3)), Number((radius * Math.sin(angle)).toFixed(3))];
}

/** @param {number} from @param {number} to @param {number} inner */
function sector(from, to, inner) {
    // A full circle has no arc of its own in SVG: end a hair before the start.
    const end = Math.min(to, from + 0.99999);
    const large = end - from > 0.5 ? 1 : 0;
    const [x1, y1] = point(from, outer);
    const [x2, y2] = point(end, outer);
    if (inner === 0) return `M0 0L${x1} ${y1}A${outer} ${outer} 0 ${large} 1 ${x2} ${y2}Z`;
    const [x3, y3] = point(end, inner);
    const [x4, y4] = point(from, inner);
    return `M${x1} ${y1}A${outer} ${outer} 0 ${large} 1 ${x2} ${y2}L${x3} ${y3}A${inner} ${inner} 0 ${large} 0 ${x4} ${y4}Z`;
}
