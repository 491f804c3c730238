// Which queries a metric server is busy with: those that take the most time in all, the slowest, and the most frequent.

import { html, useMemo } from '../vendor/preact.js';
import { proxied, request } from '../api.js';
import { setParams, withParams } from '../router.js';
import { shown } from '../services/words.js';
import { Grid } from '../ui/grid.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';

/** @typedef {{query: string, timeRangeSeconds: number, count: number, avgDurationSeconds: number, sumDurationSeconds: number, maxDurationSeconds: number}} Usage */

/** Queries that are asked for, and the longest time that is looked back; the server keeps the last 5000 queries. */
const [most, longestMs] = [200, 86_400_000];

/** @param {import('./page.js').Context} context */
export function Queries({ uid, params, range }) {
    const lifetime = `${Math.max(1, Math.ceil(Math.min(longestMs, range.to - range.from) / 1000))}s`;
    const found = useLoad((signal) => request(proxied(uid, '/api/v1/status/top_queries', { topN: most, maxLifetime: lifetime }), { signal }), [uid, range]);
    const columns = useMemo(() => columnsOf(uid, range), [uid, range]);
    const rows = useMemo(() => queriesOf(found.value?.data), [found.value]);
    const sort = params.get('sort-queries') ?? '-sum';
    return html`${found.error && html`<${Message}>${found.error.includes('404') ? 'This server does not tell which queries it is asked.' : found.error}</${Message}>`}
        ${found.value && html`<section class="explore-card"><header><h2>Queries</h2><span class="muted">${Number(found.value.data?.lastQueriesCount ?? 0).toLocaleString('en-US')} in ${lifetime} until now, of those that the server remembers</span></header>
            ${rows.length === 0 ? html`<${Empty} title="No query in this time">Queries of rules are not counted here.</${Empty}>` : html`<${Grid} label="Queries" rows=${rows} columns=${columns} sort=${sort} height="600px" onSort=${(/** @type {string} */ next) => setParams({ 'sort-queries': next === '-sum' ? null : next }, { replace: true })} />`}</section>`}`;
}

/**
 * Each query once, whichever lists it is in.
 * @param {any} data what the server answered
 * @returns {Usage[]}
 */
export function queriesOf(data) {
    const lists = ['topBySumDuration', 'topByAvgDuration', 'topByCount'].flatMap((key) => /** @type {Usage[]} */ (data?.[key] ?? []));
    return [...new Map(lists.map((usage) => [`${usage.timeRangeSeconds} ${usage.query}`, usage])).values()];
}

/** @param {string} uid @param {import('../types/model').TimeRange} range @returns {import('../ui/grid.js').Column<Usage>[]} */
function columnsOf(uid, range) {
    const explore = (/** @type {Usage} */ usage) => withParams('/explore/metrics', { ds: uid, from: range.raw.from, to: range.raw.to, expr: usage.query });
    const seconds = (/** @type {string} */ id, /** @type {string} */ title, /** @type {(usage: Usage) => number} */ value) => ({ id, title, width: 'minmax(80px, 1fr)', end: true, value, cell: (/** @type {Usage} */ usage) => shown(value(usage), 's') });
    return [
        { id: 'query', title: 'Query', width: 'minmax(200px, 6fr)', value: (usage) => usage.query, cell: (usage) => html`<a class="thing-name mono" href=${explore(usage)} title=${usage.query}>${usage.query}</a>` },
        seconds('sum', 'In all', (usage) => usage.sumDurationSeconds), seconds('average', 'Average', (usage) => usage.avgDurationSeconds), seconds('longest', 'Longest', (usage) => usage.maxDurationSeconds),
        { id: 'count', title: 'Times', width: 'minmax(70px, 1fr)', end: true, value: (usage) => usage.count, cell: (usage) => usage.count.toLocaleString('en-US') },
        { id: 'range', title: 'Over', width: 'minmax(70px, 1fr)', end: true, value: (usage) => usage.timeRangeSeconds, cell: (usage) => (usage.timeRangeSeconds === 0 ? 'a moment' : shown(usage.timeRangeSeconds, 's')) },
    ];
}
