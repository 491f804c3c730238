// What data sources answer is checked before it is used: a proxy's error page or another program's JSON gets a sentence, not a crash.

/**
 * The result of an answer in Prometheus' shape.
 * @param {any} body
 * @returns {{kind: string, result: any[]}}
 */
export function resultOf(body) {
    if (body && typeof body === 'object' && body.status === 'error') throw new Error(String(body.error ?? 'The data source answers an error without a text.'));
    const result = body?.data?.result;
    const kind = String(body?.data?.resultType ?? '');
    if (!Array.isArray(result)) throw new Error(`The data source answers something else than the result of a query: ${excerpt(body)}`);
    if (kind === 'scalar' || kind === 'string') return { kind, result };
    for (const series of result) {
        const labels = series?.metric ?? series?.stream;
        const samples = series?.values ?? (series?.value ? [series.value] : undefined) ?? series?.histograms ?? (series?.histogram ? [series.histogram] : undefined);
        if (!labels || typeof labels !== 'object' || !Array.isArray(samples)) throw new Error(`The data source answers a series that is none: ${excerpt(series)}`);
    }
    return { kind, result };
}

/**
 * A list of names or values.
 * @param {any} body
 * @returns {string[]}
 */
export function namesOf(body) {
    const names = body?.data ?? (body?.status === 'success' ? [] : undefined);
    if (!Array.isArray(names)) throw new Error(`The data source answers something else than a list: ${excerpt(body)}`);
    return names.map(String);
}

/** @param {any} body */
function excerpt(body) {
    const text = typeof body === 'string' ? body : JSON.stringify(body) ?? 'nothing';
    return `“${text.slice(0, 120)}${text.length > 120 ? '…' : ''}”`;
}
