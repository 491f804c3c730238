// The first page: how the data sources are, and all dashboards.

import { html, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { dataSources, kindOf } from '../data/sources.js';
import { Icon } from '../ui/icons.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { PageHead } from './shell.js';

/** @type {Record<string, {icon: string, page: string, about: string}>} */
const kinds = {
    prometheus: { icon: 'metrics', page: '/explore/metrics', about: 'PromQL' },
    loki: { icon: 'logs', page: '/explore/logs', about: 'LogQL' },
    tempo: { icon: 'traces', page: '/explore/traces', about: 'TraceQL' },
    alertmanager: { icon: 'bell', page: '/alerts', about: 'Alerts and silences' },
};

export function HomePage() {
    const boards = useLoad((signal) => request('/api/search?type=dash-db', { signal }), []);
    const sources = useLoad(() => dataSources(), []);
    const problems = useLoad((signal) => request('/api/provisioning/errors', { signal }), []);
    const [filter, setFilter] = useState('');
    const wanted = filter.toLowerCase();
    const found = (boards.value ?? []).filter((/** @type {any} */ board) =>
        `${board.title} ${board.folderTitle ?? ''} ${(board.tags ?? []).join(' ')}`.toLowerCase().includes(wanted));
    return html`<${PageHead} title="Home" />
        <div class="page-body narrow">
            ${(problems.value ?? []).length > 0 && html`<section class="home-section"><${Message} tone="warn">
                ${problems.value.map((/** @type {any} */ one) => html`<div><code>${one.path}</code>: ${one.message}</div>`)}
            </${Message}></section>`}
            <section class="home-section">
                <header><h2>Data sources</h2></header>
                ${sources.error && html`<${Message}>${sources.error}</${Message}>`}
                <div class="cards">${(sources.value ?? []).map((source) => html`<${SourceCard} key=${source.uid} source=${source} />`)}</div>
            </section>
            <section class="home-section">
                <header><h2>Dashboards</h2>
                    <input class="input" type="search" placeholder="Filter by name or tag" aria-label="Filter dashboards"
                        value=${filter} onInput=${(/** @type {any} */ event) => setFilter(event.target.value)} />
                </header>
                ${boards.error && html`<${Message}>${boards.error}</${Message}>`}
                ${boards.value && found.length === 0 && html`<div class="list"><${Empty} title=${filter ? 'No dashboard matches' : 'No dashboards yet'}>
                    ${filter ? 'Try another word.' : 'Put Grafana dashboard files (*.json) into a directory that --dashboards.path names: config/dashboards below the data of martlet up.'}</${Empty}></div>`}
                ${found.length > 0 && html`<div class="list">${found.map((/** @type {any} */ board) => html`<a class="list-row" key=${board.uid} href=${board.url}>
                    <${Icon} name="boards" /><span class="name">${board.title}</span>
                    <span class="about">${board.description || board.folderTitle}</span>
                    <span class="tags">${(board.tags ?? []).slice(0, 5).map((/** @type {string} */ tag) => html`<span class="tag">${tag}</span>`)}</span>
                </a>`)}</div>`}
            </section>
        </div>`;
}

/** @param {{source: import('../types/model').DataSource}} properties */
function SourceCard({ source }) {
    const kind = kinds[kindOf(source.type)];
    const health = useLoad((signal) => request(`/api/datasources/uid/${encodeURIComponent(source.uid)}/health`, { signal })
        .catch((error) => ({ status: 'ERROR', message: messageOf(error) })), [source.uid]);
    const good = health.value?.status === 'OK';
    const tone = health.value ? (good ? 'good' : 'bad') : '';
    const page = kind ? `${kind.page}?ds=${encodeURIComponent(source.uid)}` : undefined;
    return html`<a class="card" href=${page}>
        <span class="name"><${Icon} name=${kind?.icon ?? 'boards'} />${source.name}<span class="dot ${tone}" title=${health.value?.message ?? 'asking…'}></span></span>
        <span class="about">${health.value && !good ? health.value.message : `${kind?.about ?? source.type} · ${source.url}`}</span>
    </a>`;
}
