// Links of dashboards, panels and fields: where they lead once their variables are replaced.

import { interpolate } from './interpolate.js';
import { withParams } from '../router.js';

/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {{title: string, href: string, blank: boolean}} Link */
/**
 * What a data link may speak of.
 * @typedef {{field: import('../types/model').Field, name: string, value: any, text: string, row?: number, fields?: import('../types/model').Field[], time?: number}} Point
 */

/**
 * Only http and our own pages: a dashboard must not run a script by a link.
 * @param {string} href
 */
export function isSafe(href) {
    return /^(https?:\/\/|\/(?![/\\]))/i.test(href);
}

/**
 * @param {any} link `{title, url, targetBlank}`
 * @param {Scope} scope
 * @param {Point} [point]
 * @returns {Link | undefined} nothing when it leads to no page
 */
export function resolveLink(link, scope, point) {
    const url = String(link?.url ?? link?.dashUri ?? '').trim();
    if (url === '') return undefined;
    let href = interpolate(point ? withPoint(url, point, encodeURIComponent) : url, scope, 'urlvalue');
    if (link.keepTime || link.includeVars) href = withKept(href, scope, link);
    if (!isSafe(href)) return undefined;
    const title = interpolate(point ? withPoint(String(link.title ?? ''), point, (text) => text) : String(link.title ?? ''), scope, 'text');
    return { title: title || href, href, blank: Boolean(link.targetBlank) || /^https?:/i.test(href) };
}

/**
 * `${__value.text}`, `${__field.labels.job}`, `${__data.fields["Trace ID"]}`.
 * @param {string} text @param {Point} point @param {(text: string) => string} encode
 */
function withPoint(text, point, encode) {
    return text.replace(/\$\{__(value|field|series|data|cell)(?:_\d+)?(?:\.([^}]*?))?(?::(\w+))?\}/g, (_, kind, part = '', format) => {
        const found = pointPart(kind, part, point);
        return format === 'raw' ? found : encode(found);
    });
}

/** @param {string} kind @param {string} part @param {Point} point @returns {string} */
function pointPart(kind, part, { field, name, value, text, row, fields = [], time }) {
    if (kind === 'value' || kind === 'cell') {
        if (part === 'text') return text;
        if (part === 'time') return String(time ?? '');
        return String(value ?? '');
    }
    if (kind === 'data') {
        const wanted = /^fields(?:\[\s*["']?(.+?)["']?\s*\]|\.(.+?))(?:\.(?:text|numeric|raw))?$/.exec(part);
        const other = fields.find((one, index) => one.name === (wanted?.[1] ?? wanted?.[2]) || String(index) === wanted?.[1] || one.config.displayName === (wanted?.[1] ?? wanted?.[2]));
        return other && row !== undefined ? String(other.values[row] ?? '') : '';
    }
    const label = /^labels(?:\.(.+)|\["?(.+?)"?\])$/.exec(part);
    if (label) return field.labels?.[(label[1] ?? label[2]).replace(/^"|"$/g, '')] ?? '';
    return part === 'labels' ? JSON.stringify(field.labels ?? {}) : name;
}

/** @param {string} href @param {Scope} scope @param {{keepTime?: boolean, includeVars?: boolean}} link */
function withKept(href, scope, link) {
    const [path, search = ''] = href.split('?');
    const params = new URLSearchParams(search);
    if (link.keepTime) {
        params.set('from', scope.range.raw.from);
        params.set('to', scope.range.raw.to);
    }
    if (link.includeVars) {
        for (const [key, value] of new URLSearchParams(interpolate('${__all_variables}', scope))) if (!params.has(key) || key.startsWith('var-')) params.append(key, value);
    }
    return withParams(path, params);
}

/**
 * The address of another board with what a link keeps.
 * @param {string} url @param {any} link @param {Scope} scope
 */
export function boardAddress(url, link, scope) {
    return withKept(url, scope, { keepTime: link.keepTime, includeVars: link.includeVars });
}
