// Panels are drawn one after the other, with frames in between: a page can be scrolled while a hundred of them fill.

/** @type {(() => void)[]} */
const waiting = [];
let isRunning = false;
let scrolledAt = -Infinity;
globalThis.addEventListener?.('scroll', () => { scrolledAt = performance.now(); }, { passive: true, capture: true });

/** How much may be drawn before a frame is shown, at least: next to nothing while the page moves. */
const [calmMs, scrollingMs, scrollEndsMs] = [40, 5, 200];

/**
 * Waits until one may draw. What is drawn then must be begun at once, and is taken to be done when the page has nothing else to do.
 * @returns {Promise<void>}
 */
export function turn() {
    return new Promise((resolve) => {
        waiting.push(resolve);
        if (!isRunning) run();
    });
}

async function run() {
    isRunning = true;
    let began = performance.now();
    // Where frames take long, drawing takes as long as they do: it must come to an end.
    let frameMs = 0;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
        next();
        await afterTasks();
        const now = performance.now();
        if (now - began < Math.max(frameMs, now - scrolledAt < scrollEndsMs ? scrollingMs : calmMs)) continue;
        await nextFrame();
        began = performance.now();
        frameMs = Math.max(0, began - now - 17);
    }
    isRunning = false;
}

/** @type {MessageChannel | undefined} */
let channel;

/** Timers would wait for four milliseconds. */
function afterTasks() {
    return new Promise((resolve) => {
        const { port1, port2 } = channel ??= new MessageChannel();
        port1.onmessage = () => {
            port1.onmessage = null;
            resolve(undefined);
        };
        port2.postMessage(0);
    });
}

/** After the next frame was shown; a page that nobody sees has none. */
async function nextFrame() {
    if (!document.hidden) await new Promise(requestAnimationFrame);
    await afterTasks();
}
