import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { answersIn, batched } from '../../web/data/query-batch.js';

/** @param {number} index @param {number} status @param {string} body @param {boolean} [packed] */
const frame = (index, status, body, packed) => {
    const bytes = packed ? gzipSync(body) : Buffer.from(body);
    return Buffer.concat([Buffer.from(`${index} ${status} ${packed ? 'gzip' : 'identity'} ${bytes.length}\n`), bytes]);
};
/** @param {Buffer} bytes @param {number} size of the pieces in which they come */
const streamOf = (bytes, size) => new ReadableStream({
    start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(new Uint8Array(bytes.subarray(at, at + size)));
        controller.close();
    },
});

for (const size of [1, 7, 10_000]) {
    test(`answers are read from a stream in pieces of ${size} bytes`, async () => {
        const bytes = Buffer.concat([frame(1, 200, '{"ä":1}'), frame(0, 400, 'no'), frame(2, 200, 'x'.repeat(500), true), frame(3, 204, '')]);
        const found = [];
        for await (const answer of answersIn(streamOf(bytes, size))) found.push([answer.index, answer.status, answer.body.length]);
        assert.deepEqual(found, [[1, 200, 7], [0, 400, 2], [2, 200, 500], [3, 204, 0]]);
    });
}

test('a stream that is cut or is none ends without inventing an answer', async () => {
    for (const bytes of [Buffer.from('<html>'), frame(0, 200, 'abcdef').subarray(0, 22), Buffer.from('0 200 identity x\n'), Buffer.alloc(0)]) {
        for await (const answer of answersIn(streamOf(bytes, 5))) assert.fail(JSON.stringify(answer));
    }
});

test('queries of one moment are one request, each with its own end', async () => {
    /** @type {any[]} */
    const sent = [];
    globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ path, /** @type {any} */ options) => {
        sent.push([path, options.body]);
        if (!path.endsWith('/batch')) return new Response('{"alone":true}', { headers: { 'Content-Type': 'application/json' } });
        return new Response(streamOf(Buffer.concat([frame(2, 413, '{}'), frame(1, 422, '{"error":"too deep"}'), frame(0, 200, '{"data":5}')]), 9));
    });
    const { signal } = new AbortController();
    const given = new AbortController();
    const [first, second, third, fourth] = [0, 1, 2, 3].map((at) => batched('m', `/q${at}`, at === 0 ? { query: 'a+b' } : undefined, at === 3 ? given.signal : signal));
    given.abort();
    await assert.rejects(fourth, { name: 'AbortError' });
    await assert.rejects(second, { message: 'too deep', status: 422 });
    assert.deepEqual([await first, await third], [{ data: 5 }, { alone: true }]);
    assert.deepEqual(JSON.parse(sent[0][1]), { queries: [{ uid: 'm', path: '/q0', form: 'query=a%2Bb' }, { uid: 'm', path: '/q1' }, { uid: 'm', path: '/q2' }] });
    assert.deepEqual(sent.map(([path]) => path), ['/api/datasources/batch', '/api/datasources/proxy/uid/m/q2']);
});

test('when the answer ends too early, the rest is told so', async () => {
    globalThis.fetch = /** @type {any} */ (async () => new Response(streamOf(frame(0, 200, '1'), 99)));
    const { signal } = new AbortController();
    const [first, second] = [batched('m', '/a', undefined, signal), batched('m', '/b', undefined, signal)];
    assert.equal(await first, 1);
    await assert.rejects(second, /too early/);
});
