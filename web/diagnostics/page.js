// Diagnostics: whether each source answers and what it got last, what is scraped and received, and what the metrics consist of.

import { html } from '../vendor/preact.js';
import { SourceChoice, useSource } from '../explore/frame.js';
import { PageHead } from '../pages/shell.js';
import { withParams } from '../router.js';
import { TimeControls, useTimeRange } from '../time/picker.js';
import { Empty, Message } from '../ui/messages.js';
import { Cardinality } from './cardinality.js';
import { Queries } from './queries.js';
import { Receivers } from './receivers.js';
import { Sources } from './sources.js';
import { Targets } from './targets.js';

const views = [['sources', 'Sources'], ['received', 'Received'], ['targets', 'Targets'], ['cardinality', 'Cardinality'], ['queries', 'Queries']];

/** @typedef {{uid: string, params: URLSearchParams, range: import('../types/model').TimeRange, all: import('../types/model').DataSource[]}} Context */

/** @param {{params: URLSearchParams}} properties */
export default function DiagnosticsPage({ params }) {
    const sources = useSource('prometheus', params);
    const time = useTimeRange(params, { from: 'now-1h', to: 'now' });
    const view = views.some(([name]) => name === params.get('view')) ? params.get('view') : 'sources';
    const uid = sources.source?.uid ?? '';
    const keep = Object.fromEntries(['from', 'to', 'ds', 'refresh'].map((key) => [key, params.get(key) ?? undefined]));
    const context = { uid, params, range: time.range, all: sources.all };
    return html`<${PageHead} title="Diagnostics">
            <div class="tabs" role="tablist" aria-label="Views">${views.map(([name, title]) => html`<a role="tab" class="tab" key=${name} aria-selected=${name === view ? 'true' : 'false'}
                href=${withParams('/diagnostics', { ...keep, view: name === 'sources' ? undefined : name })}>${title}</a>`)}</div>
            <${SourceChoice} sources=${sources} />
            <${TimeControls} ...${time} loading=${false} />
        </${PageHead}>
        <div class="page-body explore">
            ${sources.error && html`<${Message}>${sources.error}</${Message}>`}
            ${!sources.error && !sources.loading && sources.all.length === 0 && html`<${Empty} title="No data source">Start martlet-dashboards with --datasource.metrics, .logs, .traces or .alerts and a URL.</${Empty}>`}
            ${view === 'sources' && sources.all.length > 0 && html`<${Sources} ...${context} />`}
            ${view !== 'sources' && !sources.loading && !sources.error && !uid && html`<${Empty} title="No data source for metrics">Start martlet-dashboards with --datasource.metrics URL.</${Empty}>`}
            ${uid && view === 'received' && html`<${Receivers} ...${context} />`}
            ${uid && view === 'targets' && html`<${Targets} ...${context} />`}
            ${uid && view === 'queries' && html`<${Queries} ...${context} />`}
            ${uid && view === 'cardinality' && html`<${Cardinality} ...${context} />`}
        </div>`;
}
