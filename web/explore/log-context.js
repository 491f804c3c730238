// What the same stream said before and after one line.

import { html, useEffect, useState } from '../vendor/preact.js';
import { isAbort, messageOf } from '../api.js';
import * as loki from '../data/loki.js';
import { clock } from '../time/format.js';
import { Dialog, Message } from '../ui/messages.js';
import { readable } from './readable.js';
import { selector } from './related.js';

/** @typedef {import('../types/model').LogLine} LogLine */

const step = 20;
/** How far neighbours may be: a stream that was silent for longer has none. */
const farthestMs = 24 * 3_600_000;

/**
 * Lines of the same stream on one side of a line, those nearest to it first.
 * @param {{uid: string, labels: Record<string, string>, from: LogLine, forward: boolean, limit: number, signal?: AbortSignal}} query
 * @returns {Promise<LogLine[]>}
 */
async function neighbours({ uid, labels, from, forward, limit, signal }) {
    const far = BigInt(farthestMs) * 1_000_000n;
    const at = BigInt(from.timeNs);
    // The end is exclusive; lines of the very same nanosecond are told apart by what they say.
    const bounds = forward ? { startNs: String(at), endNs: String(at + far) } : { startNs: String(at - far), endNs: String(at + 1n) };
    const { lines } = await loki.queryLogs({ uid, expr: selector(Object.entries(labels)), ...bounds, limit: limit + 1, forward, signal });
    const others = lines.filter((line) => line.timeNs !== from.timeNs || line.line !== from.line);
    return (forward ? others.reverse() : others).slice(0, limit);
}

/** @param {{uid: string, line: LogLine, zone: string, onClose: () => void}} properties */
export function LogContext({ uid, line, zone, onClose }) {
    const [counts, setCounts] = useState({ before: step, after: step });
    const [found, setFound] = useState(/** @type {{before: LogLine[], after: LogLine[]} | null} */ (null));
    const [error, setError] = useState('');
    useEffect(() => {
        const controller = new AbortController();
        const side = (/** @type {boolean} */ forward, /** @type {number} */ limit) => neighbours({ uid, labels: line.labels, from: line, forward, limit, signal: controller.signal });
        Promise.all([side(false, counts.before), side(true, counts.after)]).then(([before, after]) => setFound({ before, after }))
            .catch((failure) => { if (!isAbort(failure)) setError(messageOf(failure)); });
        return () => controller.abort();
    }, [uid, line, counts]);
    const row = (/** @type {LogLine} */ one, /** @type {boolean} */ here) => html`<div class="log level-${one.level} ${here ? 'here' : ''}" role="listitem" key=${here ? 'here' : one.key} ref=${here ? reveal : null}>
        <div class="log-row"><time>${clock(one.timeMs, zone)}</time><span class="log-text">${readable(one.line, 4000)}</span></div></div>`;
    const more = (/** @type {'before' | 'after'} */ side) => found && (found[side].length < counts[side] ? html`<p class="list-end">${side === 'before' ? 'The stream begins here.' : 'Nothing came after.'}</p>`
        : html`<div class="log-around-more"><button class="button small" onClick=${() => setCounts({ ...counts, [side]: counts[side] + 50 })}>${side === 'before' ? 'Earlier lines' : 'Later lines'}</button></div>`);
    return html`<${Dialog} title="Lines around it" onClose=${onClose}>
        <p class="muted">${selector(Object.entries(line.labels))}</p>
        ${error && html`<${Message}>${error}</${Message}>`}
        ${more('before')}
        <div class="log-list wrap" role="list">${[...found?.before ?? []].reverse().map((one) => row(one, false))}${row(line, true)}${(found?.after ?? []).map((one) => row(one, false))}</div>
        ${more('after')}
    </${Dialog}>`;
}

/** @param {Element | null} element */
function reveal(element) {
    element?.scrollIntoView({ block: 'center' });
}
