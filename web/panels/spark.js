// A small line without axes.

import { html } from '../vendor/preact.js';
import { withAlpha } from '../format/colors.js';

/**
 * @param {{values: any[], width: number, height: number, color: string, filled: boolean, config: import('../types/model').FieldConfig}} properties
 */
export function Spark({ values, width, height, color, filled, config }) {
    const points = sparkPoints(values, Math.max(20, Math.round(width)), height, config);
    if (points.length < 2) return null;
    const line = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
    const area = `${line}L${points[points.length - 1][0].toFixed(1)} ${height}L${points[0][0].toFixed(1)} ${height}Z`;
    return html`<svg class="spark" viewBox="0 0 ${width} ${height}" height=${height} preserveAspectRatio="none" aria-hidden="true">
        <path d=${area} fill=${withAlpha(color, filled ? 0.16 : 0.12)} />
        <path d=${line} fill="none" stroke=${withAlpha(color, filled ? 0.55 : 0.75)} stroke-width="1.4" stroke-linejoin="round" /></svg>`;
}

/**
 * At most one point per two pixels: the mean of those that fall together.
 * @param {any[]} values
 * @param {number} width
 * @param {number} height
 * @param {import('../types/model').FieldConfig} config
 */
function sparkPoints(values, width, height, config) {
    const buckets = Math.min(values.length, Math.max(2, Math.floor(width / 2)));
    /** @type {[number, number][]} */
    const means = [];
    for (let bucket = 0; bucket < buckets; bucket++) {
        const part = values.slice(Math.floor((bucket * values.length) / buckets), Math.floor(((bucket + 1) * values.length) / buckets))
            .filter((value) => typeof value === 'number' && Number.isFinite(value));
        if (part.length > 0) means.push([bucket, part.reduce((sum, value) => sum + value, 0) / part.length]);
    }
    const numbers = means.map(([, value]) => value);
    const min = config.min ?? Math.min(...numbers);
    const max = config.max ?? Math.max(...numbers);
    const span = max - min || 1;
    return means.map(([bucket, value]) => /** @type {[number, number]} */ ([(bucket / Math.max(1, buckets - 1)) * width,
        height - 2 - (max === min ? 0.5 : (value - min) / span) * (height - 4)]));
}
