// A rule or a whole group is written here, and kept by the server that evaluates it.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { changesOf, draftOf, gapsOf, groupAt, nameAt, removalOf, ruleOf } from '../data/rule-draft.js';
import { complaintsOf, deleteGroup, groupText, howToTurnOn, readRuleFiles, writeGroup } from '../data/rule-files.js';
import { rulers } from '../data/rules.js';
import { thresholdOf } from '../data/threshold.js';
import { logql, promql } from '../explore/editor/languages.js';
import { QueryEditor } from '../explore/editor/query-editor.js';
import { navigate, setParams, withParams } from '../router.js';
import { resolveRange } from '../time/range.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';
import { Empty, Message } from '../ui/messages.js';
import { languageOf } from './expression.js';
import { GroupText } from './group-text.js';
import { PairsEditor } from './pairs-editor.js';
import { RuleGraph } from './rule-graph.js';
import { RuleNow } from './rule-now.js';

/** @typedef {import('../data/rule-draft.js').Draft} Draft */
/** @typedef {import('../types/model').DataSource} DataSource */

/** @param {import('./page.js').Context} context */
export default function RuleEditor({ params, sources, mayEdit, user }) {
    const choices = rulers(sources);
    const source = choices.find((one) => one.uid === params.get('source')) ?? choices.find((one) => one.isDefault) ?? choices[0];
    const [tick, setTick] = useState(0);
    const files = useLoad((signal) => readRuleFiles(/** @type {DataSource} */ (source), signal), [source?.uid, tick], Boolean(source));
    if (!mayEdit) return html`<${Message}>${user?.login ?? 'You'} may read rules, but not write them.</${Message}>`;
    if (!source) return html`<${Empty} title="No data source for rules">Rules are evaluated by martlet-metrics and martlet-logs: start martlet-dashboards with --datasource.metrics URL.</${Empty}>`;
    const place = { namespace: params.get('namespace') ?? '', group: params.get('group') ?? '', index: Number(params.get('index') ?? NaN) };
    const key = `${source.uid} ${JSON.stringify(place)} ${tick}`;
    const asText = params.get('as') === 'yaml';
    return html`<div class="alert-filter">
            ${choices.length > 1 && html`<label class="inline">Source <select class="select" aria-label="Source" value=${source.uid} onChange=${(/** @type {any} */ event) => setParams({ source: event.target.value, namespace: null, group: null, index: null })}>
                ${choices.map((one) => html`<option value=${one.uid} selected=${one === source}>${one.name}</option>`)}</select></label>`}
            <div class="joined" role="group" aria-label="How to write">${[['', 'One rule'], ['yaml', 'Group as YAML']].map(([value, name]) => html`<button class="button small" type="button" aria-pressed=${(value === 'yaml') === asText ? 'true' : 'false'}
                onClick=${() => setParams({ as: value || null }, { replace: true })}>${name}</button>`)}</div>
        </div>
        ${files.error && html`<${Message}>Rules of ${source.name}: ${files.error}</${Message}>`}
        ${files.value && !files.value.writable && html`<${Message} tone="warn">${files.value.reason || `${source.name} takes no rules over HTTP now. ${howToTurnOn(source)} Until then the text below can be put into a rule file.`}</${Message}>`}
        ${files.value && (asText ? html`<${GroupText} key=${key} source=${source} files=${files.value} place=${place} onDone=${() => setTick(tick + 1)} />`
            : html`<${RuleForm} key=${key} source=${source} files=${files.value} place=${place} params=${params} onStale=${() => setTick(tick + 1)} />`)}`;
}

/** @param {{source: DataSource, files: import('../data/rule-files.js').RuleFiles, place: import('../data/rule-draft.js').Place, params: URLSearchParams, onStale: () => void}} properties */
function RuleForm({ source, files, place, params, onStale }) {
    const known = groupAt(files.namespaces, place);
    const name = nameAt(known, place.index);
    const origin = name === undefined ? undefined : { ...place, name };
    const [draft, setDraft] = useState(() => draftOf(known?.rules[place.index], { namespace: place.namespace, group: place.group, interval: String(known?.interval ?? ''), ...(name === undefined ? givenBy(params) : {}) }));
    const [complaints, setComplaints] = useState(/** @type {Record<string, string>} */ ({}));
    const [busy, setBusy] = useState(false);
    const [asking, setAsking] = useState(false);
    const language = languageOf(source);
    const range = useMemo(() => resolveRange('now-1h', 'now'), []);
    const words = useMemo(() => (language === 'logql' ? logql(source.uid, range) : promql(source.uid, range)), [source.uid]);
    const expr = useSettled(draft.expr.trim(), 700);
    const set = (/** @type {Partial<Draft>} */ patch) => {
        setDraft((before) => ({ ...before, ...patch }));
        setComplaints(({ general, ...rest }) => Object.fromEntries(Object.entries(rest).filter(([field]) => !(field in patch))));
    };
    const toGroup = (/** @type {string} */ group) => set({ group, ...(groupAt(files.namespaces, { namespace: draft.namespace, group }) ? { interval: String(groupAt(files.namespaces, { namespace: draft.namespace, group })?.interval ?? '') } : {}) });
    /** @param {() => Promise<void>} change */
    const attempt = async (change) => {
        setBusy(true);
        try {
            await change();
        } catch (error) {
            setComplaints(placed(messageOf(error), draft, files, origin));
            setBusy(false);
        }
    };
    const save = (/** @type {Event} */ event) => {
        event.preventDefault();
        const gaps = gapsOf(draft);
        setComplaints(gaps);
        if (Object.keys(gaps).length > 0) return;
        attempt(async () => {
            // What the server has by now counts, not what it had when the page was opened.
            const now = await readRuleFiles(source);
            const changes = changesOf(now.namespaces, draft, origin);
            for (const { namespace, group } of changes.write) await writeGroup(source, namespace, groupText(group));
            for (const { namespace, group } of changes.remove) await deleteGroup(source, namespace, group);
            navigate(withParams('/alerts', { view: 'rule', source: source.uid, group: draft.group.trim(), rule: draft.name.trim(), index: String(changes.index) }));
        });
    };
    const remove = () => attempt(async () => {
        const now = await readRuleFiles(source);
        const group = groupAt(now.namespaces, place);
        if (!group || nameAt(group, place.index) !== name) throw new Error('The group has been changed meanwhile: load the page again.');
        const changes = removalOf(group, place);
        for (const one of changes.write) await writeGroup(source, one.namespace, groupText(one.group));
        for (const one of changes.remove) await deleteGroup(source, one.namespace, one.group);
        navigate(withParams('/alerts', { view: 'rules' }));
    });
    const isAlert = draft.kind === 'alerting';
    const field = (/** @type {string} */ title, /** @type {keyof Draft} */ key, /** @type {any} */ more = {}) => html`<label class="field">${title}<input class="input" name=${key} value=${draft[key]} aria-invalid=${complaints[key] ? 'true' : undefined} spellcheck="false" autocapitalize="off" ...${more}
        onInput=${(/** @type {any} */ event) => set({ [key]: event.target.value })} />${complaints[key] && html`<span class="field-error" role="alert">${complaints[key]}</span>`}</label>`;
    const groups = (files.namespaces[draft.namespace] ?? []).map((group) => group.name);
    return html`<form class="rule-form" onSubmit=${save}>
        ${complaints.general && html`<${Message}>${complaints.general}</${Message}>`}
        <section class="explore-card"><header><h2>${origin ? `Change ${origin.name}` : 'New rule'}</h2>
                <div class="joined push" role="group" aria-label="Kind">${[['alerting', 'Alert'], ['recording', 'Recording']].map(([kind, title]) => html`<button class="button small" type="button" aria-pressed=${kind === draft.kind ? 'true' : 'false'} onClick=${() => set({ kind: /** @type {any} */ (kind) })}>${title}</button>`)}</div></header>
            <div class="rule-fields">
                ${field(isAlert ? 'Name of the alert' : 'Name of the series', 'name', { placeholder: isAlert ? 'HighErrorRate' : 'job:http_errors:rate5m', class: 'input mono' })}
                ${field('Namespace', 'namespace', { list: 'namespaces', placeholder: 'shop' })}
                <label class="field">Group<input class="input" name="group" list="groups" value=${draft.group} placeholder="availability" spellcheck="false" aria-invalid=${complaints.group ? 'true' : undefined} onInput=${(/** @type {any} */ event) => toGroup(event.target.value)} />${complaints.group && html`<span class="field-error" role="alert">${complaints.group}</span>`}</label>
                ${field('Evaluated every', 'interval', { placeholder: 'as the server does' })}
                <datalist id="namespaces">${Object.keys(files.namespaces).map((one) => html`<option value=${one}></option>`)}</datalist>
                <datalist id="groups">${groups.map((one) => html`<option value=${one}></option>`)}</datalist>
                <div class="field wide">Expression<${QueryEditor} value=${draft.expr} label="Expression" placeholder=${language === 'logql' ? 'LogQL that counts, e.g. sum(rate({service_name="api"} |= "error" [5m])) > 1' : 'PromQL, e.g. rate(http_errors_total[5m]) > 1'} language=${words} error=${complaints.expr}
                    onInput=${(/** @type {string} */ text) => set({ expr: text })} onRun=${(/** @type {string} */ text) => set({ expr: text })} />
                    ${complaints.expr && html`<span class="field-error" role="alert">${complaints.expr}</span>`}</div>
                ${isAlert && field('Fires when it holds for', 'holds', { placeholder: '5m; at once when empty' })}
                ${isAlert && field('Fires on for', 'keeps', { placeholder: 'until it holds no more' })}
                <div class="wide"><${PairsEditor} title="Labels" one="label" pairs=${draft.labels} usual=${['severity', 'team', 'service']} error=${complaints.labels} onChange=${(/** @type {[string, string][]} */ labels) => set({ labels })} /></div>
                ${isAlert && html`<div class="wide"><${PairsEditor} title="Annotations" one="annotation" pairs=${draft.annotations} usual=${['summary', 'description', 'runbook_url']} error=${complaints.annotations} onChange=${(/** @type {[string, string][]} */ annotations) => set({ annotations })} /></div>`}
            </div>
            <div class="silence-buttons"><button class="button primary" type="submit" disabled=${busy || !files.writable}>Save</button>
                <button class="button quiet" type="button" onClick=${() => history.back()}>Cancel</button>
                ${origin && html`<button class="button push" type="button" disabled=${busy} onClick=${() => (asking ? remove() : setAsking(true))}>${asking ? 'Delete it now?' : 'Delete the rule'}</button>`}
                ${complaints.general && html`<button class="button quiet" type="button" onClick=${onStale}><${Icon} name="refresh" size="14" />Load again</button>`}</div>
        </section>
        <${RuleNow} source=${source} expr=${expr} isAlert=${isAlert} compares=${!isAlert || thresholdOf(language, expr) !== undefined || /\b(?:absent|absent_over_time|changes|ALERTS)\b/.test(expr)} />
        ${expr !== '' && html`<${RuleGraph} source=${source} expr=${expr} range=${range} />`}
        <section class="explore-card"><details open=${!files.writable}><summary>As YAML</summary><pre class="mono">${groupText({ name: draft.group, interval: draft.interval, rules: [ruleOf(draft)] })}</pre></details></section>
    </form>`;
}

/**
 * What an address says of a new rule.
 * @param {URLSearchParams} params @returns {Partial<Draft>}
 */
function givenBy(params) {
    const annotations = ['summary', 'description', 'runbook_url', 'dashboard_url'].flatMap((name) => (params.get(name) ? [/** @type {[string, string]} */ ([name, params.get(name) ?? ''])] : []));
    return {
        name: params.get('name') ?? '', expr: params.get('expr') ?? '', holds: params.get('for') ?? '', labels: [['severity', params.get('severity') ?? 'warning']],
        annotations: annotations.length > 0 ? annotations : [['summary', '']],
    };
}

/**
 * A complaint of the server at the field that it is about.
 * @param {string} message @param {Draft} draft @param {import('../data/rule-files.js').RuleFiles} files @param {import('../data/rule-draft.js').Place | undefined} origin
 * @returns {Record<string, string>}
 */
function placed(message, draft, files, origin) {
    const stays = origin && origin.namespace === draft.namespace.trim() && origin.group === draft.group.trim();
    const own = stays ? origin.index : groupAt(files.namespaces, { namespace: draft.namespace.trim(), group: draft.group.trim() })?.rules.length ?? 0;
    /** @type {Record<string, string>} */
    const found = {};
    for (const { rule, field, text } of complaintsOf(message)) {
        const key = rule === undefined || rule === own ? { '': 'general', for: 'holds' }[/** @type {''} */ (field)] ?? field : 'general';
        const said = key === 'general' && rule !== undefined && rule !== own ? `Rule ${rule + 1} of the group: ${text}` : text;
        found[key] = found[key] ? `${found[key]}\n${said}` : said;
    }
    return found;
}

/**
 * A text once it has rested.
 * @param {string} text @param {number} ms
 */
function useSettled(text, ms) {
    const [settled, setSettled] = useState(text);
    useEffect(() => {
        const timer = setTimeout(() => setSettled(text), ms);
        return () => clearTimeout(timer);
    }, [text, ms]);
    return settled;
}
