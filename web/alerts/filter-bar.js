// The line over a list: matchers for labels, and what else a view narrows its list by.

import { html, useEffect, useState } from '../vendor/preact.js';
import { matcherText } from '../data/alertmanager.js';
import { setParams } from '../router.js';
import { Icon } from '../ui/icons.js';

/** @param {{filter: string, children?: any}} properties */
export function FilterBar({ filter, children }) {
    // What is being written survives that the page looks again.
    const [text, setText] = useState(filter);
    useEffect(() => setText(filter), [filter]);
    const submit = (/** @type {Event} */ event) => {
        event.preventDefault();
        setParams({ filter: text.trim() || null, alert: null });
    };
    return html`<form class="alert-filter" onSubmit=${submit}>
        <input class="input mono" type="search" name="filter" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} aria-label="Filter by labels" placeholder='severity="page", instance=~"web.*"' spellcheck="false" autocapitalize="off" />
        <button class="button" type="submit"><${Icon} name="search" size="14" />Filter</button>
        ${children}
    </form>`;
}

/** @param {{name: string, title: string, params: URLSearchParams}} properties */
export function Check({ name, title, params }) {
    return html`<label class="check"><input type="checkbox" checked=${params.get(name) === 'yes'}
        onChange=${(/** @type {any} */ event) => setParams({ [name]: event.target.checked ? 'yes' : null }, { replace: true })} />${title}</label>`;
}

/**
 * A choice that stands in the address; none is all.
 * @param {{name: string, label: string, all: string, params: URLSearchParams, choices: (string | string[])[]}} properties `choices`: values, or values with what they are called
 */
export function Choice({ name, label, all, params, choices }) {
    const value = params.get(name) ?? '';
    const pairs = choices.map((one) => (Array.isArray(one) ? one : [one, one]));
    if (value && !pairs.some(([own]) => own === value)) pairs.push([value, value]);
    return html`<select class="select" aria-label=${label} value=${value} onChange=${(/** @type {any} */ event) => setParams({ [name]: event.target.value || null })}>
        <option value="">${all}</option>${pairs.map(([own, title]) => html`<option value=${own} selected=${own === value}>${title}</option>`)}</select>`;
}

/**
 * A matcher more in the filter's text.
 * @param {string} filter @param {import('../data/alertmanager.js').Matcher} matcher
 */
export function withMatcher(filter, matcher) {
    const inner = filter.trim().replace(/^\{([^]*)\}$/, '$1').replace(/,\s*$/, '').trim();
    const text = matcherText(matcher);
    return inner.includes(text) ? inner : [inner, text].filter(Boolean).join(', ');
}
