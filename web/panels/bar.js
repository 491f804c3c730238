// A bar that is filled to a share: plain, of cells as on a meter, or in the colours up to its value.

import { html } from '../vendor/preact.js';
import { resolveColor, scaleColor, withAlpha } from '../format/colors.js';
import { activeStep } from '../format/display.js';

/** @typedef {import('../types/model').FieldConfig} FieldConfig */

const cells = 24;

/**
 * @param {{share: number, color: string, mode: string, config: FieldConfig, bounds: {min: number, max: number}, upright?: boolean, unfilled?: boolean}} properties
 *   mode: basic, lcd or gradient
 */
export function Bar({ share, color, mode, config, bounds, upright = false, unfilled = true }) {
    if (mode === 'lcd') {
        const lit = Math.round(share * cells);
        return html`<span class="bar lcd ${upright ? 'upright' : ''}">${Array.from({ length: cells }, (_, index) => {
            const own = colorAt((index + 0.5) / cells, color, config, bounds);
            return html`<i style=${{ background: index < lit ? own : unfilled ? withAlpha(own, 0.18) : 'transparent' }}></i>`;
        })}</span>`;
    }
    const length = `${share * 100}%`;
    const ground = mode === 'gradient' ? `linear-gradient(${upright ? 'to top' : 'to right'}, ${colorAt(0, color, config, bounds)}, ${color})` : color;
    return html`<span class="bar ${upright ? 'upright' : ''} ${unfilled ? '' : 'bare'}"><i class="fill" style=${upright ? { height: length, background: ground } : { width: length, background: ground }}></i></span>`;
}

/**
 * The colour that a value at this share of the bar would have.
 * @param {number} share @param {string} color @param {FieldConfig} config @param {{min: number, max: number}} bounds
 */
export function colorAt(share, color, config, bounds) {
    const mode = config.color?.mode ?? 'thresholds';
    if (mode.startsWith('continuous-')) return scaleColor(mode, share);
    if (mode !== 'thresholds') return color;
    const value = bounds.min + (bounds.max - bounds.min) * share;
    return resolveColor(activeStep(value, config.thresholds, share)?.color ?? 'green');
}
