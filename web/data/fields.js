// A panel's field configuration applied to frames: defaults, overrides, display names.

import { toRegExp } from '../format/display.js';
import { reduce } from './reducers.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {import('../types/model').FieldConfig} FieldConfig */
/** @typedef {import('../types/model').Override} Override */

/**
 * The name under which a field is shown and matched.
 * @param {Field} field
 */
export function displayName(field) {
    const own = field.config.displayName;
    if (own) {
        if (!own.includes('$')) return own;
        return own.replace(/\$\{?__(?:field|series|cell)(?:_\d+)?(?:\.labels(?:\.([\w.:-]+)|\["?([^"\]}]+)"?\])|\.(?:name|displayName)|_name)?\}?/g,
            (_, dotted, quoted) => (dotted ?? quoted ? field.labels?.[dotted ?? quoted] ?? '' : field.config.displayNameFromDS ?? field.name));
    }
    return field.config.displayNameFromDS || field.name;
}

/**
 * Frames with every field's configuration resolved. The input is left as it is.
 * @param {Frame[]} frames
 * @param {{defaults: FieldConfig, overrides: Override[]}} config
 * @param {(text: string) => string} interpolate
 * @returns {Frame[]}
 */
export function configured(frames, config, interpolate) {
    let index = 0;
    return frames.map((frame) => ({
        ...frame,
        fields: frame.fields.map((field) => {
            const defaults = field.type === 'time' ? { custom: config.defaults.custom } : config.defaults;
            /** @type {Field} */
            const made = { ...field, config: merge(merge({}, defaults), field.config) };
            if (made.config.displayName) made.config.displayName = interpolate(made.config.displayName);
            if (field.type === 'number') made.index = index++;
            else if (field.type === 'trend') made.index = index;
            const name = displayName(made);
            for (const override of config.overrides ?? []) {
                if (!override?.matcher || !matches(override.matcher, made, name, interpolate)) continue;
                for (const { id, value } of override.properties ?? []) setProperty(made.config, id, value);
            }
            return made;
        }),
    }));
}

/** @param {any} base @param {any} added @returns {any} */
function merge(base, added) {
    const made = { ...base, ...added };
    made.custom = { ...base.custom, ...added?.custom };
    return made;
}

/**
 * @param {{id: string, options?: any}} matcher
 * @param {Field} field
 * @param {string} name
 * @param {(text: string) => string} interpolate
 */
function matches(matcher, field, name, interpolate) {
    const { id, options } = matcher;
    switch (id) {
        case 'byName': {
            const wanted = interpolate(String(options ?? ''));
            return name === wanted || field.name === wanted;
        }
        case 'byNames': {
            const inside = (options?.names ?? []).includes(name);
            return options?.mode === 'exclude' ? !inside && field.type !== 'time' : inside;
        }
        case 'byRegexp': case 'byRegex': {
            const pattern = toRegExp(interpolate(String(options ?? '')));
            return pattern ? pattern.test(name) : false;
        }
        case 'byType': return field.type === options;
        case 'byFrameRefID': return field.refId === options;
        case 'byValue': return field.type === 'number' && comparesTo(reduce(field.values, options?.reducer ?? 'lastNotNull'), options?.op ?? '>=', Number(options?.value ?? 0));
        case 'byRegexpOrNames': return (options?.names ?? []).includes(name) || Boolean(options?.pattern && toRegExp(options.pattern)?.test(name));
        case 'byTypes': return [options ?? []].flat().includes(field.type);
        case 'numeric': return field.type === 'number';
        default: return false;
    }
}

/** @param {number | null} value @param {string} operator @param {number} wanted */
function comparesTo(value, operator, wanted) {
    if (value === null || value === undefined) return false;
    switch (operator) {
        case '>': case 'gt': return value > wanted;
        case '<': case 'lt': return value < wanted;
        case '<=': case 'lte': return value <= wanted;
        case '=': case '==': case 'eq': return value === wanted;
        case '!=': case 'neq': return value !== wanted;
        default: return value >= wanted;
    }
}

/** @param {any} config @param {string} id `custom.lineWidth`, `unit` @param {any} value */
function setProperty(config, id, value) {
    if (id === '__proto__') return;
    if (id.startsWith('custom.')) {
        const [first, second] = id.slice(7).split('.');
        config.custom = { ...config.custom, [first]: second ? { ...config.custom?.[first], [second]: value } : value };
    } else {
        config[id] = value;
    }
}
