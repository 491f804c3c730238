// From a field's configuration and a value to what is shown: text, colour, share of the range.

import { colorOfName, paletteColor, resolveColor, scaleColor, shadeOf } from './colors.js';
import { formatValue } from './units.js';

/** @typedef {import('../types/model').Field} Field */
/** @typedef {import('../types/model').FieldConfig} FieldConfig */
/** @typedef {import('../types/model').Thresholds} Thresholds */
/** @typedef {{text: string, prefix: string, suffix: string, color: string, share: number, mapped: boolean}} Display */

/**
 * @param {any} value
 * @param {FieldConfig} config
 * @param {{index?: number, zone?: string, min?: number, max?: number}} [context]
 * @returns {Display}
 */
export function display(value, config, context = {}) {
    const mapping = mapped(value, config);
    const share = shareOf(value, config, context);
    const color = mapping?.color ? resolveColor(mapping.color) : colorOf(value, config, share, context.index ?? 0);
    if (mapping?.text !== undefined) return { text: mapping.text, prefix: '', suffix: '', color, share, mapped: true };
    if (value === null || value === undefined || value === '') {
        return { text: config.noValue ?? '–', prefix: '', suffix: '', color, share: 0, mapped: false };
    }
    if (typeof value !== 'number') return { text: shortened(String(value)), prefix: '', suffix: '', color, share, mapped: false };
    return { ...formatValue(value, config.unit, config.decimals, context.zone), color, share, mapped: false };
}

/**
 * A megabyte, or a thousand accents on a letter, would stop the page.
 * @param {string} text
 * @param {number} [most]
 */
export function shortened(text, most = 2000) {
    const cut = text.length > most ? `${text.slice(0, most)}…` : text;
    return cut.length > 40 ? cut.replace(/(\p{M}{9})\p{M}+/gu, '$1') : cut;
}

/** @param {any} value @param {FieldConfig} config @returns {{text?: string, color?: string} | undefined} */
function mapped(value, config) {
    for (const mapping of config.mappings ?? []) {
        const options = mapping.options ?? {};
        if (mapping.type === 'value') {
            if (Object.hasOwn(options, String(value))) return options[String(value)];
        } else if (mapping.type === 'range') {
            const { from, to, result } = options;
            const inside = typeof value === 'number' && (from === null || from === undefined || value >= from)
                && (to === null || to === undefined || value <= to);
            if (inside) return result;
        } else if (mapping.type === 'regex') {
            const pattern = toRegExp(String(options.pattern ?? ''));
            if (pattern && value !== null && pattern.test(String(value))) {
                return { ...options.result, text: options.result?.text
                    ? String(value).replace(pattern, options.result.text) : options.result?.text };
            }
        } else if (mapping.type === 'special' && special(options.match, value)) {
            return options.result;
        }
    }
    return undefined;
}

/** @param {string} match @param {any} value */
function special(match, value) {
    const missing = value === null || value === undefined;
    if (match === 'null') return missing;
    if (match === 'nan') return Number.isNaN(value);
    if (match === 'null+nan') return missing || Number.isNaN(value);
    if (match === 'empty') return value === '';
    return String(value) === match;
}

/**
 * `/pattern/flags` or a bare pattern; undefined when it does not parse.
 * @param {string} text
 */
export function toRegExp(text) {
    const slashed = /^\/(.*)\/([gimsuy]*)$/s.exec(text);
    try {
        return slashed ? new RegExp(slashed[1], slashed[2]) : new RegExp(text);
    } catch {
        return undefined;
    }
}

/** @param {any} value @param {FieldConfig} config @param {{min?: number, max?: number}} context */
function shareOf(value, config, context) {
    const percent = config.unit === 'percent' ? 100 : config.unit === 'percentunit' ? 1 : undefined;
    const min = config.min ?? context.min ?? 0;
    const max = config.max ?? percent ?? context.max ?? 100;
    if (typeof value !== 'number' || !(max > min)) return 0;
    return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

/**
 * The step in force at a value.
 * @param {any} value
 * @param {Thresholds | undefined} thresholds
 * @param {number} share
 */
export function activeStep(value, thresholds, share) {
    const steps = thresholds?.steps ?? [];
    const compared = thresholds?.mode === 'percentage' ? share * 100 : value;
    let active = steps[0];
    for (const step of steps) {
        if (step.value === null || step.value === undefined || (typeof compared === 'number' && compared >= step.value)) {
            active = step;
        }
    }
    return active;
}

/** @param {any} value @param {FieldConfig} config @param {number} share @param {number} index */
function colorOf(value, config, share, index) {
    const mode = config.color?.mode ?? 'thresholds';
    if (mode === 'fixed' || mode === 'shades') return resolveColor(config.color?.fixedColor);
    if (mode === 'thresholds') return resolveColor(activeStep(value, config.thresholds, share)?.color ?? 'green');
    if (mode.startsWith('continuous-')) return scaleColor(mode, share);
    return paletteColor(index);
}

/**
 * The colour of a whole series.
 * @param {Field} field
 */
export function seriesColor(field) {
    const mode = field.config.color?.mode ?? 'palette-classic';
    if (mode === 'fixed') return resolveColor(field.config.color?.fixedColor);
    if (mode === 'shades') return shadeOf(resolveColor(field.config.color?.fixedColor), field.index ?? 0);
    if (mode === 'palette-classic-by-name') return colorOfName(field.config.displayName || field.config.displayNameFromDS || field.name);
    if (mode === 'thresholds' || mode.startsWith('continuous-')) {
        const values = field.values.filter((value) => typeof value === 'number');
        const by = field.config.color?.seriesBy ?? 'last';
        const value = by === 'last' ? values[values.length - 1] : values.reduce((a, b) => ((by === 'min') === (b < a) ? b : a), values[0]);
        return colorOf(value, field.config, shareOf(value, field.config, {}), field.index ?? 0);
    }
    return paletteColor(field.index ?? 0);
}
