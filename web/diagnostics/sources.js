// Each data source: whether it answers, what came last, how much there is, and what to do where something is wrong.

import { html } from '../vendor/preact.js';
import { messageOf, proxied, request } from '../api.js';
import * as loki from '../data/loki.js';
import { parseNumber, queryInstant } from '../data/prometheus.js';
import { kindOf } from '../data/sources.js';
import * as tempo from '../data/tempo.js';
import { shown } from '../services/words.js';
import { dateTime, fromNow } from '../time/format.js';
import { useLoad } from '../ui/hooks.js';
import { Message } from '../ui/messages.js';

/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('../types/model').TimeRange} TimeRange */
/** @typedef {{lastMs: number | null, facts: [string, string][]}} Findings `lastMs`: null where nothing came within the range; NaN where the question has no meaning */

/**
 * What each kind is started and fed by.
 * @type {Record<string, {name: string, server: string, flag: string, feed: string, what: string}>}
 */
const kinds = {
    prometheus: { name: 'Metrics', server: 'martlet-metrics', flag: 'metrics', what: 'sample', feed: 'Name targets under scrape_configs in prometheus.yml, or send remote write to /api/v1/write or OTLP to /api/v1/otlp/v1/metrics.' },
    loki: { name: 'Logs', server: 'martlet-logs', flag: 'logs', what: 'line', feed: 'Start martlet-agent on the hosts whose journal and files are wanted, or send OTLP to port 4318 or lines to /loki/api/v1/push.' },
    tempo: { name: 'Traces', server: 'martlet-traces', flag: 'traces', what: 'span', feed: 'Let applications send OTLP: OTEL_EXPORTER_OTLP_ENDPOINT=http://HOST:4318 for any OpenTelemetry SDK.' },
    alertmanager: { name: 'Alerts', server: 'martlet-alerts', flag: 'alerts', what: 'alert', feed: '' },
};

/** Beyond this a source that ought to get something all the time has got nothing. */
const staleMs = 5 * 60_000;

/** @param {import('./page.js').Context} context */
export function Sources({ uid, range, all }) {
    return html`<div class="source-cards">${all.map((source) => html`<${SourceCard} key=${source.uid} source=${source} metrics=${uid} range=${range} />`)}</div>`;
}

/** @param {{source: DataSource, metrics: string, range: TimeRange}} properties */
function SourceCard({ source, metrics, range }) {
    const kind = kindOf(source.type);
    const health = useLoad((signal) => request(`/api/datasources/uid/${encodeURIComponent(source.uid)}/health`, { signal }).catch((error) => ({ status: 'ERROR', message: messageOf(error) })), [source.uid, range]);
    const healthy = health.value?.status === 'OK';
    const found = useLoad((signal) => inspect(source, metrics, range, signal), [source.uid, metrics, range], healthy);
    const advice = adviceFor({ kind, healthy: health.value ? healthy : undefined, message: health.value?.message ?? '', findings: found.loading ? undefined : found.value, endMs: range.to });
    const last = found.value?.lastMs;
    return html`<section class="explore-card source-card" aria-label=${source.name}>
        <header><h2><span class="dot ${health.value ? (healthy ? 'good' : 'bad') : ''}"></span>${source.name}</h2><span class="muted">${kinds[kind]?.name ?? source.type} · ${source.url}</span>
            <b class=${health.value ? (healthy ? 'good-text' : 'bad-text') : 'muted'}>${health.value ? (healthy ? 'answers' : 'does not answer') : 'asking…'}</b></header>
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${healthy && found.value && html`<dl class="facts">
            ${!Number.isNaN(last) && html`<div><dt>Last ${kinds[kind]?.what}</dt><dd title=${last ? dateTime(last) : undefined}>${last ? fromNow(last) : 'none in this time range'}</dd></div>`}
            ${found.value.facts.map(([name, text]) => html`<div key=${name}><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`}
        ${advice && html`<${Message} tone=${healthy ? 'warn' : 'bad'}>${advice}</${Message}>`}
    </section>`;
}

/**
 * What to do about it; empty where all is well or not known yet.
 * @param {{kind: string, healthy: boolean | undefined, message: string, findings: Findings | undefined, endMs: number, now?: number}} state
 */
export function adviceFor({ kind, healthy, message, findings, endMs, now = Date.now() }) {
    const about = kinds[kind];
    if (healthy === undefined || !about) return '';
    if (!healthy) {
        const refused = /40[13]|credential|unauthori|forbidden/i.test(message);
        return `${message}\n${refused ? 'The login of this source is in provisioning/datasources/*.yaml (basicAuthUser, secureJsonData), or in the URL’s flag.' : `Is ${about.server} running, and is --datasource.${about.flag} its address?`}`;
    }
    if (!findings || Number.isNaN(findings.lastMs) || about.feed === '') return '';
    if (findings.lastMs === null) return `Nothing came in this time range. ${about.feed}`;
    // A range that ended long ago says nothing of what comes now.
    if (now - endMs < staleMs && now - findings.lastMs > staleMs) return `Nothing has come for ${shown(Math.round((now - findings.lastMs) / 1000), 's')}. ${about.feed}`;
    return '';
}

/**
 * @param {DataSource} source @param {string} metrics uid of the source that has the servers' own metrics @param {TimeRange} range @param {AbortSignal} signal
 * @returns {Promise<Findings>}
 */
async function inspect(source, metrics, range, signal) {
    switch (kindOf(source.type)) {
        case 'prometheus': return inspectMetrics(source.uid, range, signal);
        case 'loki': return inspectLogs(source.uid, range, signal);
        case 'tempo': return inspectTraces(source.uid, metrics, range, signal);
        case 'alertmanager': return inspectAlerts(source.uid, signal);
        default: return { lastMs: NaN, facts: [] };
    }
}

/** @param {string} uid @param {TimeRange} range @param {AbortSignal} signal @returns {Promise<Findings>} */
async function inspectMetrics(uid, range, signal) {
    const [head, up, bytes] = await Promise.all([
        request(proxied(uid, '/api/v1/status/tsdb', { limit: 1 }), { signal }).then((body) => body?.data?.headStats ?? {}),
        queryInstant({ uid, expr: 'count(up) - sum(up) or vector(0)', timeMs: range.to, signal }), ownValue(uid, 'sum(prometheus_tsdb_storage_blocks_bytes)', range, signal),
    ]);
    const last = Number(head.maxTime);
    const isTime = last > 0 && last < 8.64e15;
    const down = parseNumber(up.series[0]?.value?.[1] ?? '0');
    return {
        lastMs: isTime ? last : null,
        facts: [['Series', count(head.numSeries)], ['Chunks in memory', count(head.chunkCount)], ['Blocks on disk', shown(bytes, 'bytes')], ['Targets that are down', count(down)]],
    };
}

/** @param {string} uid @param {TimeRange} range @param {AbortSignal} signal @returns {Promise<Findings>} */
async function inspectLogs(uid, range, signal) {
    const names = await loki.labelNames(uid, range, signal);
    const label = ['service_name', 'job', 'host'].find((name) => names.includes(name)) ?? names[0];
    if (!label) return { lastMs: null, facts: [] };
    const selector = `{${label}=~".+"}`;
    const [startNs, endNs] = [`${Math.floor(range.from)}000000`, `${Math.floor(range.to)}000000`];
    const [{ lines }, stats] = await Promise.all([
        loki.queryLogs({ uid, expr: selector, startNs, endNs, limit: 1, signal }),
        request(proxied(uid, '/loki/api/v1/index/stats', { query: selector, start: startNs, end: endNs }), { signal }).catch(() => ({})),
    ]);
    return {
        lastMs: lines[0]?.timeMs ?? null,
        facts: [['Streams', count(stats.streams)], ['Lines', count(stats.entries)], ['Bytes', shown(stats.bytes, 'bytes')], ['Labels', count(names.length)]],
    };
}

/** @param {string} uid @param {string} metrics @param {TimeRange} range @param {AbortSignal} signal @returns {Promise<Findings>} */
async function inspectTraces(uid, metrics, range, signal) {
    const [traces, services, bytes, spans] = await Promise.all([
        tempo.searchTraces({ uid, query: '{}', range, limit: 1, signal }), tempo.tagValues(uid, 'service.name', signal).catch(() => []),
        ownValue(metrics, 'sum(martlet_traces_part_bytes) + sum(martlet_traces_log_bytes)', range, signal), ownValue(metrics, 'sum(martlet_traces_spans)', range, signal),
    ]);
    return {
        lastMs: traces[0] ? traces[0].startMs + traces[0].durationMs : null,
        facts: [['Services', count(services.length)], ['Spans', spans === null ? '–' : count(spans)], ['On disk', shown(bytes, 'bytes')]],
    };
}

/** @param {string} uid @param {AbortSignal} signal @returns {Promise<Findings>} */
async function inspectAlerts(uid, signal) {
    const [alerts, status] = await Promise.all([request(proxied(uid, '/api/v2/alerts'), { signal }), request(proxied(uid, '/api/v2/status'), { signal }).catch(() => ({}))]);
    const since = Date.parse(status?.uptime ?? '');
    return { lastMs: NaN, facts: [['Alerts', count(Array.isArray(alerts) ? alerts.length : NaN)], ['Version', status?.versionInfo?.version || '–'], ['Started', Number.isNaN(since) ? '–' : fromNow(since)]] };
}

/**
 * A number that the servers tell of themselves; null where their metrics are not scraped.
 * @param {string} uid @param {string} expr @param {TimeRange} range @param {AbortSignal} signal
 */
async function ownValue(uid, expr, range, signal) {
    if (uid === '') return null;
    const { series } = await queryInstant({ uid, expr, timeMs: range.to, signal }).catch(() => ({ series: [] }));
    return series[0]?.value ? parseNumber(series[0].value[1]) : null;
}

/** @param {any} value */
function count(value) {
    return Number.isFinite(Number(value)) && value !== undefined && value !== null ? Number(value).toLocaleString('en-US') : '–';
}
