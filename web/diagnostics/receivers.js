// What the servers received: how much, when last, how much of it they refused. They count it themselves; the counts are there when they are scraped.

import { html, useMemo } from '../vendor/preact.js';
import { parseNumber, queryInstant, queryRange } from '../data/prometheus.js';
import { paletteColor } from '../format/colors.js';
import { Spark } from '../panels/spark.js';
import { setParams } from '../router.js';
import { intervalOf, stepWindow, windowOf } from '../services/red.js';
import { Waiting, shown } from '../services/words.js';
import { dateTime, fromNow } from '../time/format.js';
import { intervalFor } from '../time/range.js';
import { Grid } from '../ui/grid.js';
import { useLoad, useTheme } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';

/** @typedef {{title: string, unit: string, by: string[], received: string, bytes?: string, refused?: string}} Receiver counters, each a selector */
/** @typedef {{title: string, detail: string, unit: string, rate: number, bytes: number | null, refused: number, lastMs: number | null, line: number[]}} Row */

/** @type {Receiver[]} */
export const receivers = [
    { title: 'Samples stored', unit: 'samples/s', by: ['job'], received: 'prometheus_tsdb_head_samples_appended_total' },
    { title: 'Samples pushed', unit: 'samples/s', by: ['job'], received: 'martlet_metrics_pushed_samples_total{outcome="appended"}', refused: 'martlet_metrics_pushed_samples_total{outcome!="appended"}' },
    { title: 'Log lines', unit: 'lines/s', by: ['job', 'tenant'], received: 'martlet_logs_received_lines_total', bytes: 'martlet_logs_received_bytes_total', refused: 'martlet_logs_discarded_lines_total' },
    { title: 'Spans', unit: 'spans/s', by: ['job', 'tenant'], received: 'tempo_distributor_spans_received_total', bytes: 'tempo_distributor_bytes_received_total', refused: 'tempo_discarded_spans_total' },
    { title: 'OTLP requests', unit: 'req/s', by: ['signal', 'transport', 'job', 'instance'], received: 'martlet_otlp_receiver_requests_total{outcome="accepted"}', bytes: 'martlet_otlp_receiver_received_bytes_total', refused: 'martlet_otlp_receiver_requests_total{outcome="refused"}' },
    { title: 'Lines of files', unit: 'lines/s', by: ['job', 'instance'], received: 'martlet_agent_tail_read_lines_total', bytes: 'martlet_agent_tail_read_bytes_total', refused: 'martlet_agent_lines_too_large_total' },
    { title: 'Entries of the journal', unit: 'entries/s', by: ['job', 'instance'], received: 'martlet_agent_journal_entries_total' },
    { title: 'Payloads an agent passed on', unit: '/s', by: ['queue', 'job', 'instance'], received: 'martlet_delivery_sent_payloads_total', refused: 'martlet_delivery_dropped_payloads_total' },
];

/** @param {import('./page.js').Context} context */
export function Receivers({ uid, params, range, all }) {
    useTheme();
    const intervalMs = intervalOf(all.find((source) => source.uid === uid));
    const found = useLoad((signal) => rowsFor({ uid, range, intervalMs, signal }), [uid, range, intervalMs]);
    const columns = useMemo(() => columnsFor(found.value?.window ?? ''), [found.value?.window]);
    const sort = params.get('sort') ?? '';
    return html`<${Waiting} load=${found} />${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && !found.error && html`<section class="explore-card"><header><h2>Received</h2><span class="muted">${found.value.rows.length}</span></header>
            ${found.value.rows.length === 0 ? html`<${Empty} title="The servers’ own metrics are not here">Scrape them: a job for each of martlet-metrics, martlet-logs, martlet-traces and martlet-agent in prometheus.yml. martlet up does.</${Empty}>`
                : html`<${Grid} label="Received" rows=${found.value.rows} columns=${columns} sort=${sort} height="calc(100vh - 170px)" onSort=${(/** @type {string} */ next) => setParams({ sort: next }, { replace: true })} />`}</section>`}`;
}

/** @param {{uid: string, range: import('../types/model').TimeRange, intervalMs: number, signal: AbortSignal}} wanted */
async function rowsFor({ uid, range, intervalMs, signal }) {
    const stepMs = intervalFor(range, 80, intervalMs);
    const window = stepWindow(stepMs, intervalMs);
    const rates = (/** @type {Receiver} */ { by }, /** @type {string | undefined} */ counter) => (counter === undefined ? Promise.resolve([])
        : queryRange({ uid, expr: `sum by (${by.join(', ')}) (rate(${counter}[${window}]))`, startMs: range.from, endMs: range.to, stepMs, signal }).then(({ series }) => series));
    const whole = (/** @type {Receiver} */ { by }, /** @type {string | undefined} */ counter) => (counter === undefined ? Promise.resolve([])
        : queryInstant({ uid, expr: `sum by (${by.join(', ')}) (increase(${counter}[${windowOf(range)}]))`, timeMs: range.to, signal }).then(({ series }) => series));
    const answers = await Promise.all(receivers.map((receiver) => Promise.all([rates(receiver, receiver.received), rates(receiver, receiver.bytes), whole(receiver, receiver.refused)])));
    return { window, rows: receivers.flatMap((receiver, index) => rowsOf(receiver, ...answers[index])) };
}

/** @typedef {import('../data/prometheus.js').Series} Series */

/**
 * @param {Receiver} receiver @param {Series[]} received rates over time @param {Series[]} sizes the same of bytes @param {Series[]} refused how many in the whole range
 * @returns {Row[]}
 */
export function rowsOf({ title, unit, by, bytes }, received, sizes, refused) {
    const key = (/** @type {Record<string, string>} */ metric) => by.map((name) => metric[name] ?? '').join('\u0000');
    const numbers = (/** @type {Series} */ { values }) => (values ?? []).map(([, text]) => parseNumber(text) || 0);
    const mean = (/** @type {number[]} */ all) => all.reduce((total, one) => total + one, 0) / Math.max(1, all.length);
    const sizeOf = new Map(sizes.map((one) => [key(one.metric), mean(numbers(one))]));
    const refusedOf = new Map(refused.map(({ metric, value }) => [key(metric), parseNumber(value?.[1] ?? '0') || 0]));
    return received.map((one) => {
        const line = numbers(one);
        const last = (one.values ?? []).filter(([, text]) => parseNumber(text) > 0).pop();
        return {
            title, unit, detail: by.map((name) => one.metric[name]).filter(Boolean).join(', '), rate: mean(line), bytes: bytes ? sizeOf.get(key(one.metric)) ?? 0 : null,
            refused: Math.round(refusedOf.get(key(one.metric)) ?? 0), lastMs: last ? last[0] * 1000 : null, line,
        };
    });
}

/** @param {string} window within which something came at the time that is told @returns {import('../ui/grid.js').Column<Row>[]} */
function columnsFor(window) {
    return [
        { id: 'title', title: 'What', width: 'minmax(130px, 1.4fr)', value: (row) => row.title },
        { id: 'detail', title: 'Where', width: 'minmax(120px, 1.6fr)', wide: true, value: (row) => row.detail },
        { id: 'rate', title: 'Rate', width: 'minmax(110px, 1fr)', end: true, value: (row) => row.rate, cell: (row) => `${shown(row.rate, 'short')} ${row.unit}` },
        { id: 'bytes', title: 'Bytes', width: 'minmax(90px, 0.8fr)', end: true, wide: true, value: (row) => row.bytes, cell: (row) => shown(row.bytes, 'binBps') },
        { id: 'course', title: 'Over time', width: 'minmax(100px, 1fr)', wide: true, value: (row) => row.rate, cell: (row) => html`<span class="spark-cell in-row"><${Spark} values=${row.line} width=${110} height=${24} color=${paletteColor(2)} filled=${false} config=${{ min: 0 }} /></span>` },
        { id: 'refused', title: 'Refused', width: 'minmax(70px, 0.6fr)', end: true, value: (row) => row.refused, cell: (row) => html`<span class=${row.refused > 0 ? 'bad-text' : ''}>${row.refused.toLocaleString('en-US')}</span>` },
        { id: 'last', title: 'Last', about: `In this time range, to ${window}`, width: 'minmax(96px, 0.9fr)', value: (row) => row.lastMs, cell: (row) => (row.lastMs === null ? html`<span class="muted">none</span>` : html`<span title=${dateTime(row.lastMs)}>${fromNow(row.lastMs)}</span>`) },
    ];
}
