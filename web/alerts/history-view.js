// What has fired: the series ALERTS as lanes over time, and every period of it.

import { html, useMemo } from '../vendor/preact.js';
import { matcherText, matchersOf } from '../data/alertmanager.js';
import { periodsOf, stateFrames } from '../data/alert-history.js';
import { configured } from '../data/fields.js';
import * as prometheus from '../data/prometheus.js';
import { kindOf } from '../data/sources.js';
import { RelatedLinks } from '../explore/related.js';
import { StateTimelinePanel } from '../panels/state-timeline.js';
import { withParams } from '../router.js';
import { dateTime } from '../time/format.js';
import { formatDuration, intervalFor } from '../time/range.js';
import { useLoad, useSize } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { eventSources } from './alert-row.js';
import { Check, Choice, FilterBar } from './filter-bar.js';
import { Labels, Severity } from './labels.js';
import { LongList } from './long-list.js';

/** @type {any} */
const lanePanel = { id: 0, type: 'state-timeline', options: { rowHeight: 0.72, showValue: 'never', mergeValues: true, legend: { showLegend: true } }, fieldConfig: { defaults: { custom: { fillOpacity: 85 } }, overrides: [] } };

/** Lanes that fit before the plot scrolls. */
const mostLanes = 24;

/** Alerts whose periods are told one by one: each has a sample for every step. */
const mostSeries = 500;

/**
 * The states of alerts over time.
 * @param {{frames: import('../types/model').Frame[], range: import('../types/model').TimeRange}} properties
 */
export function Lanes({ frames, range }) {
    const [boxRef, size] = useSize();
    const data = useMemo(() => ({ frames: configured(frames, lanePanel.fieldConfig, (text) => text), range }), [frames]);
    const height = Math.min(mostLanes, Math.max(3, frames.length)) * 24 + 74;
    return html`<div class="lane-box" ref=${boxRef} style=${{ height: `${height}px` }}>${size.width > 0
        && html`<${StateTimelinePanel} panel=${lanePanel} data=${data} zone="browser" size=${{ width: size.width, height }} dashboard=${/** @type {any} */ ({})} />`}</div>`;
}

/**
 * Asks for ALERTS under matchers. Where there are too many to be told apart, those of one name are one.
 * @param {{uid: string, matchers: string[], range: import('../types/model').TimeRange, signal: AbortSignal}} question
 */
export async function alertsOver({ uid, matchers, range, signal }) {
    const stepMs = intervalFor(range, 600, 15_000);
    const selector = `ALERTS{${matchers.join(', ')}}`;
    const counted = await prometheus.queryInstant({ uid, expr: `count(count_over_time(${selector}[${formatDuration(range.to - range.from)}]))`, timeMs: range.to, signal });
    const count = Number(counted.series[0]?.value?.[1] ?? 0);
    const merged = count > mostSeries;
    const expr = merged ? `max by (alertname, alertstate, severity) (${selector})` : selector;
    return { ...(await prometheus.queryRange({ uid, expr, startMs: range.from, endMs: range.to, stepMs, signal })), count, merged };
}

/** @param {import('./page.js').Context & {wrong: string}} context */
export default function HistoryView({ params, sources, filter, matchers, range, wrong }) {
    const choices = sources.filter((one) => kindOf(one.type) === 'prometheus');
    const source = choices.find((one) => one.uid === params.get('source')) ?? choices.find((one) => one.isDefault) ?? choices[0];
    const pending = params.get('pending') === 'yes';
    const answer = useLoad(async (signal) => {
        const wanted = [...matchers.map(matcherText), ...(pending ? [] : ['alertstate="firing"'])];
        const found = await alertsOver({ uid: source?.uid ?? '', matchers: wanted, range, signal });
        return { frames: stateFrames(found, ({ alertname }) => alertname ?? 'unnamed'), periods: periodsOf(found), range, step: found.step, notice: found.notice, merged: found.merged ? found.count : 0 };
    }, [source?.uid, matchers, pending, range], Boolean(source) && !wrong);
    const periods = answer.value?.periods ?? [];
    if (!source) return html`<${Empty} title="No data source for metrics">What has fired is in the series ALERTS: start martlet-dashboards with --datasource.metrics URL.</${Empty}>`;
    return html`<${FilterBar} filter=${filter}>
            ${choices.length > 1 && html`<${Choice} name="source" label="Source of metrics" all=${source.name} params=${params} choices=${choices.filter((one) => one !== source).map((one) => [one.uid, one.name])} />`}
            <${Check} name="pending" title="Pending, too" params=${params} /></${FilterBar}>
        ${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        ${answer.value?.notice && html`<${Message} tone="warn">${answer.value.notice}</${Message}>`}
        ${answer.value && answer.value.merged > 0 && html`<${Message} tone="warn">These are ${answer.value.merged.toLocaleString('en-US')} series, too many to be told one by one: alerts of one name and severity are one here. A filter or a shorter time tells them apart.</${Message}>`}
        ${answer.value && (periods.length === 0 ? html`<section class="explore-card"><${Empty} title="Nothing fired">No rule of ${source.name} fired in this time range${filter ? ' under this filter' : ''}. Alerts that others send to the router are not in its history.</${Empty}></section>`
            : html`<section class="explore-card"><header><h2>When what fired</h2><span class="muted">a lane for each alert’s name, the most frequent first</span></header>
                    <${Lanes} frames=${answer.value.frames} range=${answer.value.range} /></section>
                <section class="explore-card alert-list-card"><header><h2>Periods</h2><span class="muted">${periods.length.toLocaleString('en-US')}, newest first, to ${formatDuration(answer.value.step * 1000)}</span></header>
                    <${LongList} count=${periods.length} label="Periods" row=${(/** @type {number} */ index) => html`<${PeriodRow} key=${periodKey(periods[index])} period=${periods[index]} sources=${sources} />`} /></section>`)}`;
}

/**
 * What a period is told apart by: a row must not keep the links of another.
 * @param {import('../data/alert-history.js').Period} period
 */
export function periodKey({ labels, state, from }) {
    return JSON.stringify([from, state, labels]);
}

/** @param {{period: import('../data/alert-history.js').Period, sources: import('../types/model').DataSource[]}} properties */
export function PeriodRow({ period, sources }) {
    const { labels, state, from, to, open } = period;
    const around = useMemo(() => {
        const margin = Math.max(300_000, (to - from) * 0.2);
        const raw = { from: String(Math.round(from - margin)), to: open ? 'now' : String(Math.round(to + margin)) };
        return { from: from - margin, to: to + margin, raw };
    }, [from, to, open]);
    return html`<article class="alert-row">
        <span class="dot ${state === 'firing' ? 'bad' : 'warn'}" title=${state}></span>
        <div class="alert-what">
            <div class="alert-line"><a class="alert-name" href=${withParams('/alerts', { view: 'rule', rule: labels.alertname, from: around.raw.from, to: around.raw.to })}>${labels.alertname ?? 'unnamed'}</a><${Severity} severity=${labels.severity} />
                <span class="alert-says muted">${state} ${to - from < 1000 ? 'since just now' : `for ${formatDuration(Math.round((to - from) / 1000) * 1000)}${open ? ', still' : ''}`}</span></div>
            <div class="alert-labels"><${Labels} labels=${labels} hide=${['alertname', 'severity']} /></div>
        </div>
        <div class="alert-when"><span>${dateTime(from)}${open ? '' : ` to ${dateTime(to)}`}</span>
            <${RelatedLinks} labels=${labels} range=${around} all=${eventSources(sources)} of="alerts" brief=${true} />
            ${open && html`<a class="button small" href=${withParams('/alerts', { filter: matchersOf(labels).map(matcherText).join(', ') })}><${Icon} name="bell" size="14" />Now</a>`}</div>
    </article>`;
}
