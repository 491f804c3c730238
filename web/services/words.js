// How figures are written, and how much they differ from those of the period before.

import { html } from '../vendor/preact.js';
import { formatValue, joined } from '../format/units.js';

/** What a share of failed requests means for the health of a service or a way between two. */
const [warnShare, badShare] = [0.01, 0.05];

/** @param {number | null | undefined} value @param {string} unit */
export function shown(value, unit) {
    return value === null || value === undefined || Number.isNaN(value) ? '–' : joined(formatValue(value, unit));
}

/**
 * Requests per second, or per minute or hour where there are few.
 * @param {number | null | undefined} perSecond
 */
export function shownRate(perSecond) {
    if (typeof perSecond !== 'number' || !(perSecond > 0) || perSecond >= 0.1) return shown(perSecond, 'reqps');
    return perSecond * 60 >= 0.1 ? shown(perSecond * 60, 'reqpm') : `${shown(perSecond * 3600, 'short')} req/h`;
}

/** @param {number | null | undefined} share @returns {'good' | 'warn' | 'bad' | ''} */
export function healthOf(share) {
    if (share === null || share === undefined) return '';
    return share >= badShare ? 'bad' : share >= warnShare ? 'warn' : 'good';
}

/** @type {Record<string, string>} */
const healthNames = { good: 'healthy', warn: 'some requests fail', bad: 'many requests fail', '': 'no requests' };

/** @param {{share: number | null | undefined}} properties */
export function HealthDot({ share }) {
    const health = healthOf(share);
    return html`<span class="dot ${health}" role="img" aria-label=${healthNames[health]} title=${healthNames[health]}></span>`;
}

/**
 * @param {number | null | undefined} now @param {number | null | undefined} before
 * @returns {{text: string, more: boolean} | undefined} nothing where there is nothing to compare, or no difference worth a word
 */
export function changeOf(now, before) {
    if (typeof now !== 'number' || typeof before !== 'number') return undefined;
    if (before === 0) return now > 0 ? { text: 'new', more: true } : undefined;
    const change = now / before - 1;
    if (Math.abs(change) < 0.05) return undefined;
    return { text: change > 9 ? `×${(now / before).toFixed(0)}` : `${change > 0 ? '+' : '−'}${Math.abs(change * 100).toFixed(0)}%`, more: change > 0 };
}

/**
 * @param {{now: number | null | undefined, before: number | null | undefined, bad?: 'more' | 'less'}} properties bad: which direction is one to worry about
 */
export function Change({ now, before, bad }) {
    const change = changeOf(now, before);
    if (!change) return null;
    const tone = !bad ? '' : (bad === 'more') === change.more ? 'worse' : 'better';
    return html`<em class="change ${tone}" title="against the period before">${change.text}</em>`;
}

/**
 * Stands where something is loaded for the first time.
 * @param {{load: {value: unknown, error: string | undefined, loading: boolean}}} properties
 */
export function Waiting({ load }) {
    return load.loading && load.value === undefined && !load.error ? html`<p class="waiting" role="status"><span class="spinner"></span>Loading…</p>` : null;
}
