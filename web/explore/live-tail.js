// Lines as they come: asked for once a second, since the last one seen.

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { isAbort, messageOf } from '../api.js';
import * as loki from '../data/loki.js';
import { linesTable } from '../data/log-fields.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { CardTools } from './card-tools.js';
import { LogList } from './log-list.js';

/** @typedef {import('../types/model').LogLine} LogLine */

const everyMs = 1000;
/** Lines that are kept; older ones leave the page. */
const most = 1000;
/** Lines arrive late and out of order: so much of the past is asked for again. */
const lateMs = 10_000;

/** @param {LogLine} line */
function identity(line) {
    return `${line.timeNs} ${JSON.stringify(line.labels)} ${line.line}`;
}

/**
 * The newest lines of both, newest first, none twice.
 * @param {LogLine[]} known @param {LogLine[]} found
 * @returns {LogLine[]} `known` itself when nothing is new
 */
export function joined(known, found) {
    const seen = new Set(known.map((line) => line.key));
    const fresh = found.filter((line) => !seen.has(identity(line)));
    if (fresh.length === 0) return known;
    return [...fresh.map((line) => ({ ...line, key: identity(line) })), ...known].sort((a, b) => (BigInt(a.timeNs) < BigInt(b.timeNs) ? 1 : BigInt(a.timeNs) > BigInt(b.timeNs) ? -1 : 0)).slice(0, most);
}

/**
 * @param {{uid: string, expr: string, wrap: boolean, pretty: boolean, words: string[], all: import('../types/model').DataSource[],
 *   onFilter: (filter: import('./log-details.js').LogFilter) => void, onStop: () => void}} properties
 */
export function LiveTail({ uid, expr, wrap, pretty, words, all, onFilter, onStop }) {
    const [lines, setLines] = useState(/** @type {LogLine[]} */ ([]));
    const [held, setHeld] = useState(/** @type {LogLine[] | null} */ (null));
    const [error, setError] = useState('');
    const latest = useRef(/** @type {LogLine[]} */ ([]));
    const since = useRef(Date.now() - 60_000);
    /** Nothing before this is shown again once the list was cleared. */
    const cleared = useRef(0);
    useEffect(() => {
        const controller = new AbortController();
        let timer = 0;
        const ask = async () => {
            if (!document.hidden) {
                const now = Date.now();
                try {
                    const start = Math.max(Math.max(since.current, now - 600_000) - lateMs, cleared.current);
                    const answer = await loki.queryLogs({ uid, expr, startNs: `${Math.floor(start)}000000`, endNs: `${now + 60_000}000000`, limit: most, signal: controller.signal });
                    latest.current = joined(latest.current, answer.lines);
                    since.current = now;
                    setLines(latest.current);
                    setError('');
                } catch (failure) {
                    if (isAbort(failure)) return;
                    setError(messageOf(failure));
                }
            }
            if (!controller.signal.aborted) timer = window.setTimeout(ask, everyMs);
        };
        ask();
        return () => {
            controller.abort();
            clearTimeout(timer);
        };
    }, [uid, expr]);
    const shown = held ?? lines;
    const before = new Set(held);
    const waiting = held ? lines.filter((line) => !before.has(line)).length : 0;
    const clear = () => {
        cleared.current = Date.now();
        latest.current = [];
        setLines([]);
        setHeld(held && []);
    };
    return html`<section class="explore-card">
        <header><h2>Live</h2><span class="muted" role="status">${held ? `Paused, ${waiting} new` : `${lines.length.toLocaleString('en-US')} newest lines, as they come`}</span>
            <div class="joined">
                <button class="button small" aria-pressed=${held ? 'true' : 'false'} onClick=${() => setHeld(held ? null : lines)}><${Icon} name=${held ? 'play' : 'pause'} size="13" />${held ? 'Resume' : 'Pause'}</button>
                <button class="button small" onClick=${clear}>Clear</button>
                <button class="button small" onClick=${onStop}>Stop</button>
            </div>
            <${CardTools} title="logs" frames=${() => [linesTable(shown)]} />
        </header>
        ${error && html`<${Message}>${error}</${Message}>`}
        ${shown.length === 0 && html`<${Empty} title="Waiting for lines">Those of the last minute and all new ones that match are shown here.</${Empty}>`}
        <${LogList} lines=${shown} wrap=${wrap} pretty=${pretty} zone="browser" highlight=${words} onFilter=${onFilter} sourceUid=${uid} all=${all} />
    </section>`;
}
