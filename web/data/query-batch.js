// The queries which panels ask at the same moment, sent as one request; each is answered as soon as its source has answered.

import { ApiError, errorText, parseBody, proxied, request } from '../api.js';

/** @typedef {{uid: string, path: string, form?: string, signal: AbortSignal, resolve: (body: any) => void, reject: (error: unknown) => void}} Waiting */

/** How long queries gather: panels begin theirs within a few milliseconds of each other. */
const gatheringMs = 6;
/** Most queries and bytes in one request; the server takes 500 and a mebibyte. */
const [most, mostBytes] = [200, 700_000];

/** @type {Waiting[]} */
let gathered = [];

/**
 * @param {string} uid of the data source
 * @param {string} path of its API, with the query
 * @param {Record<string, string> | undefined} form sent as a POST
 * @param {AbortSignal} signal
 * @returns {Promise<any>} the parsed answer; failures are ApiErrors
 */
export function batched(uid, path, form, signal) {
    return new Promise((resolve, reject) => {
        if (gathered.length === 0) setTimeout(flush, gatheringMs);
        gathered.push({ uid, path, form: form && new URLSearchParams(form).toString(), signal, resolve, reject });
    });
}

function flush() {
    const queries = gathered.filter(({ signal, reject }) => {
        if (signal.aborted) reject(abortion());
        return !signal.aborted;
    });
    gathered = [];
    for (let rest = queries; rest.length > 0;) {
        let [count, bytes] = [0, 0];
        while (count < rest.length && count < most && (count === 0 || bytes < mostBytes)) bytes += rest[count].path.length + (rest[count++].form?.length ?? 0);
        const group = rest.slice(0, count);
        rest = rest.slice(count);
        if (group.length === 1) alone(group[0]);
        else send(group);
    }
}

/** @param {Waiting} query */
function alone({ uid, path, form, signal, resolve, reject }) {
    request(proxied(uid, path), { text: form, signal }).then(resolve, reject);
}

/** @param {Waiting[]} group */
async function send(group) {
    const controller = new AbortController();
    /** Those which nobody has answered or given up yet. */
    const open = new Set(group);
    for (const query of group) {
        query.signal.addEventListener('abort', () => {
            if (!open.delete(query)) return;
            query.reject(abortion());
            if (open.size === 0) controller.abort();
        }, { once: true });
    }
    const settle = (/** @type {Waiting} */ query, /** @type {() => void} */ how) => {
        if (open.delete(query)) how();
    };
    try {
        const queries = group.map(({ uid, path, form }) => ({ uid, path, form }));
        const response = await request('/api/datasources/batch', { json: { queries }, signal: controller.signal, raw: true });
        for await (const { index, status, body } of answersIn(/** @type {ReadableStream<Uint8Array>} */ (response.body))) {
            const query = group[index];
            if (!query || !open.has(query)) continue;
            if (status === 413) settle(query, () => alone(query));
            else if (status >= 200 && status < 300) settle(query, () => query.resolve(parseBody(body, 'json')));
            else settle(query, () => query.reject(new ApiError(errorText(parseBody(body, 'json'), status), status)));
        }
        throw new ApiError('The answer of the dashboard server ended too early.', 0);
    } catch (error) {
        for (const query of [...open]) settle(query, () => query.reject(error));
    }
}

/**
 * Reads frames: a line `index status encoding length`, then the bytes of an answer.
 * @param {ReadableStream<Uint8Array>} stream
 */
export async function* answersIn(stream) {
    const reader = stream.getReader();
    let buffer = new Uint8Array(0);
    let ended = false;
    /** @param {number} count bytes wanted; false when the stream ends before */
    const fill = async (count) => {
        /** @type {Uint8Array[]} */
        const pieces = [buffer];
        let length = buffer.length;
        while (length < count && !ended) {
            const { value, done } = await reader.read();
            if (done) ended = true;
            else length += pieces[pieces.push(value) - 1].length;
        }
        if (pieces.length > 1) buffer = joinedBytes(pieces, length);
        return length >= count;
    };
    try {
        while (await fill(1)) {
            let end = buffer.indexOf(10);
            while (end < 0 && buffer.length < 100 && await fill(buffer.length + 1)) end = buffer.indexOf(10);
            const [index, status, encoding, size] = new TextDecoder().decode(buffer.subarray(0, Math.max(0, end))).split(' ');
            const length = Number(size);
            if (end < 0 || !(length >= 0) || !(await fill(end + 1 + length))) return;
            const body = buffer.subarray(end + 1, end + 1 + length);
            buffer = buffer.subarray(end + 1 + length);
            yield { index: Number(index), status: Number(status), body: await textOf(body, encoding) };
        }
    } finally {
        reader.cancel().catch(() => {});
    }
}

/** @param {Uint8Array[]} pieces @param {number} length */
function joinedBytes(pieces, length) {
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
    }
    return whole;
}

/** @param {Uint8Array} bytes @param {string} encoding @returns {Promise<string>} */
async function textOf(bytes, encoding) {
    if (encoding !== 'gzip') return new TextDecoder().decode(bytes);
    const Gunzip = /** @type {any} */ (globalThis).DecompressionStream;
    const gunzip = new Gunzip('gzip');
    const writer = gunzip.writable.getWriter();
    // Where these fail, so does what is read.
    writer.write(bytes).catch(() => {});
    writer.close().catch(() => {});
    return new Response(gunzip.readable).text();
}

function abortion() {
    return new DOMException('The request was given up.', 'AbortError');
}
