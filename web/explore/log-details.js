// All that one log line says, and the ways from it: to its trace, its neighbours, its metrics.

import { html, useMemo, useState } from '../vendor/preact.js';
import { fieldsOf, prettified, statisticsOf } from '../data/log-fields.js';
import { withParams } from '../router.js';
import { dateTime } from '../time/format.js';
import { Icon } from '../ui/icons.js';
import { LogContext } from './log-context.js';
import { Pairs } from './pairs.js';
import { readable } from './readable.js';
import { RelatedLinks } from './related.js';

/** @typedef {import('../types/model').LogLine} LogLine */
/** @typedef {{name: string, value: string, wanted: boolean, place: import('../data/log-fields.js').Place}} LogFilter */

/**
 * The trace which a line belongs to.
 * @param {LogLine} line
 */
export function traceIdOf(line) {
    const all = { ...fieldsOf(line.line)?.fields, ...line.labels, ...line.metadata };
    for (const name of ['trace_id', 'traceid', 'traceID', 'traceId', 'TraceId', 'trace.id']) {
        if (/^[0-9a-f]{16,32}$/i.test(all[name] ?? '')) return all[name];
    }
    return /\btrace_?id["']?\s*[=:]\s*["']?([0-9a-f]{16,32})\b/i.exec(line.line)?.[1];
}

/**
 * @param {{line: LogLine, lines: LogLine[], zone: string, sourceUid?: string, all?: import('../types/model').DataSource[], onFilter?: (filter: LogFilter) => void}} properties
 */
export function LogDetails({ line, lines, zone, sourceUid, all, onFilter }) {
    const [around, setAround] = useState(false);
    const parsed = useMemo(() => fieldsOf(line.line), [line]);
    const json = useMemo(() => prettified(line.line), [line]);
    const traceId = traceIdOf(line);
    const span = line.metadata.span_id;
    const range = useMemo(() => {
        const [from, to] = [line.timeMs - 3_600_000, Math.min(Date.now(), line.timeMs + 3_600_000)];
        return { from, to, raw: { from: String(from), to: String(to) } };
    }, [line]);
    const traceHref = traceId && withParams('/explore/traces', { trace: traceId, span: span && /^[0-9a-f]{16}$/.test(span) ? span : undefined, ...range.raw });
    const labels = useMemo(() => ({ ...line.metadata, ...line.labels }), [line]);
    const pairs = (/** @type {string} */ title, /** @type {Record<string, string>} */ values, /** @type {import('../data/log-fields.js').Place} */ place) => html`<${Pairs} title=${title} pairs=${values}
        onFilter=${onFilter && ((/** @type {string} */ name, /** @type {string} */ value, /** @type {boolean} */ wanted) => onFilter({ name, value, wanted, place }))}
        statistics=${(/** @type {string} */ name) => statisticsOf(lines, name, place)} />`;
    return html`<div class="log-details">
        <div class="log-actions">
            <span class="muted">${dateTime(line.timeMs, zone)}.${line.timeNs.slice(-9)}</span>
            <span class="level-badge level-${line.level}">${line.level}</span>
            ${traceHref && html`<a class="button small" href=${traceHref}><${Icon} name="traces" size="14" />Show trace</a>`}
            ${all && html`<${RelatedLinks} labels=${labels} range=${range} all=${traceHref ? all.filter((one) => one.type !== 'tempo') : all} of="logs" />`}
            ${sourceUid && html`<button class="button small" aria-expanded=${around ? 'true' : 'false'} onClick=${() => setAround(!around)}>Lines around it</button>`}
            <button class="button small quiet" onClick=${() => navigator.clipboard?.writeText(line.line)}>Copy line</button>
        </div>
        ${around && sourceUid && html`<${LogContext} uid=${sourceUid} line=${line} zone=${zone} onClose=${() => setAround(false)} />`}
        ${pairs('Labels', line.labels, 'label')}
        ${pairs('Structured metadata', line.metadata, 'metadata')}
        ${parsed && pairs('Fields of the line', parsed.fields, parsed.place)}
        ${json && html`<pre class="log-json">${readable(json)}</pre>`}
    </div>`;
}
