// The queries of a panel: an editor for each in the language of its source, and how finely they ask.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { reference } from '../dashboard/query.js';
import { interpolate } from '../dashboard/interpolate.js';
import { findSource, kindOf } from '../data/sources.js';
import { logql, promql, traceql } from '../explore/editor/languages.js';
import { QueryEditor } from '../explore/editor/query-editor.js';
import { Message } from '../ui/messages.js';
import { CommitInput } from './options/commit-input.js';
import { Fields } from './options/form.js';
import { queryFields } from './options/fields.js';
import { adder, tool } from './options/lists.js';
import { moved } from './paths.js';

/** @typedef {import('./grid.js').RawPanel} RawPanel */
/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('./options/fields.js').Field} Field */
/** @typedef {(panel: RawPanel, label: string, key?: string) => void} Change */

export const mixed = '-- Mixed --';
const other = '-- Dashboard --';

/** @type {Record<string, Field[]>} */
const fieldsOf = {
    prometheus: [
        { path: 'legendFormat', label: 'Legend', type: 'text', placeholder: '{{instance}}' }, { path: 'format', label: 'Format', type: 'select', choices: [['time_series', 'Time series'], ['table', 'Table'], ['heatmap', 'Heatmap']], fallback: 'time_series' },
        { path: 'instant', label: 'Newest value only', type: 'toggle' }, { path: 'interval', label: 'Min step', type: 'text', placeholder: 'auto' }, { path: 'exemplar', label: 'Exemplars', type: 'toggle' },
    ],
    loki: [
        { path: 'legendFormat', label: 'Legend', type: 'text', placeholder: '{{app}}' }, { path: 'queryType', label: 'Type', type: 'select', choices: [['range', 'Range'], ['instant', 'Instant']], fallback: 'range' }, { path: 'maxLines', label: 'Most lines', type: 'number', least: 1, most: 5000, placeholder: '1000' },
        { path: 'direction', label: 'Order', type: 'select', choices: [['backward', 'Newest first'], ['forward', 'Oldest first']], fallback: 'backward' }, { path: 'step', label: 'Step', type: 'text', placeholder: 'auto' },
    ],
    tempo: [
        { path: 'queryType', label: 'Type', type: 'select', choices: [['traceql', 'TraceQL'], ['traceId', 'Trace id'], ['serviceMap', 'Service map']], fallback: 'traceql' }, { path: 'limit', label: 'Most traces', type: 'number', least: 1, placeholder: '20' }, { path: 'spss', label: 'Most spans of each', type: 'number', least: 1, placeholder: '3' },
        { path: 'tableType', label: 'Table of', type: 'select', choices: [['traces', 'Traces'], ['spans', 'Spans']], fallback: 'traces' },
    ],
};

/** @type {Field[]} */
const expressionFields = [
    { path: 'type', label: 'Operation', type: 'select', choices: [['math', 'Math'], ['reduce', 'Reduce'], ['threshold', 'Threshold']], fallback: 'math' }, { path: 'expression', label: 'Expression', type: 'text', placeholder: '$A / $B' },
    { path: 'reducer', label: 'Function', type: 'select', choices: ['last', 'mean', 'min', 'max', 'sum', 'count', 'median'].map((one) => [one, one]), fallback: 'last', when: { path: 'type', is: ['reduce'] } },
];

/**
 * Whether a query names variables of the board; `$__interval` and its like are known to the editor, and a `$` may end a regular expression.
 * @param {string} text
 */
export function namesVariables(text) {
    return /\$(?!__)\w|\$\{|\[\[\w/.test(text);
}

/** @param {any} reference */
function uidOf(reference) {
    return String((typeof reference === 'object' ? reference?.uid : reference) ?? '');
}

/**
 * The letter of a new query.
 * @param {any[]} targets
 */
export function freeRefId(targets) {
    const taken = new Set(targets.map((target) => target.refId));
    for (let at = 0; ; at++) {
        const letter = String.fromCharCode(65 + (at % 26)) + (at >= 26 ? Math.floor(at / 26) : '');
        if (!taken.has(letter)) return letter;
    }
}

/** @param {{panel: RawPanel, shared: any, error?: string, onChange: Change}} properties */
export function Queries({ panel, shared, onChange }) {
    const { sources, scope, dashboard } = shared;
    const targets = Array.isArray(panel.targets) ? panel.targets : [];
    const uid = uidOf(panel.datasource);
    const set = (/** @type {any[]} */ next, /** @type {string} */ label, key = '') => onChange({ ...panel, targets: next }, label, key);
    const changeTarget = (/** @type {number} */ at, /** @type {any} */ next, /** @type {string} */ label, key = '') => set(targets.map((/** @type {any} */ one, /** @type {number} */ index) => (index === at ? next : one)), label, key && `query ${at} ${key}`);
    const setSource = (/** @type {any} */ datasource) => {
        // Queries take the new source with the panel; under “mixed” each keeps its own.
        const kept = datasource?.uid === mixed;
        const next = targets.map((/** @type {any} */ target) => (uidOf(target.datasource) === '__expr__' ? target : { ...target, datasource: kept ? target.datasource ?? panel.datasource : datasource }));
        onChange({ ...panel, datasource, targets: datasource?.uid === other ? [{ refId: 'A', datasource, panelId: undefined }] : next.filter((/** @type {any} */ one) => one.panelId === undefined) }, 'Change data source');
    };
    const add = (/** @type {any} */ extra) => {
        const source = uid === mixed ? sources[0] : undefined;
        set([...targets, { refId: freeRefId(targets), datasource: source ? { type: source.type, uid: source.uid } : panel.datasource, ...extra }], 'Add query');
    };
    return html`<div class="queries">
        <div class="query-head"><${SourceChoice} label="Data source" value=${panel.datasource} sources=${sources} variables=${dashboard.templating.list} mixable=${true} onChange=${setSource} />
            <details class="query-options"><summary>Query options</summary><div class="option-list"><${Fields} fields=${queryFields} value=${panel} onChange=${(/** @type {any} */ next, /** @type {Field} */ field) => onChange(next, `Change ${field.label.toLowerCase()}`, field.path)} /></div></details></div>
        ${uid === other ? html`<${BorrowedPanel} panel=${panel} dashboard=${dashboard} onChange=${onChange} />` : html`
            ${targets.map((/** @type {any} */ target, /** @type {number} */ at) => html`<${TargetEditor} key=${`${at} ${target.refId}`} target=${target} panel=${panel} shared=${shared} isMixed=${uid === mixed}
                onChange=${(/** @type {any} */ next, /** @type {string} */ label, /** @type {string} */ key) => changeTarget(at, next, label, key)}
                onMove=${(/** @type {number} */ step) => set(moved(targets, at, step), 'Move query')}
                onCopy=${() => set([...targets, { ...structuredClone(target), refId: freeRefId(targets) }], 'Duplicate query')}
                onRemove=${() => set(targets.filter((/** @type {any} */ _, /** @type {number} */ index) => index !== at), 'Remove query')} />`)}
            <div class="list-line">${adder('Add query', () => add({ expr: '' }))}${adder('Add expression', () => add({ datasource: { type: '__expr__', uid: '__expr__' }, type: 'math', expression: '' }))}</div>`}
        ${sources.length === 0 && html`<${Message} tone="warn">No data source is configured.</${Message}>`}
        <p class="muted">Enter runs a query. ${scope.range ? '$__rate_interval, $__interval and $__range stand for what fits the time range.' : ''}</p>
    </div>`;
}

/**
 * @param {{label: string, value: any, sources: DataSource[], variables?: any[], mixable?: boolean, onChange: (reference: any) => void}} properties
 */
export function SourceChoice({ label, value, sources, variables = [], mixable, onChange }) {
    const uid = uidOf(value);
    const type = typeof value === 'object' ? value?.type : undefined;
    /** @type {{key: string, name: string, reference: any}[]} */
    const choices = [
        { key: '', name: `Default${type ? ` (${type})` : ''}`, reference: uid === '' ? value : undefined },
        ...sources.map((one) => ({ key: one.uid, name: one.name, reference: { type: one.type, uid: one.uid } })),
        ...variables.filter((one) => one.type === 'datasource').map((one) => ({ key: `\${${one.name}}`, name: `$${one.name}`, reference: { type: String(one.query ?? ''), uid: `\${${one.name}}` } })),
        ...(mixable ? [{ key: mixed, name: 'Mixed', reference: { type: 'datasource', uid: mixed } }, { key: other, name: 'Another panel', reference: { type: 'datasource', uid: other } }] : []),
    ];
    const byName = sources.find((one) => one.name === uid)?.uid;
    const key = byName ?? uid.replace(/^\$(\w+)$/, '${$1}');
    if (!choices.some((one) => one.key === key)) choices.push({ key, name: `${uid} (not here)`, reference: value });
    return html`<label class="option"><span class="option-name">${label}</span><select class="select" aria-label=${label} onChange=${(/** @type {any} */ event) => onChange(choices[Number(event.target.value)].reference)}>
        ${choices.map((one, index) => html`<option value=${String(index)} selected=${one.key === key}>${one.name}</option>`)}</select></label>`;
}

/** @param {{panel: RawPanel, dashboard: import('../types/model').Dashboard, onChange: Change}} properties */
function BorrowedPanel({ panel, dashboard, onChange }) {
    const target = panel.targets?.[0] ?? { refId: 'A' };
    const others = dashboard.panels.flatMap((one) => [one, ...one.panels ?? []]).filter((one) => one.type !== 'row' && one.id !== panel.id);
    return html`<label class="option"><span class="option-name">Panel</span><select class="select" aria-label="Panel whose data are shown" onChange=${(/** @type {any} */ event) => onChange({ ...panel, targets: [{ ...target, datasource: panel.datasource, panelId: Number(event.target.value) || undefined }] }, 'Change panel of the data')}>
        <option value="0"></option>${others.map((one) => html`<option value=${String(one.id)} selected=${one.id === target.panelId}>${one.title || `Panel ${one.id}`}</option>`)}</select></label>`;
}

/**
 * @param {{target: any, panel: RawPanel, shared: any, isMixed: boolean, onChange: (target: any, label: string, key?: string) => void, onMove: (step: number) => void,
 *   onCopy: () => void, onRemove: () => void}} properties
 */
function TargetEditor({ target, panel, shared, isMixed, onChange, onMove, onCopy, onRemove }) {
    const { sources, scope, dashboard } = shared;
    const isExpression = uidOf(target.datasource) === '__expr__';
    /** @type {DataSource | undefined} */
    let source;
    let problem = '';
    try {
        source = isExpression ? undefined : findSource(sources, reference(target, /** @type {any} */ (panel)), (text) => interpolate(text, scope));
    } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
    }
    const kind = isExpression ? 'expression' : source ? kindOf(source.type) : '';
    const name = target.refId;
    const onField = (/** @type {any} */ next, /** @type {Field} */ field) => onChange(field.path === 'instant' ? { ...next, range: !next.instant } : next, `Change ${field.label.toLowerCase()} of query ${name}`, field.path);
    return html`<section class="target ${target.hide ? 'off' : ''}" aria-label=${`Query ${name}`}>
        <header><${CommitInput} class="input ref-id" aria-label=${`Name of query ${name}`} value=${name} onCommit=${(/** @type {string} */ text) => text.trim() && onChange({ ...target, refId: text.trim() }, 'Rename query')} />
            <span class="muted">${isExpression ? 'Expression' : source?.name}</span>
            ${isMixed && !isExpression && html`<${SourceChoice} label="Source" value=${target.datasource} sources=${sources} variables=${dashboard.templating.list} onChange=${(/** @type {any} */ datasource) => onChange({ ...target, datasource }, 'Change source of a query')} />`}
            <span class="tools">${tool(target.hide ? `Show query ${name}` : `Hide query ${name}`, target.hide ? 'eyeOff' : 'eye', () => onChange(target.hide ? (({ hide: _, ...rest }) => rest)(target) : { ...target, hide: true }, target.hide ? 'Show query' : 'Hide query'))}
                ${tool(`Duplicate query ${name}`, 'copy', onCopy)}${tool(`Move query ${name} up`, 'up', () => onMove(-1))}${tool(`Remove query ${name}`, 'trash', onRemove)}</span></header>
        ${problem && html`<${Message}>${problem}</${Message}>`}
        ${source && ['prometheus', 'loki', 'tempo'].includes(kind) && html`<${TextEditor} kind=${kind} source=${source} range=${scope.range} target=${target} onChange=${onChange} />`}
        ${source && !['prometheus', 'loki', 'tempo'].includes(kind) && html`<${Message} tone="warn">Queries to a source of type “${source.type}” cannot be edited here; their JSON can, in the tab beside.</${Message}>`}
        <div class="option-list beside"><${Fields} fields=${isExpression ? expressionFields : fieldsOf[kind] ?? []} value=${target} onChange=${onField} /></div>
    </section>`;
}

/** @param {{kind: string, source: DataSource, range: any, target: any, onChange: (target: any, label: string, key?: string) => void}} properties */
function TextEditor({ kind, source, range, target, onChange }) {
    const path = kind === 'tempo' ? 'query' : 'expr';
    const written = String(target[path] ?? '');
    const [text, setText] = useState(written);
    useEffect(() => setText(written), [written]);
    const language = useMemo(() => {
        const made = kind === 'loki' ? logql(source.uid, range) : kind === 'tempo' ? traceql(source.uid) : promql(source.uid, range);
        // What a variable stands for is not known to the parser; its verdict on the rest would be a guess.
        return { ...made, check: async (/** @type {string} */ one, /** @type {AbortSignal} */ signal) => (namesVariables(one) ? undefined : made.check(one, signal)) };
    }, [kind, source.uid, range]);
    const take = (/** @type {string} */ next) => {
        if (next.trim() !== written) onChange({ ...target, [path]: next.trim() }, `Change query ${target.refId}`);
    };
    return html`<div onFocusOut=${(/** @type {FocusEvent} */ event) => { if (!(event.currentTarget instanceof Node && event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) take(text); }}>
        <${QueryEditor} value=${text} placeholder=${kind === 'loki' ? '{app="web"} |= "error"' : kind === 'tempo' ? '{ status = error }' : 'rate(http_requests_total[$__rate_interval])'} label=${`Text of query ${target.refId}`} language=${language} onInput=${setText} onRun=${take} /></div>`;
}
