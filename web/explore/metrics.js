// Explore metrics: a PromQL query as a graph and as a table.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { configured } from '../data/fields.js';
import * as prometheus from '../data/prometheus.js';
import { setParams, withParams } from '../router.js';
import { intervalFor, formatDuration } from '../time/range.js';
import { useTimeRange } from '../time/picker.js';
import { useLoad, useSize } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { TablePanel } from '../panels/table.js';
import { TimeSeriesPanel } from '../panels/time-series.js';
import { exemplarLayer } from '../panels/exemplars.js';
import { commonLabelsOf } from '../data/common-labels.js';
import { exemplarsOf } from '../data/samples.js';
import { firstOfKind } from '../data/sources.js';
import { promql } from './editor/languages.js';
import { CardTools } from './card-tools.js';
import { ExploreFrame, useSource } from './frame.js';
import { QueryRow } from './query-row.js';
import { RawSamples } from './raw-samples.js';
import { RelatedLinks } from './related.js';
import { selectorsOf } from './selectors.js';

const examples = [
    ['up', 'Which targets answer'],
    ['sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[1m]))', 'Busy CPU seconds per second'],
    ['node_memory_MemAvailable_bytes', 'Available memory'],
    ['topk(10, count by (__name__) ({__name__!=""}))', 'Metrics with the most series'],
];

/** @param {{params: URLSearchParams}} properties */
export default function MetricsPage({ params }) {
    const sources = useSource('prometheus', params);
    const time = useTimeRange(params, { from: 'now-1h', to: 'now' });
    const expr = params.get('expr') ?? '';
    const style = params.get('style') ?? 'line';
    const [text, setText] = useState(expr);
    useEffect(() => setText(expr), [expr]);
    const [boxRef, size] = useSize();
    const { range } = time;
    const uid = sources.source?.uid ?? '';
    const scrape = 15_000;
    const points = Math.max(100, Math.min(1200, Math.round((size.width || 1000) / 200) * 200));
    const stepMs = intervalFor(range, points, 1000);
    const query = expr.replace(/\$__rate_interval/g, formatDuration(Math.max(stepMs + scrape, 4 * scrape)))
        .replace(/\$__interval/g, formatDuration(stepMs)).replace(/\$__range/g, formatDuration(range.to - range.from));
    const answer = useLoad(async (signal) => {
        const [graph, table] = await Promise.all([
            prometheus.queryRange({ uid, expr: query, startMs: range.from, endMs: range.to, stepMs, signal }),
            prometheus.queryInstant({ uid, expr: query, timeMs: range.to, signal }),
        ]);
        return { graph, table, range };
    }, [uid, query, range, stepMs], uid !== '' && query.trim() !== '' && size.width > 0);
    const run = (/** @type {string} */ next) => {
        setText(next);
        if (next.trim() === expr) time.reload();
        else setParams({ expr: next.trim() });
    };
    const language = useMemo(() => promql(uid, range), [uid, range]);
    const wanted = uid !== '' && hasExemplars(query);
    const exemplars = useLoad((signal) => exemplarsOf({ uid, expr: query, range, signal }).catch(() => []), [uid, query, range], wanted);
    const traces = firstOfKind(sources.all, 'tempo')?.uid;
    const layer = useMemo(() => (wanted && (exemplars.value ?? []).length > 0 ? exemplarLayer(exemplars.value ?? [], traces) : undefined), [exemplars.value, traces, wanted]);
    const scope = useMemo(() => ({ variables: {}, range }), [range]);
    const raw = params.get('rows') === 'samples';
    const common = useMemo(() => commonLabelsOf((answer.value?.graph.series ?? []).map((series) => series.metric)), [answer.value]);
    const panel = useMemo(() => graphPanel(style), [style]);
    const prepared = useMemo(() => {
        if (!answer.value) return undefined;
        const name = prometheus.legendName(undefined, expr);
        const plain = (/** @type {string} */ one) => one;
        const graph = configured(prometheus.rangeFrames(answer.value.graph, 'A', name), panel.fieldConfig, plain);
        const table = configured(prometheus.tableFrame(answer.value.table, 'A', false), tableConfig(uid, expr, range), plain);
        return { graph: { frames: graph, range: answer.value.range }, table: { frames: table.map(withoutTime) }, count: answer.value.graph.series.length, notice: answer.value.graph.notice };
    }, [answer.value, panel, uid]);
    return html`<${ExploreFrame} page="metrics" params=${params} sources=${sources} time=${time} loading=${answer.loading && expr !== ''}>
        <${QueryRow} page="metrics" expr=${expr} text=${text} placeholder="PromQL, e.g. rate(node_cpu_seconds_total[1m])" label="PromQL query" language=${language} error=${answer.error}
            onText=${setText} onRun=${run} />
        ${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        ${prepared?.notice && html`<${Message} tone="warn">${prepared.notice}</${Message}>`}
        <section class="explore-card graph-card" ref=${boxRef}>
            ${expr === '' ? html`<${Examples} examples=${examples} onPick=${run} />`
                : prepared && html`<header><h2>Graph</h2><span class="muted">${prepared.count} series, step ${formatDuration(stepMs)}${layer ? `, ${(exemplars.value ?? []).length} exemplars` : ''}</span>
                    <${RelatedLinks} labels=${common} range=${range} all=${sources.all} of="metrics" />
                    <div class="joined">${[['line', 'Lines'], ['stack', 'Stacked'], ['bars', 'Bars'], ['points', 'Points']].map(([id, name]) => html`<button class="button small"
                        aria-pressed=${id === style ? 'true' : 'false'} onClick=${() => setParams({ style: id === 'line' ? null : id }, { replace: true })}>${name}</button>`)}</div>
                    <a class="button small" href=${withParams('/alerts', { view: 'edit', source: uid, expr: query })} title="A rule that watches this"><${Icon} name="bell" size="14" />New alert</a>
                    <${CardTools} title="graph" frames=${() => prepared.graph.frames} image=${true} /></header>
                    <div class="graph-box">${prepared.count === 0 ? html`<${Empty} title="No data">No series matches in this time range.</${Empty}>`
                        : html`<${TimeSeriesPanel} panel=${panel} data=${prepared.graph} zone="browser" size=${{ width: size.width, height: 360 }} range=${range} layer=${layer} />`}</div>`}
        </section>
        ${expr !== '' && uid !== '' && (raw || (prepared && prepared.table.frames[0].rows > 0)) && html`<section class="explore-card">
            <header><h2>${raw ? 'Raw samples' : 'Table'}</h2>${!raw && html`<span class="muted">${prepared?.table.frames[0].rows} rows at the end of the range</span>`}
                <div class="joined push">${[['table', 'Table'], ['samples', 'Raw samples']].map(([id, name]) => html`<button class="button small" aria-pressed=${(id === 'samples') === raw ? 'true' : 'false'}
                    onClick=${() => setParams({ rows: id === 'samples' ? id : null }, { replace: true })}>${name}</button>`)}</div>
                ${!raw && html`<${CardTools} title="table" frames=${() => prepared?.table.frames ?? []} />`}
            </header>
            ${raw ? html`<${RawSamples} uid=${uid} expr=${query} range=${range} />`
                : html`<div class="table-box" style=${{ height: `${Math.min(460, 34 + (prepared?.table.frames[0].rows ?? 0) * 32)}px` }}>
                    <${TablePanel} panel=${tablePanel} data=${prepared?.table} zone="browser" scope=${scope} size=${size} /></div>`}
        </section>`}
    </${ExploreFrame}>`;
}

/** @type {any} */
const tablePanel = { id: 0, type: 'table', title: 'Table', options: {}, fieldConfig: { defaults: {}, overrides: [] } };

/**
 * Names of metrics lead to their graphs: a table of names is a way to find one.
 * @param {string} uid @param {string} expr @param {import('../types/model').TimeRange} range
 */
function tableConfig(uid, expr, range) {
    const [first = ''] = selectorsOf(expr);
    const url = withParams('/explore/metrics', { ds: uid, from: range.raw.from, to: range.raw.to, expr: 'NAME' }).replace('NAME', () => '${__value.raw}' + encodeURIComponent(first.startsWith('{') && !first.includes('__name__') ? first : ''));
    return { defaults: {}, overrides: [{ matcher: { id: 'byName', options: '__name__' }, properties: [{ id: 'links', value: [{ title: 'Show this metric', url }] }] }] };
}

/**
 * Only where the graph shows what an exemplar's value measures.
 * @param {string} expr
 */
function hasExemplars(expr) {
    return /\bhistogram_(?:quantile|avg)\s*\(/.test(expr) || selectorsOf(expr)[0] === expr.trim();
}

/** @param {import('../types/model').Frame} frame */
function withoutTime(frame) {
    return { ...frame, fields: frame.fields.filter((field) => field.type !== 'time') };
}

/** @param {string} style @returns {any} */
function graphPanel(style) {
    const custom = {
        drawStyle: style === 'bars' ? 'bars' : style === 'points' ? 'points' : 'line', lineWidth: 1.5,
        fillOpacity: style === 'stack' ? 35 : style === 'bars' ? 75 : 8, stacking: { mode: style === 'stack' || style === 'bars' ? 'normal' : 'none', group: 'A' },
    };
    return {
        id: 0, type: 'timeseries', gridPos: { x: 0, y: 0, w: 24, h: 10 }, options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
        fieldConfig: { defaults: { color: { mode: 'palette-classic' }, unit: 'short', custom }, overrides: [] },
    };
}

/** @param {{examples: string[][], onPick: (text: string) => void}} properties */
export function Examples({ examples: list, onPick }) {
    return html`<div class="examples"><h2>Try one of these</h2>${list.map(([query, about]) => html`<button class="example" onClick=${() => onPick(query)}>
        <code>${query}</code><span class="muted">${about}</span></button>`)}</div>`;
}
