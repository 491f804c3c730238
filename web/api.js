// Calls to the dashboard server. Every failure becomes an ApiError with a text fit for people.

export class ApiError extends Error {
    /**
     * @param {string} message
     * @param {number} status HTTP status; 0 when no answer came
     * @param {number} [retryAfter] seconds to wait, when the server named them
     * @param {any} [body] of the answer
     */
    constructor(message, status, retryAfter, body) {
        super(message);
        this.name = 'ApiError';
        this.status = status;
        this.retryAfter = retryAfter;
        this.body = body;
    }
}

/** Event on `window` when the server no longer knows our session. */
export const signedOut = 'martlet:signed-out';

/**
 * @typedef {{method?: string, json?: unknown, form?: Record<string, string>, text?: string, signal?: AbortSignal,
 *   headers?: Record<string, string>, raw?: boolean}} RequestOptions `text`: an encoded form unless `headers` say what else; `raw`: the response instead of its parsed body
 */

/**
 * Sends one request and answers the parsed JSON body (or the text when it is not JSON).
 * @param {string} path
 * @param {RequestOptions} [options]
 * @returns {Promise<any>}
 */
export async function request(path, options = {}) {
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json', 'X-Requested-With': 'martlet', ...options.headers };
    /** @type {BodyInit | undefined} */
    let body;
    if (options.json !== undefined) {
        headers['Content-Type'] = 'application/json';
        body = JSON.stringify(options.json);
    } else if (options.form) {
        headers['Content-Type'] = 'application/x-www-form-urlencoded';
        body = new URLSearchParams(options.form).toString();
    } else if (options.text !== undefined) {
        headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
        body = options.text;
    }
    let response;
    try {
        response = await fetch(path, {
            method: options.method ?? (body === undefined ? 'GET' : 'POST'),
            headers, body, signal: options.signal, credentials: 'same-origin',
        });
    } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') throw error;
        throw new ApiError('The dashboard server does not answer. Is it running?', 0);
    }
    if (options.raw && response.ok) return response;
    const text = await response.text();
    const parsed = parseBody(text, response.headers.get('Content-Type') ?? '');
    if (response.ok) return parsed;
    if (response.status === 401 && path !== '/api/login') window.dispatchEvent(new Event(signedOut));
    const retryAfter = Number(response.headers.get('Retry-After')) || undefined;
    throw new ApiError(errorText(parsed, response.status), response.status, retryAfter, parsed);
}

/**
 * @param {string} text
 * @param {string} type
 */
export function parseBody(text, type) {
    if (!type.includes('json') && !/^\s*[[{]/.test(text)) return text;
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

/**
 * The sentence of an error body: Grafana's and Loki's `message`, Prometheus' `error`, or plain text.
 * @param {any} body
 * @param {number} status
 */
export function errorText(body, status) {
    if (body && typeof body === 'object') return String(body.message ?? body.error ?? `HTTP ${status}`);
    const text = String(body ?? '').trim();
    return text === '' || text.startsWith('<') ? `HTTP ${status}` : text.slice(0, 600);
}

/**
 * True for the error of a request which we cancelled ourselves.
 * @param {unknown} error
 */
export function isAbort(error) {
    return error instanceof DOMException && error.name === 'AbortError';
}

/**
 * The text to show for anything that was thrown.
 * @param {unknown} error
 */
export function messageOf(error) {
    return error instanceof Error ? error.message : String(error);
}

/**
 * Path of a data source's own API behind the proxy.
 * @param {string} uid
 * @param {string} path begins with a slash
 * @param {Record<string, string | number | undefined> | URLSearchParams} [parameters]
 */
export function proxied(uid, path, parameters) {
    const search = parameters instanceof URLSearchParams ? parameters : new URLSearchParams();
    if (parameters && !(parameters instanceof URLSearchParams)) {
        for (const [name, value] of Object.entries(parameters)) {
            if (value !== undefined && value !== '') search.set(name, String(value));
        }
    }
    const query = search.toString();
    return `/api/datasources/proxy/uid/${encodeURIComponent(uid)}${path}${query ? '?' + query : ''}`;
}
