// A query as it is read, not written: in colours.

import { html, useMemo } from '../vendor/preact.js';
import { tokenize } from '../explore/editor/tokens.js';
import { kindOf } from '../data/sources.js';

/** @param {import('../types/model').DataSource | undefined} source @returns {'promql' | 'logql'} */
export function languageOf(source) {
    return source && kindOf(source.type) === 'loki' ? 'logql' : 'promql';
}

/** @param {{expr: string, language: 'promql' | 'logql'}} properties */
export function Expression({ expr, language }) {
    const tokens = useMemo(() => (expr.length > 5000 ? [] : tokenize(language, expr)), [expr, language]);
    return html`<pre class="expression mono">${tokens.length === 0 ? expr : tokens.map((token) => html`<span class="t-${token.kind}">${expr.slice(token.from, token.to)}</span>`)}</pre>`;
}
