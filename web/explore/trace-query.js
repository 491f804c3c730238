// The search form's fields → TraceQL.

/** @typedef {{service: string, name: string, min: string, max: string, tags: string, status: string}} Search */

/** @param {string} text */
function quoted(text) {
    return JSON.stringify(text);
}

/** True of the services of Martlet itself. */
const own = 'resource.service.name =~ "martlet-.*"';

/**
 * The form's fields as one TraceQL query.
 * @param {Search} search
 * @param {{withoutOwn?: boolean}} [options] withoutOwn: no spans of Martlet's own servers
 */
export function traceQLOf(search, options = {}) {
    const terms = [];
    if (options.withoutOwn) terms.push(`!(${own})`);
    if (search.service) terms.push(`resource.service.name = ${quoted(search.service)}`);
    if (search.name) terms.push(`name = ${quoted(search.name)}`);
    if (search.min) terms.push(`duration >= ${search.min}`);
    if (search.max) terms.push(`duration <= ${search.max}`);
    if (search.status) terms.push(`status = ${search.status}`);
    for (const [, key, text, word] of search.tags.matchAll(/([\w.\-/]+)\s*=\s*(?:"([^"]*)"|(\S+))/g)) {
        const value = text ?? word;
        const literal = text === undefined && /^(-?\d+(\.\d+)?|true|false)$/.test(value) ? value : quoted(value);
        terms.push(`${/^(span|resource|event|link)\./.test(key) ? key : `.${key}`} = ${literal}`);
    }
    return `{${terms.length > 0 ? ` ${terms.join(' && ')} ` : ''}}`;
}

/**
 * True for a TraceQL query that answers a graph instead of traces.
 * @param {string} expr
 */
export function countsSpans(expr) {
    return /\|\s*(?:rate|count_over_time|(?:min|max|avg|sum|quantile|histogram)_over_time|compare)\s*\(/.test(expr.replace(/"(?:\\.|[^"\\])*"|`[^`]*`/g, '""'));
}
