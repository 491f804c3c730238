// The newest log lines of a service, found by the label that has its name.

import { html, useMemo } from '../vendor/preact.js';
import * as loki from '../data/loki.js';
import { levels } from '../data/levels.js';
import { firstOfKind } from '../data/sources.js';
import { LogList } from '../explore/log-list.js';
import { selector, shared } from '../explore/related.js';
import { setParams, withParams } from '../router.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { Waiting } from './words.js';

const most = 300;

/** @param {import('./page.js').Context & {service: string}} context */
export function ServiceLogs({ params, range, all, service }) {
    const uid = firstOfKind(all, 'loki')?.uid ?? '';
    const level = params.get('level') ?? '';
    const found = useLoad((signal) => linesOf({ uid, service, range, signal }), [uid, service, range], uid !== '');
    const lines = found.value?.lines ?? [];
    const shown = useMemo(() => (level ? lines.filter((line) => line.level === level) : lines), [lines, level]);
    const counts = useMemo(() => levels.map((name) => ({ name, count: lines.filter((line) => line.level === name).length })).filter(({ count }) => count > 0), [lines]);
    if (uid === '') return html`<${Empty} title="No data source for logs">Start martlet-dashboards with --datasource.logs URL.</${Empty}>`;
    return html`<${Waiting} load=${found} />${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${found.value && !found.error && html`<section class="explore-card"><header><h2>Lines</h2><span class="muted">${lines.length === most ? `${most} newest` : lines.length}</span>
                ${found.value.expr && html`<a class="button small" href=${withParams('/explore/logs', { ds: uid, from: range.raw.from, to: range.raw.to, expr: found.value.expr, level })}><${Icon} name="logs" size="14" />Explore these lines</a>`}</header>
            <div class="level-chips">${counts.map(({ name, count }) => html`<button class="level-chip level-${name}" key=${name} aria-pressed=${name === level ? 'true' : 'false'} onClick=${() => setParams({ level: name === level ? null : name }, { replace: true })}><i></i>${name}<b>${count}</b></button>`)}</div>
            ${shown.length === 0 ? html`<${Empty} title=${level ? `No lines of the level ${level} among these` : 'No lines of this service'}>${!level && (found.value.expr
                ? 'None in this time range.' : `No label service_name, job, service or app has the value ${service}. OTLP’s logs have service_name by themselves; martlet-agent adds labels to files.`)}</${Empty}>`
                : html`<${LogList} lines=${shown} wrap=${true} zone="browser" sourceUid=${uid} all=${all} />`}</section>`}`;
}

/** @param {{uid: string, service: string, range: import('../types/model').TimeRange, signal: AbortSignal}} wanted */
async function linesOf({ uid, service, range, signal }) {
    const names = await loki.labelNames(uid, range, signal);
    const pairs = await shared({ service_name: service }, names, (name) => loki.labelValues(uid, name, range, undefined, signal));
    if (pairs.length === 0) return { lines: [], expr: '' };
    const expr = selector(pairs);
    const { lines } = await loki.queryLogs({ uid, expr, startNs: `${Math.floor(range.from)}000000`, endNs: `${Math.floor(range.to)}000000`, limit: most, signal });
    return { lines, expr };
}
