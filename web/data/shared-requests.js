// Panels often ask the same thing at the same moment: it is sent once, and cancelled when the last of them gives up.

/** @typedef {{promise: Promise<any>, controller: AbortController, waiting: number}} Running */

/** @type {Map<string, Running>} */
const running = new Map();

/**
 * @template T
 * @param {string} key equal for equal requests
 * @param {(signal: AbortSignal) => Promise<T>} start
 * @param {AbortSignal} [signal] of this asker alone
 * @returns {Promise<T>}
 */
export function sharedRequest(key, start, signal) {
    if (signal?.aborted) return Promise.reject(abortion());
    let entry = running.get(key);
    if (!entry) {
        const controller = new AbortController();
        const made = { promise: start(controller.signal), controller, waiting: 0 };
        running.set(key, made);
        const forget = () => {
            if (running.get(key) === made) running.delete(key);
        };
        made.promise.then(forget, forget);
        entry = made;
    }
    const { promise, controller } = entry;
    const mine = entry;
    mine.waiting += 1;
    return new Promise((resolve, reject) => {
        const leave = () => {
            mine.waiting -= 1;
            if (mine.waiting === 0) {
                if (running.get(key) === mine) running.delete(key);
                controller.abort();
            }
            reject(abortion());
        };
        signal?.addEventListener('abort', leave, { once: true });
        promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
}

function abortion() {
    return new DOMException('The request was given up.', 'AbortError');
}
