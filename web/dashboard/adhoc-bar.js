// Filters which a reader adds by hand: a label, an operator and a value.

import { html, useState } from '../vendor/preact.js';
import * as loki from '../data/loki.js';
import * as prometheus from '../data/prometheus.js';
import { kindOf } from '../data/sources.js';
import { shortened } from '../format/display.js';
import { setParams } from '../router.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { useLoad } from '../ui/hooks.js';
import { Message } from '../ui/messages.js';
import { filterText, operators } from './adhoc.js';

/** @typedef {import('../types/model').AdhocFilter} AdhocFilter */
/** @typedef {{state: import('../types/model').VariableState, sources: import('../types/model').DataSource[], range: import('../types/model').TimeRange}} Properties */

/** @param {Properties} properties */
export function AdhocControl({ state, sources, range }) {
    const { variable, value } = state;
    const filters = value.filters ?? [];
    const source = sources.find((one) => one.uid === value.sourceUid);
    const write = (/** @type {AdhocFilter[]} */ next) => setParams({ [`var-${variable.name}`]: next.length > 0 ? next.map(filterText) : '' });
    return html`<div class="variable"><span class="variable-name" title=${variable.description}>${variable.label || variable.name}</span>
        ${filters.map((filter, index) => html`<button class="button" title="Remove this filter" onClick=${() => write(filters.filter((_, at) => at !== index))}>
            <span class="variable-text">${filter.key} ${filter.operator} ${shortened(filter.value, 100)}</span><${Icon} name="close" size="12" /></button>`)}
        ${source && html`<${Menu} title="Add a filter" role="dialog" class="button" label="+">
            ${(/** @type {() => void} */ close) => html`<${FilterForm} source=${source} range=${range} onAdd=${(/** @type {AdhocFilter} */ filter) => { write([...filters, filter]); close(); }} />`}</${Menu}>`}
    </div>`;
}

/** @param {{source: import('../types/model').DataSource, range: import('../types/model').TimeRange, onAdd: (filter: AdhocFilter) => void}} properties */
function FilterForm({ source, range, onAdd }) {
    const [key, setKey] = useState('');
    const overLogs = kindOf(source.type) === 'loki';
    const names = useLoad((signal) => (overLogs ? loki.labelNames(source.uid, range, signal) : prometheus.labelNames(source.uid, [], range, signal)), [source.uid]);
    const values = useLoad((signal) => (overLogs ? loki.labelValues(source.uid, key, range, undefined, signal) : prometheus.labelValues(source.uid, key, [], range, signal)), [source.uid, key], (names.value ?? []).includes(key));
    const submit = (/** @type {any} */ event) => {
        event.preventDefault();
        const data = new FormData(event.target);
        const filter = { key: String(data.get('key') ?? '').trim(), operator: String(data.get('operator')), value: String(data.get('value') ?? '') };
        if (filter.key !== '') onAdd(filter);
    };
    const choices = (/** @type {string} */ id, /** @type {string[] | undefined} */ list) => html`<datalist id=${id}>${(list ?? []).slice(0, 500).map((one) => html`<option value=${one}></option>`)}</datalist>`;
    return html`<form class="filter-form" onSubmit=${submit}>
        ${names.error && html`<${Message}>${names.error}</${Message}>`}
        <input class="input" name="key" list="adhoc-keys" placeholder="Label" aria-label="Label" autocomplete="off" onInput=${(/** @type {any} */ event) => setKey(event.target.value)} />${choices('adhoc-keys', names.value)}
        <select class="select" name="operator" aria-label="Operator">${operators.map((one) => html`<option>${one}</option>`)}</select>
        <input class="input" name="value" list="adhoc-values" placeholder="Value" aria-label="Value" autocomplete="off" />${choices('adhoc-values', values.value)}
        <button class="button primary" type="submit">Add</button></form>`;
}
