// All rules of all sources that evaluate any, found by name, state, severity, namespace and label.

import { html, useEffect, useMemo, useRef } from '../vendor/preact.js';
import { choicesOf, addressOf, filteredRules, groupedRules, loadRules, rulers, ruleStates, toneOf } from '../data/rules.js';
import { shortened } from '../format/display.js';
import { setParams, withParams } from '../router.js';
import { dateTime, fromNow } from '../time/format.js';
import { formatDuration } from '../time/range.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { Choice, FilterBar } from './filter-bar.js';
import { Severity, summaryOf } from './labels.js';
import { LongList } from './long-list.js';

/** @typedef {import('../data/rules.js').Rule} Rule */

/** @param {import('./page.js').Context} context */
export default function RulesView({ params, sources, filter, matchers, tick, mayEdit }) {
    const found = useLoad((signal) => loadRules(sources, signal), [sources, tick]);
    const rules = found.value?.rules ?? [];
    const asked = { text: params.get('q') ?? '', state: params.get('state') ?? '', severity: params.get('severity') ?? '', namespace: params.get('namespace') ?? '', source: params.get('source') ?? '', matchers };
    const shown = useMemo(() => filteredRules(rules, asked), [found.value, JSON.stringify(asked)]);
    const items = useMemo(() => groupedRules(shown), [shown]);
    const search = useRef(/** @type {HTMLInputElement | null} */ (null));
    useEffect(() => {
        if (search.current && search.current.value !== asked.text) search.current.value = asked.text;
    }, [asked.text]);
    const counts = useMemo(() => Object.fromEntries(ruleStates.map(([state]) => [state, filteredRules(rules, { state }).length])), [found.value]);
    const many = rulers(sources).length > 1;
    const states = ruleStates.map(([state, title]) => [state, `${title} (${counts[state] ?? 0})`]);
    const row = (/** @type {number} */ index) => {
        const { group, rule, count } = /** @type {{group?: Rule, rule?: Rule, count?: number}} */ (items[index]);
        return group ? html`<${GroupHead} key=${index} group=${group} count=${count} many=${many} />` : rule && html`<${RuleRow} key=${index} rule=${rule} />`;
    };
    return html`<${FilterBar} filter=${filter}>
            <input class="input rule-search" type="search" ref=${search} aria-label="Search rules" placeholder="Name, expression, text" onInput=${(/** @type {any} */ event) => setParams({ q: event.target.value || null }, { replace: true })} />
            <${Choice} name="state" label="State" all="All states" params=${params} choices=${states} />
            <${Choice} name="severity" label="Severity" all="All severities" params=${params} choices=${choicesOf(rules, (rule) => rule.labels.severity)} />
            <${Choice} name="namespace" label="Namespace" all="All namespaces" params=${params} choices=${choicesOf(rules, (rule) => rule.namespace)} />
            ${many && html`<${Choice} name="source" label="Source" all="All sources" params=${params} choices=${rulers(sources).map((one) => [one.uid, one.name])} />`}
            ${mayEdit && html`<a class="button primary" href=${withParams('/alerts', { view: 'edit', source: asked.source || undefined })}>New rule</a>`}
        </${FilterBar}>
        ${found.error && html`<${Message}>${found.error}</${Message}>`}
        ${(found.value?.problems ?? []).map(({ source, text }) => html`<${Message} tone="warn">Rules of ${source}: ${text}</${Message}>`)}
        ${found.value && items.length === 0 && html`<section class="explore-card"><${Empty} title=${rules.length === 0 ? 'No rules' : 'No rule matches'}>
            ${rules.length === 0 ? 'Rules come from rule_files of martlet-metrics and from the ruler of martlet-logs, or are written here.' : 'None of the rules is in the chosen state, namespace or severity, or holds the words.'}</${Empty}></section>`}
        ${items.length > 0 && html`<section class="explore-card alert-list-card"><header><h2>${shown.length.toLocaleString('en-US')} ${shown.length === 1 ? 'rule' : 'rules'}</h2><span class="muted">${shown.length < rules.length ? `of ${rules.length.toLocaleString('en-US')}` : ''}</span></header>
            <${LongList} count=${items.length} row=${row} label="Rules" /></section>`}`;
}

/** @param {{group: Rule, count?: number, many: boolean}} properties */
function GroupHead({ group, count, many }) {
    return html`<div class="group-row"><h3>${group.namespace} <span class="muted">›</span> ${group.group}</h3>
        <span class="muted">${many ? `${group.source.name} · ` : ''}${count} ${count === 1 ? 'rule' : 'rules'}${group.interval > 0 ? ` · every ${formatDuration(group.interval * 1000)}` : ''}</span></div>`;
}

/** @param {string} tone */
export function dotOf(tone) {
    return { firing: 'bad', error: 'bad', pending: 'warn', inactive: 'good' }[tone] ?? '';
}

/**
 * Where a rule's own page is.
 * @param {Rule} rule
 */
export function ruleHref(rule) {
    return withParams('/alerts', { view: 'rule', ...addressOf(rule) });
}

/** @param {{rule: Rule}} properties */
function RuleRow({ rule }) {
    const tone = toneOf(rule);
    const firing = rule.alerts.filter((alert) => alert.state === 'firing').length;
    const pending = rule.alerts.length - firing;
    return html`<article class="alert-row rule-row">
        <span class="dot ${dotOf(tone)}" title=${tone}></span>
        <div class="alert-what">
            <div class="alert-line"><a class="alert-name" href=${ruleHref(rule)}>${rule.name || 'unnamed'}</a><${Severity} severity=${rule.labels.severity} />
                ${rule.kind === 'recording' && html`<span class="tag">recording</span>`}
                <span class=${rule.error ? 'bad-text alert-says' : 'alert-says'} title=${rule.error || summaryOf(rule.annotations)}>${shortened(rule.error || summaryOf(rule.annotations), 300)}</span></div>
            <div class="alert-labels"><code title=${shortened(rule.expr, 1000)}>${shortened(rule.expr.replace(/\s+/g, ' '), 300)}</code></div>
        </div>
        <div class="alert-when">
            ${firing > 0 && html`<span class="bad-text">${firing} firing</span>`}${pending > 0 && html`<span class="warn-text">${pending} pending</span>`}
            ${rule.holds > 0 && html`<span class="muted">for ${formatDuration(rule.holds * 1000)}</span>`}
            <span class="muted" title=${rule.evaluatedAt > 0 ? `${dateTime(rule.evaluatedAt)}, took ${took(rule)}` : ''}>${rule.evaluatedAt > 0 ? fromNow(rule.evaluatedAt) : 'not evaluated yet'}</span>
            <a class="button small icon" href=${ruleHref(rule)} title="Open" aria-label=${`Open ${rule.name}`} tabindex="-1"><${Icon} name="right" size="14" /></a>
        </div>
    </article>`;
}

/**
 * How long the last evaluation took.
 * @param {Rule} rule
 */
export function took(rule) {
    const ms = rule.took * 1000;
    return ms < 1 ? `${Math.round(ms * 1000)} µs` : ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${rule.took.toFixed(1)} s`;
}
