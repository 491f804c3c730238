// Log lines with level colours; a click unfolds labels and structured metadata.

import { html, useState } from '../vendor/preact.js';
import { prettified } from '../data/log-fields.js';
import { clock, dateTime } from '../time/format.js';
import { useMore } from '../ui/hooks.js';
import { LogDetails } from './log-details.js';
import { readable } from './readable.js';

/** @typedef {import('../types/model').LogLine} LogLine */

/**
 * Lines at once; the next come when the reader is near their end.
 */
const chunk = 300;

/**
 * @param {{lines: LogLine[], wrap: boolean, zone: string, showTime?: boolean, highlight?: string[], sourceUid?: string, pretty?: boolean, details?: boolean,
 *   labelsOf?: (line: LogLine) => string, countOf?: (line: LogLine) => number, all?: import('../types/model').DataSource[],
 *   onFilter?: (filter: import('./log-details.js').LogFilter) => void}} properties `sourceUid`: where the lines are from, for the lines around one
 */
export function LogList({ lines, wrap, zone, showTime = true, highlight = [], pretty = false, details = true, labelsOf, countOf, sourceUid, all, onFilter }) {
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
                <span class="log-text">${marked(readable(pretty ? prettified(line.line) ?? line.line : line.line, 4000), highlight)}</span>
            </button>
            ${unfolded && html`<${LogDetails} line=${line} lines=${lines} zone=${zone} sourceUid=${sourceUid} all=${all} onFilter=${onFilter} />`}
        </div>`;
    })}${count < lines.length && html`<div ref=${endRef} class="log-end"></div>`}</div>`;
}

/** @param {string} text @param {string[]} words */
function marked(text, words) {
    const wanted = words.filter((word) => word.length > 1);
    if (wanted.length === 0) return text;
    const pattern = new RegExp(`(${wanted.map((word) => word.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&')).join('|')})`, 'g');
    return text.split(pattern).map((part, index) => (index % 2 === 1 ? html`<mark>${part}</mark>` : part));
}
