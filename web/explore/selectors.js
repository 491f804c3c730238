// The selectors inside a query.

import { tokenize } from './editor/tokens.js';

/**
 * The series selectors of a PromQL query, each once: `up`, `up{job="x"}`, `{job="x"}`.
 * @param {string} expr
 * @returns {string[]}
 */
export function selectorsOf(expr) {
    const tokens = tokenize('promql', expr).filter((token) => token.kind !== 'space' && token.kind !== 'comment');
    /** @type {Set<string>} */
    const found = new Set();
    for (let at = 0; at < tokens.length; at++) {
        const { from, to, kind } = tokens[at];
        const begins = expr.slice(from, to) === '{';
        if (kind !== 'name' && !begins) continue;
        const open = begins ? at : at + 1;
        let last = at;
        if (tokens[open] && expr.slice(tokens[open].from, tokens[open].to) === '{') {
            const close = tokens.findIndex((token, index) => index > open && expr.slice(token.from, token.to) === '}');
            if (close < 0) break;
            last = close;
        }
        found.add(expr.slice(from, tokens[last].to));
        at = last;
    }
    return [...found];
}

/**
 * A LogQL query with one more matcher or filter: labels go into the first selector, structured metadata behind it, and a field
 * of the line behind the parser that makes a label of it.
 * @param {string} expr @param {{name: string, value: string, wanted: boolean, place: 'label' | 'metadata' | 'json' | 'logfmt'}} filter
 */
export function withFilter(expr, { name, value, wanted, place }) {
    const text = `${name}${wanted ? '=' : '!='}${JSON.stringify(value)}`;
    if (place === 'metadata') return `${expr.trimEnd()} | ${text}`;
    if (place !== 'label') return `${expr.trimEnd()}${new RegExp(`\\|\\s*${place}\\b`).test(expr) ? '' : ` | ${place}`} | ${text}`;
    const close = tokenize('logql', expr).find((token) => token.kind === 'bracket' && expr.slice(token.from, token.to) === '}')?.from ?? -1;
    if (close < 0) return `{${text}} ${expr}`.trimEnd();
    const head = expr.slice(0, close).trimEnd();
    return `${head}${/[{,]$/.test(head) ? '' : ', '}${text}${expr.slice(close)}`;
}
