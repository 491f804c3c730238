// Explore logs: a LogQL query, how many lines of which level came when, and the lines.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { isAbort, messageOf } from '../api.js';
import * as loki from '../data/loki.js';
import { setParams } from '../router.js';
import { useTimeRange } from '../time/picker.js';
import { useLoad, useSize } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { deduplicated } from '../data/log-lines.js';
import { linesTable } from '../data/log-fields.js';
import { CardTools } from './card-tools.js';
import { logql } from './editor/languages.js';
import { ExploreFrame, useSource } from './frame.js';
import { LogList } from './log-list.js';
import { LogVolume, loadVolume } from './log-volume.js';
import { Examples } from './metrics.js';
import { MetricGraph } from './metric-graph.js';
import { LiveTail } from './live-tail.js';
import { QueryRow } from './query-row.js';
import { withFilter } from './selectors.js';

const pageSize = 300;

/** @typedef {import('../types/model').LogLine} LogLine */

/** @param {{params: URLSearchParams}} properties */
export default function LogsPage({ params }) {
    const sources = useSource('loki', params);
    const time = useTimeRange(params, { from: 'now-1h', to: 'now' });
    const { range } = time;
    const expr = params.get('expr') ?? '';
    const wrap = params.get('wrap') !== 'off';
    const level = params.get('level') ?? '';
    const [text, setText] = useState(expr);
    useEffect(() => setText(expr), [expr]);
    const [boxRef, size] = useSize();
    const uid = sources.source?.uid ?? '';
    const ready = uid !== '' && expr !== '';
    const counts = loki.isMetricQuery(expr);
    const startNs = `${Math.floor(range.from)}000000`;
    const endNs = `${Math.floor(range.to)}000000`;
    const answer = useLoad((signal) => loki.queryLogs({ uid, expr, startNs, endNs, limit: pageSize, signal }), [uid, expr, range], ready && !counts);
    const older = useOlder({ uid, expr, startNs, first: answer.value?.lines });
    const lines = useMemo(() => [...(answer.value?.lines ?? []), ...older.lines], [answer.value, older.lines]);
    const volume = useLoad((signal) => loadVolume({ uid, expr, range, signal }), [uid, expr, range], ready && !counts);
    const live = params.get('live') === 'on';
    const pretty = params.get('pretty') === 'on';
    const ascending = params.get('order') === 'oldest';
    const dedup = params.get('dedup') ?? 'none';
    const { shown, counts: copies } = useMemo(() => {
        const ofLevel = level ? lines.filter((line) => line.level === level) : lines;
        const found = deduplicated(ascending ? [...ofLevel].reverse() : ofLevel, dedup);
        return { shown: found.lines, counts: found.counts };
    }, [lines, level, ascending, dedup]);
    const run = (/** @type {string} */ next) => {
        setText(next);
        if (next.trim() === expr) time.reload();
        else setParams({ expr: next.trim() });
    };
    const language = useMemo(() => logql(uid, range), [uid, range]);
    const set = (/** @type {Record<string, string | null>} */ patch) => setParams(patch, { replace: true });
    const labels = useLoad((signal) => loki.labelNames(uid, range, signal), [uid], uid !== '' && expr === '');
    const examples = useMemo(() => examplesFor(labels.value ?? []), [labels.value]);
    const onFilter = (/** @type {import('./log-details.js').LogFilter} */ filter) => run(withFilter(expr, filter));
    const words = useMemo(() => [...expr.matchAll(/\|[=~]\s*[`"]([^`"]+)[`"]/g)].map((match) => match[1]), [expr]);
    const setLevel = (/** @type {string} */ one) => setParams({ level: one === level ? null : one }, { replace: true });
    return html`<${ExploreFrame} page="logs" params=${params} sources=${sources} time=${time} loading=${ready && answer.loading}>
        <${QueryRow} page="logs" expr=${expr} text=${text} placeholder='LogQL, e.g. {service_name="api"} |= "error"' label="LogQL query" language=${language} error=${answer.error}
            onText=${setText} onRun=${run}>
            ${ready && !counts && html`<button class="button" aria-pressed=${live ? 'true' : 'false'} title="Lines as they come" onClick=${() => set({ live: live ? null : 'on' })}>
                <span class="live-dot"></span>Live</button>`}
        </${QueryRow}>
        ${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        ${expr === '' && html`<section class="explore-card">
            ${labels.error && html`<${Message}>${labels.error}</${Message}>`}
            <${Examples} examples=${examples} onPick=${run} /></section>`}
        ${ready && counts && html`<${MetricGraph} uid=${uid} expr=${expr} range=${range} ask=${(/** @type {import('./metric-graph.js').Question} */ asked) => loki.queryMetric({ uid, expr: asked.expr, startMs: asked.range.from, endMs: asked.range.to, stepMs: asked.stepMs, signal: asked.signal })} />`}
        ${ready && !counts && live && html`<${LiveTail} key=${`${uid} ${expr}`} uid=${uid} expr=${expr} wrap=${wrap} pretty=${pretty} words=${words} all=${sources.all} onFilter=${onFilter} onStop=${() => set({ live: null })} />`}
        ${ready && !counts && !live && html`
            <section class="explore-card volume-card" ref=${boxRef}>
                <${LogVolume} volume=${volume.value} lines=${lines} range=${range} width=${size.width} level=${level} onLevel=${setLevel} />
            </section>
            <section class="explore-card">
                <header><h2>Lines</h2><span class="muted">${answer.value ? lineCount(shown.length, lines.length) : ''}</span>
                    <select class="select small" aria-label="Equal lines" value=${dedup} onChange=${(/** @type {any} */ event) => set({ dedup: event.target.value === 'none' ? null : event.target.value })}>
                        <option value="none">All lines</option><option value="exact">Equal ones once</option><option value="numbers">Equal but for numbers once</option><option value="signature">Equal in shape once</option></select>
                    <div class="joined">
                        <button class="button small" aria-pressed=${ascending ? 'true' : 'false'} onClick=${() => set({ order: ascending ? null : 'oldest' })}>Oldest first</button>
                        <button class="button small" aria-pressed=${wrap ? 'true' : 'false'} onClick=${() => set({ wrap: wrap ? 'off' : null })}>Wrap</button>
                        <button class="button small" aria-pressed=${pretty ? 'true' : 'false'} title="JSON over several lines" onClick=${() => set({ pretty: pretty ? null : 'on' })}>Expand JSON</button>
                    </div>
                    <${CardTools} title="logs" frames=${() => [linesTable(shown)]} />
                </header>
                ${answer.value && shown.length === 0 && html`<${Empty} title="No log lines">${level ? 'None of this level among the lines loaded.' : 'Nothing matches in this time range; try a longer one or fewer filters.'}</${Empty}>`}
                <${LogList} lines=${shown} wrap=${wrap} pretty=${pretty} zone="browser" highlight=${words} onFilter=${onFilter} sourceUid=${uid} all=${sources.all}
                    countOf=${(/** @type {LogLine} */ line) => copies.get(line.key) ?? 1} />
                ${older.error && html`<${Message}>${older.error}</${Message}>`}
                ${lines.length > 0 && (older.exhausted || lines.length < pageSize ? html`<p class="list-end">These are all lines of the time range.</p>`
                    : html`<button class="button load-older" disabled=${older.loading} onClick=${older.load}>${older.loading ? 'Loading…' : 'Load older lines'}</button>`)}
            </section>`}
    </${ExploreFrame}>`;
}

/** @param {number} shown @param {number} loaded */
function lineCount(shown, loaded) {
    const text = `${loaded} newest loaded`;
    return shown === loaded ? text : `${shown} of ${text}`;
}

/**
 * Lines before the oldest one loaded.
 * @param {{uid: string, expr: string, startNs: string, first: LogLine[] | undefined}} context
 */
function useOlder({ uid, expr, startNs, first }) {
    const blank = { lines: /** @type {LogLine[]} */ ([]), loading: false, exhausted: false, error: '' };
    const [state, setState] = useState({ ...blank, first });
    const current = state.first === first ? state : { ...blank, first };
    const load = async () => {
        const last = current.lines[current.lines.length - 1] ?? first?.[first.length - 1];
        if (!last) return;
        setState({ ...current, loading: true, error: '' });
        try {
            // The end is exclusive, so lines of the very same nanosecond are asked for again and dropped if known.
            const endNs = String(BigInt(last.timeNs) + 1n);
            const { lines } = await loki.queryLogs({ uid, expr, startNs, endNs, limit: pageSize });
            const identity = (/** @type {LogLine} */ line) => `${line.timeNs} ${JSON.stringify(line.labels)} ${line.line}`;
            const known = new Set([...(first ?? []), ...current.lines].filter((line) => line.timeNs === last.timeNs).map(identity));
            const fresh = lines.filter((line) => !known.has(identity(line))).map((line) => ({ ...line, key: `${line.key}-${current.lines.length}` }));
            setState({ ...current, lines: [...current.lines, ...fresh], loading: false, exhausted: lines.length < pageSize || fresh.length === 0 });
        } catch (error) {
            if (!isAbort(error)) setState({ ...current, loading: false, error: messageOf(error) });
        }
    };
    return { ...current, load };
}

/** @param {string[]} labels */
function examplesFor(labels) {
    const known = ['job', 'service_name', 'unit', 'app', 'host', 'filename'].filter((name) => labels.includes(name));
    const names = known.length > 0 ? known.slice(0, 2) : [labels[0] ?? 'service_name'];
    return [
        ...names.map((name) => [`{${name}=~".+"}`, `All lines with the label ${name}`]),
        [`{${names[0]}=~".+"} |~ "(?i)error|fail"`, 'Lines that tell of errors'],
        [`sum by (${names[0]}) (count_over_time({${names[0]}=~".+"}[1m]))`, 'How many lines per minute'],
    ];
}
