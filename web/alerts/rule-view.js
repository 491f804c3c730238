// One rule: what it says, how it fares, what it looks at, and when it fired.

import { html, useMemo } from '../vendor/preact.js';
import { differing, periodsOf, stateFrames } from '../data/alert-history.js';
import { matchersOf, matcherText } from '../data/alertmanager.js';
import { groupText, readRuleFiles } from '../data/rule-files.js';
import { loadRules, rulesNamed, toneOf } from '../data/rules.js';
import { kindOf } from '../data/sources.js';
import { withParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';
import { formatDuration } from '../time/range.js';
import { Pairs } from '../explore/pairs.js';
import { RelatedLinks } from '../explore/related.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { eventSources, rangeSince, silenceHref } from './alert-row.js';
import { Expression, languageOf } from './expression.js';
import { alertsOver, Lanes, periodKey, PeriodRow } from './history-view.js';
import { Labels, linksOf, Severity, summaryOf } from './labels.js';
import { LongList } from './long-list.js';
import { RuleGraph } from './rule-graph.js';
import { dotOf, ruleHref, took } from './rules-view.js';

/** @typedef {import('../data/rules.js').Rule} Rule */
/** Active alerts that are written out; the list of alerts has them all. */
const mostActive = 50;

/** @param {import('./page.js').Context} context */
export default function RuleView({ params, sources, tick, range, mayEdit }) {
    const found = useLoad((signal) => loadRules(sources, signal), [sources, tick]);
    const named = useMemo(() => rulesNamed(found.value?.rules ?? [], params), [found.value, params]);
    if (found.error) return html`<${Message}>${found.error}</${Message}>`;
    if (!found.value) return null;
    if (named.length === 1) return html`<${OneRule} key=${ruleHref(named[0])} rule=${named[0]} sources=${sources} range=${range} mayEdit=${mayEdit} />`;
    return html`${found.value.problems.map(({ source, text }) => html`<${Message} tone="warn">Rules of ${source}: ${text}</${Message}>`)}
        <section class="explore-card">${named.length === 0
            ? html`<${Empty} title="No such rule">No source has a rule “${params.get('rule') ?? ''}” now; its alerts may come from elsewhere. <a href="/alerts?view=rules">All rules</a></${Empty}>`
            : html`<header><h2>${named.length} rules of this name</h2></header>${named.map((rule) => html`<article class="alert-row rule-row"><span class="dot ${dotOf(toneOf(rule))}"></span>
                <div class="alert-what"><a class="alert-name" href=${ruleHref(rule)}>${rule.source.name} › ${rule.namespace} › ${rule.group}</a><code>${rule.expr}</code></div></article>`)}`}</section>`;
}

/** @param {{rule: Rule, sources: import('../types/model').DataSource[], range: import('../types/model').TimeRange, mayEdit: boolean}} properties */
function OneRule({ rule, sources, range, mayEdit }) {
    const files = useLoad((signal) => readRuleFiles(rule.source, signal), [rule.source.uid], mayEdit);
    const place = placeOfRule(rule, files.value);
    const links = linksOf(rule.annotations);
    const page = languageOf(rule.source) === 'logql' ? 'logs' : 'metrics';
    const rest = Object.fromEntries(Object.entries(rule.annotations).filter(([, text]) => !links.some(([, href]) => href === text.trim())));
    const where = { view: 'edit', source: rule.source.uid, namespace: place?.namespace, group: rule.group, index: String(rule.index) };
    const fact = (/** @type {string} */ name, /** @type {any} */ value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    return html`<section class="explore-card rule-card"><header><h2><span class="dot ${dotOf(toneOf(rule))}"></span> ${rule.name}</h2><${Severity} severity=${rule.labels.severity} />${rule.kind === 'recording' && html`<span class="tag">recording</span>`}
                <span class="muted">${rule.source.name} › <a href=${withParams('/alerts', { view: 'rules', namespace: rule.namespace })}>${rule.namespace}</a> › ${rule.group}</span>
                ${place && html`<a class="button small" href=${withParams('/alerts', where)}><${Icon} name="format" size="14" />Edit</a>`}
                ${mayEdit && rule.kind === 'alerting' && html`<a class="button small" href=${silenceHref({ alertname: rule.name, ...fixed(rule.labels) })}><${Icon} name="pause" size="14" />Silence</a>`}</header>
            ${rule.error && html`<${Message}>The last evaluation failed: ${rule.error}</${Message}>`}
            <${Expression} expr=${rule.expr} language=${languageOf(rule.source)} />
            <dl class="facts">
                ${fact('State', rule.kind === 'recording' ? 'recording' : `${rule.state}${rule.alerts.length > 0 ? `, ${rule.alerts.length} ${rule.alerts.length === 1 ? 'alert' : 'alerts'}` : ''}`)}
                ${rule.kind === 'alerting' && fact('Fires after', rule.holds > 0 ? formatDuration(rule.holds * 1000) : 'at once')}
                ${rule.keeps > 0 && fact('Keeps firing for', formatDuration(rule.keeps * 1000))}
                ${fact('Health', rule.health === 'ok' ? 'good' : rule.health === 'err' ? 'fails' : rule.health)}
                ${fact('Last evaluation', rule.evaluatedAt > 0 ? html`<span title=${dateTime(rule.evaluatedAt)}>${fromNow(rule.evaluatedAt)}</span>` : 'not yet')}
                ${fact('It took', rule.evaluatedAt > 0 ? took(rule) : '–')}
                ${fact('Every', rule.interval > 0 ? formatDuration(rule.interval * 1000) : '–')}
            </dl>
            <div class="alert-links"><a class="button small" href=${withParams(`/explore/${page}`, { ds: rule.source.uid, expr: rule.expr, from: range.raw.from, to: range.raw.to })}><${Icon} name="compass" size="14" />Explore</a>
                ${links.map(([name, href]) => html`<a class="button small" href=${href} target="_blank" rel="noreferrer"><${Icon} name="link" size="14" />${name}</a>`)}
                <${RelatedLinks} labels=${fixed(rule.labels)} range=${range} all=${sources} of="alerts" /></div>
            <div class="rule-pairs"><${Pairs} title="Labels" pairs=${rule.labels} /><${Pairs} title="Annotations" pairs=${rest} /></div>
            <details class="rule-yaml"><summary>As YAML</summary><pre class="mono">${groupText({ name: rule.group, rules: [fileRule(rule)] })}</pre></details>
        </section>
        ${rule.alerts.length > 0 && html`<${Active} rule=${rule} sources=${sources} mayEdit=${mayEdit} />`}
        <${RuleGraph} source=${rule.source} expr=${rule.expr} range=${range} />
        ${rule.kind === 'alerting' && html`<${History} rule=${rule} sources=${sources} range=${range} />`}`;
}

/**
 * Where a rule can be changed: in the file of its namespace, if that was written through the API.
 * @param {Rule} rule @param {import('../data/rule-files.js').RuleFiles | undefined} files
 */
function placeOfRule(rule, files) {
    const namespace = [rule.file, rule.namespace].find((name) => files?.namespaces[name]?.some((group) => group.name === rule.group && (group.rules[rule.index]?.alert ?? group.rules[rule.index]?.record) === rule.name));
    return namespace === undefined ? undefined : { namespace };
}

/**
 * Labels that are no templates.
 * @param {Record<string, string>} labels
 */
function fixed(labels) {
    return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '' && !value.includes('{{')));
}

/** @param {Rule} rule @returns {import('../data/rule-files.js').FileRule} */
function fileRule(rule) {
    const time = (/** @type {number} */ seconds) => (seconds > 0 ? formatDuration(seconds * 1000) : undefined);
    const isAlert = rule.kind === 'alerting';
    return { alert: isAlert ? rule.name : undefined, record: isAlert ? undefined : rule.name, expr: rule.expr, for: time(rule.holds), keep_firing_for: time(rule.keeps), labels: rule.labels, annotations: rule.annotations };
}

/** @param {{rule: Rule, sources: import('../types/model').DataSource[], mayEdit: boolean}} properties */
function Active({ rule, sources, mayEdit }) {
    return html`<section class="explore-card"><header><h2>Active alerts</h2><span class="muted">${rule.alerts.length.toLocaleString('en-US')}${rule.alerts.length > mostActive ? `, the first ${mostActive} shown` : ''}</span>
            <a class="button small" href=${withParams('/alerts', { filter: `alertname=${JSON.stringify(rule.name)}` })}>In the router</a></header>
        ${rule.alerts.slice(0, mostActive).map((alert) => html`<article class="alert-row" key=${JSON.stringify(alert.labels)}>
            <span class="dot ${alert.state === 'firing' ? 'bad' : 'warn'}" title=${alert.state}></span>
            <div class="alert-what"><div>${alert.state}, value ${Number(alert.value)} ${summaryOf(alert.annotations)}</div><div class="alert-labels"><${Labels} labels=${alert.labels} hide=${['alertname']} /></div></div>
            <div class="alert-when"><span title=${dateTime(alert.since)}>${fromNow(alert.since)}</span>
                <${RelatedLinks} labels=${alert.labels} range=${rangeSince(alert.since)} all=${eventSources(sources)} of="alerts" brief=${true} />
                ${mayEdit && html`<a class="button small" href=${silenceHref(alert.labels)}><${Icon} name="pause" size="14" />Silence</a>`}</div>
        </article>`)}</section>`;
}

/** @param {{rule: Rule, sources: import('../types/model').DataSource[], range: import('../types/model').TimeRange}} properties */
function History({ rule, sources, range }) {
    // What rules of logs write goes to a source of metrics.
    const source = kindOf(rule.source.type) === 'prometheus' ? rule.source : sources.find((one) => kindOf(one.type) === 'prometheus');
    const matchers = matchersOf({ alertname: rule.name, ...fixed(rule.labels) }).map(matcherText);
    const answer = useLoad(async (signal) => {
        const found = await alertsOver({ uid: source?.uid ?? '', matchers, range, signal });
        return { frames: stateFrames(found, differing(found.series.map(({ metric: { __name__, alertstate, ...labels } }) => labels))), periods: periodsOf(found), range };
    }, [source?.uid, matchers.join(), range], Boolean(source));
    const periods = answer.value?.periods ?? [];
    return html`<section class="explore-card alert-list-card"><header><h2>History</h2><span class="muted">${answer.value ? fired(periods.filter((one) => one.state === 'firing').length) : ''}</span></header>
        ${!source && html`<p class="muted">The history of alerts is the series ALERTS; there is no source of metrics that has it.</p>`}
        ${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        ${answer.value && (periods.length === 0 ? html`<${Empty} title="It did not fire">Neither pending nor firing in this time range${kindOf(rule.source.type) === 'loki' ? '; rules of logs have a history where their source writes to a source of metrics' : ''}.</${Empty}>`
            : html`<${Lanes} frames=${answer.value.frames} range=${answer.value.range} />
                <${LongList} class="short" count=${periods.length} label="Periods" row=${(/** @type {number} */ index) => html`<${PeriodRow} key=${periodKey(periods[index])} period=${periods[index]} sources=${sources} />`} />`)}</section>`;
}

/**
 * How often it fired.
 * @param {number} count
 */
function fired(count) {
    return `fired ${count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`} in this time range`;
}
