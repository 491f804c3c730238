// Replaces `$name`, `${name}`, `${name:format}`, `${name.field}` and `[[name]]` in queries, titles and links.

import { formatDuration } from '../time/range.js';
import { formatMoment } from '../time/format.js';

/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('../types/model').VariableValue} VariableValue */

const reference = /\$(\w+)|\$\{(\w+)(?:\.([^:}]+))?(?::([^}]+))?\}|\[\[(\w+)(?::([^\]]+))?\]\]/g;

/**
 * @param {string} text
 * @param {Scope} scope
 * @param {string} [defaultFormat] for values without a format of their own: `promql` in queries, `text` in titles
 */
export function interpolate(text, scope, defaultFormat = 'glob') {
    if (!text || (!text.includes('$') && !text.includes('[['))) return text ?? '';
    return text.replace(reference, (whole, plain, braced, field, bracedFormat, old, oldFormat) => {
        const name = plain ?? braced ?? old;
        const format = bracedFormat ?? oldFormat;
        const builtin = builtIn(name, field, format, scope);
        if (builtin !== undefined) return builtin;
        const value = valueOf(scope.scoped, name) ?? valueOf(scope.variables, name);
        if (!value) return whole;
        return formatted(name, value, format ?? (field === 'text' ? 'text' : defaultFormat));
    });
}

/**
 * A variable may be called `constructor`.
 * @param {Record<string, VariableValue> | undefined} values @param {string} name
 */
function valueOf(values, name) {
    return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

/**
 * Names of the variables which a text refers to.
 * @param {string} text
 */
export function referencedNames(text) {
    const names = new Set();
    for (const [, plain, braced, , , old] of String(text ?? '').matchAll(reference)) names.add(plain ?? braced ?? old);
    return names;
}

/** @param {string} name @param {string | undefined} field @param {string | undefined} format @param {Scope} scope */
function builtIn(name, field, format, scope) {
    if (name === 'interval' && !valueOf(scope.variables, name)) return formatDuration(scope.intervalMs ?? 60_000);
    if (!name.startsWith('__') && name !== 'timeFilter') return undefined;
    const { from, to } = scope.range;
    switch (name) {
        case '__interval': return formatDuration(scope.intervalMs ?? 60_000);
        case '__interval_ms': return String(scope.intervalMs ?? 60_000);
        case '__rate_interval': return formatDuration(scope.rateIntervalMs ?? 60_000);
        case '__rate_interval_ms': return String(scope.rateIntervalMs ?? 60_000);
        case '__range': return formatDuration(Math.round((to - from) / 1000) * 1000);
        case '__range_s': return String(Math.round((to - from) / 1000));
        case '__range_ms': return String(to - from);
        case '__from': return timeText(from, format);
        case '__to': return timeText(to, format);
        case '__dashboard': return field === 'uid' ? scope.dashboard?.uid ?? '' : scope.dashboard?.title ?? '';
        case '__timezone': return scope.zone ?? 'browser';
        case '__timeFilter': case 'timeFilter': return '';
        case '__org': return field === 'name' ? 'Main' : '1';
        case '__user': return field === 'id' ? '1' : scope.user ?? '';
        case '__url_time_range': return `from=${scope.range.raw.from}&to=${scope.range.raw.to}`;
        case '__all_variables':
            return Object.entries(scope.variables).map(([key, value]) => formatted(key, value, 'queryparam')).filter(Boolean).join('&');
    }
    return undefined;
}

/** @param {number} ms @param {string | undefined} format */
function timeText(ms, format) {
    if (!format) return String(Math.round(ms));
    if (format === 'date:seconds') return String(Math.floor(ms / 1000));
    if (format === 'date' || format === 'date:iso') return new Date(ms).toISOString();
    return formatMoment(ms, format.replace(/^date:/, ''));
}

/** @param {string} text */
export function escapeRegex(text) {
    return text.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&').replace(/\\\//g, '/');
}

/**
 * For a value inside a PromQL or LogQL string.
 * @param {string} text
 */
function escapeString(text) {
    return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"');
}

/** @param {string} name @param {VariableValue} value @param {string} format */
function formatted(name, value, format) {
    const { values } = value;
    if (value.isAll && value.allValue && format !== 'text' && format !== 'queryparam') return value.allValue;
    switch (format.split(':')[0]) {
        case 'promql':
            if (!value.multi) return escapeString(values[0] ?? '');
            // The pattern stands inside a quoted string, so its backslashes are doubled.
            if (values.length === 1) return escapeString(escapeRegex(values[0]));
            return `(${values.map((one) => escapeString(escapeRegex(one))).join('|')})`;
        case 'regex':
            return values.length === 1 ? escapeRegex(values[0]) : `(${values.map(escapeRegex).join('|')})`;
        case 'csv': case 'raw': return values.join(',');
        case 'urlvalue':
            if (value.isAll) return encodeURIComponent('$__all');
            return values.map((one, index) => (index === 0 ? '' : `&var-${encodeURIComponent(name)}=`) + encodeURIComponent(one)).join('');
        case 'pipe': return values.join('|');
        case 'json': return JSON.stringify(value.multi ? values : values[0] ?? '');
        case 'singlequote': return values.map((one) => `'${one.replace(/'/g, "\\'")}'`).join(',');
        case 'sqlstring': return values.map((one) => `'${one.replace(/'/g, "''")}'`).join(',');
        case 'doublequote': return values.map((one) => `"${one.replace(/"/g, '\\"')}"`).join(',');
        case 'lucene': return values.length === 1 ? values[0] : `(${values.map((one) => `"${one}"`).join(' OR ')})`;
        case 'distributed': return values.map((one, index) => (index === 0 ? one : `${name}=${one}`)).join(',');
        case 'percentencode': return encodeURIComponent(values.join(','));
        case 'queryparam':
            return [...(value.filters ?? []).map(({ key, operator, value: one }) => `${key}|${operator}|${one}`), ...(value.isAll ? ['$__all'] : values)]
                .map((one) => `var-${encodeURIComponent(name)}=${encodeURIComponent(one)}`).join('&');
        case 'text': return value.isAll ? 'All' : value.texts.join(' + ');
        default: return values.length === 1 ? values[0] : values.length === 0 ? '' : `{${values.join(',')}}`;
    }
}
