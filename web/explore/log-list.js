// Log lines with level colours; a click unfolds labels and structured metadata.

import { html, useState } from '../vendor/preact.js';
import { withParams } from '../router.js';
import { shortened } from '../format/display.js';
import { clock, dateTime } from '../time/format.js';
import { useMore } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';

/** @typedef {import('../types/model').LogLine} LogLine */

/**
 * Lines at once; the next come when the reader is near their end.
 */
const chunk = 300;

/**
 * @param {{lines: LogLine[], wrap: boolean, zone: string, showTime?: boolean, highlight?: string[], sourceUid?: string, pretty?: boolean, details?: boolean,
 *   labelsOf?: (line: LogLine) => string, countOf?: (line: LogLine) => number, onFilter?: (name: string, value: string, wanted: boolean, isMetadata: boolean) => void}} properties
 */
export function LogList({ lines, wrap, zone, showTime = true, highlight = [], pretty = false, details = true, labelsOf, countOf, onFilter }) {
    const [endRef, count] = useMore(lines, chunk);
    const [open, setOpen] = useState(/** @type {Set<string>} */ (new Set()));
    const toggle = (/** @type {string} */ key) => {
        const next = new Set(open);
        if (!next.delete(key)) next.add(key);
        setOpen(next);
    };
    return html`<div class="log-list ${wrap ? 'wrap' : ''}" role="list">${lines.slice(0, count).map((line) => {
        const unfolded = details && open.has(line.key);
        const labels = labelsOf?.(line);
        const copies = countOf?.(line) ?? 1;
        return html`<div class="log level-${line.level} ${unfolded ? 'open' : ''}" role="listitem" key=${line.key}>
            <button class="log-row" aria-expanded=${unfolded ? 'true' : 'false'} onClick=${() => toggle(line.key)} title=${unfolded ? undefined : `${line.level}, ${dateTime(line.timeMs, zone)}`}>
                ${showTime && html`<time>${clock(line.timeMs, zone)}</time>`}
                ${copies > 1 && html`<span class="log-copies">${copies}×</span>`}
                ${labels && html`<span class="log-labels">${labels}</span>`}
                <span class="log-text">${marked(readable(pretty ? prettified(line.line) : line.line, 4000), highlight)}</span>
            </button>
            ${unfolded && html`<${LogDetails} line=${line} zone=${zone} onFilter=${onFilter} />`}
        </div>`;
    })}${count < lines.length && html`<div ref=${endRef} class="log-end"></div>`}</div>`;
}

/**
 * Without terminal colours; characters that steer a terminal or turn the direction of a text are shown, not obeyed.
 * @param {string} text
 * @param {number} [most] characters
 */
export function readable(text, most = 20_000) {
    const plain = text.includes('\u001b') ? text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '') : text;
    return shortened(plain, most).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (char) => String.fromCharCode(char === '\u007f' ? 0x2421 : 0x2400 + char.charCodeAt(0)))
        .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g, (char) => `⟨U+${char.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}

/**
 * A line of JSON over several lines.
 * @param {string} text
 */
function prettified(text) {
    if (text.length > 100_000 || !/^\s*[{[]/.test(text)) return text;
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}

/** @param {string} text @param {string[]} words */
function marked(text, words) {
    const wanted = words.filter((word) => word.length > 1);
    if (wanted.length === 0) return text;
    const pattern = new RegExp(`(${wanted.map((word) => word.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&')).join('|')})`, 'g');
    return text.split(pattern).map((part, index) => (index % 2 === 1 ? html`<mark>${part}</mark>` : part));
}

/**
 * Fields which a JSON line carries itself.
 * @param {string} line
 * @returns {Record<string, string>}
 */
function fieldsOf(line) {
    if (!/^\s*\{/.test(line)) return {};
    try {
        const parsed = JSON.parse(line);
        return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]));
    } catch {
        return {};
    }
}

/**
 * The trace which a line belongs to.
 * @param {LogLine} line
 */
export function traceIdOf(line) {
    const all = { ...fieldsOf(line.line), ...line.labels, ...line.metadata };
    for (const name of ['trace_id', 'traceid', 'traceID', 'traceId', 'TraceId', 'trace.id']) {
        if (/^[0-9a-f]{16,32}$/i.test(all[name] ?? '')) return all[name];
    }
    return /\btrace_?id["']?\s*[=:]\s*["']?([0-9a-f]{16,32})\b/i.exec(line.line)?.[1];
}

/** @param {{line: LogLine, zone: string, onFilter?: any}} properties */
function LogDetails({ line, zone, onFilter }) {
    const traceId = traceIdOf(line);
    const traceHref = traceId && withParams('/explore/traces', { trace: traceId, from: String(line.timeMs - 3_600_000), to: String(line.timeMs + 3_600_000) });
    return html`<div class="log-details">
        <div class="log-actions">
            <span class="muted">${dateTime(line.timeMs, zone)}.${line.timeNs.slice(-9)}</span>
            <span class="level-badge level-${line.level}">${line.level}</span>
            ${traceHref && html`<a class="button small" href=${traceHref}><${Icon} name="traces" size="14" />Show trace</a>`}
            <button class="button small quiet" onClick=${() => navigator.clipboard?.writeText(line.line)}>Copy line</button>
        </div>
        <${Pairs} title="Labels" pairs=${line.labels} onFilter=${onFilter && ((/** @type {string} */ name, /** @type {string} */ value, /** @type {boolean} */ wanted) => onFilter(name, value, wanted, false))} />
        <${Pairs} title="Structured metadata" pairs=${line.metadata} onFilter=${onFilter && ((/** @type {string} */ name, /** @type {string} */ value, /** @type {boolean} */ wanted) => onFilter(name, value, wanted, true))} />
        <${Pairs} title="Fields of the line" pairs=${fieldsOf(line.line)} />
    </div>`;
}

/**
 * @param {{title: string, pairs: Record<string, string>, onFilter?: (name: string, value: string, wanted: boolean) => void}} properties
 */
export function Pairs({ title, pairs, onFilter }) {
    const entries = Object.entries(pairs).sort(([a], [b]) => a.localeCompare(b));
    if (entries.length === 0) return null;
    return html`<table class="pairs"><caption>${title}</caption><tbody>${entries.map(([name, value]) => html`<tr key=${name}>
        <th scope="row">${name}</th><td>${readable(value)}</td>
        ${onFilter && html`<td class="pair-actions">
            <button class="button small quiet icon" title="Only lines with this value" onClick=${() => onFilter(name, value, true)}>=</button>
            <button class="button small quiet icon" title="Without this value" onClick=${() => onFilter(name, value, false)}>≠</button></td>`}
    </tr>`)}</tbody></table>`;
}
