// A query text in coloured pieces, whatever stands in it: half-written queries are the usual case.

import { words } from './words.js';

/** @typedef {'promql' | 'logql' | 'traceql'} Language */
/** @typedef {'comment' | 'string' | 'number' | 'function' | 'keyword' | 'label' | 'name' | 'operator' | 'bracket' | 'variable' | 'space'} Kind */
/** @typedef {{from: number, to: number, kind: Kind}} Token */

/** Tried in this order at every position; the last takes any character. */
const patterns = /(?<comment>#[^\n]*)|(?<string>"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`[^`]*`?)|(?<variable>\$\{[^}\n]*\}?|\$\w+|\[\[\w+(?::\w+)?\]\])|(?<number>(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?(?:ns|us|µs|ms|[smhdwyKMGTi]+B?)?(?:\d+(?:ms|[smhdwy]))*)|(?<word>[A-Za-z_:.][\w:.]*)|(?<operator>[-+*/%^=!<>~|&@,]+)|(?<bracket>[(){}[\]])|(?<space>\s+)|(?<other>[^])/gy;

/**
 * Pieces that together are the whole text.
 * @param {Language} language
 * @param {string} text
 * @returns {Token[]}
 */
export function tokenize(language, text) {
    const known = words[language];
    /** @type {Token[]} */
    const tokens = [];
    let braces = 0;
    /** Open parentheses: whether labels stand in them, as in `by (job)`. */
    const parentheses = [];
    let before = '';
    patterns.lastIndex = 0;
    for (let match = patterns.exec(text); match && match[0] !== ''; match = patterns.exec(text)) {
        const from = match.index;
        const groups = /** @type {Record<string, string | undefined>} */ (match.groups);
        const [piece] = match;
        let kind = /** @type {Kind} */ (Object.keys(groups).find((name) => groups[name] !== undefined));
        if (groups.word !== undefined) {
            kind = kindOfWord({ language, piece, known, inBraces: braces > 0, inLabels: parentheses[parentheses.length - 1] === true, afterPipe: before === '|', called: /^\s*\(/.test(text.slice(from + piece.length)) });
        } else if (groups.other !== undefined) {
            kind = 'operator';
        }
        if (piece === '{') braces += 1;
        if (piece === '}') braces = Math.max(0, braces - 1);
        if (piece === '(') parentheses.push(/^(?:by|without|on|ignoring|group_left|group_right)$/.test(before) && language !== 'traceql');
        if (piece === ')') parentheses.pop();
        if (kind !== 'space') before = piece;
        tokens.push({ from, to: from + piece.length, kind });
    }
    return tokens;
}

/**
 * @param {{language: Language, piece: string, known: Map<string, import('./words.js').Word>, inBraces: boolean, inLabels: boolean, afterPipe: boolean, called: boolean}} context
 * @returns {Kind}
 */
function kindOfWord({ language, piece, known, inBraces, inLabels, afterPipe, called }) {
    const word = known.get(piece);
    if (language === 'traceql') {
        if (word?.kind === 'function' && called) return 'function';
        return word?.kind === 'keyword' || /^(?:server|client|producer|consumer|internal|unspecified)$/.test(piece) ? 'keyword' : 'label';
    }
    if (inBraces || inLabels) return 'label';
    if (word?.kind === 'function' && (called || isAggregation(piece))) return 'function';
    if (word?.kind === 'keyword' && (language === 'promql' || afterPipe || called || piece === 'offset')) return 'keyword';
    return language === 'promql' ? 'name' : 'label';
}

/** @param {string} word may stand before `by (…)` */
function isAggregation(word) {
    return /^(?:sum|avg|min|max|count|group|stddev|stdvar|topk|bottomk|quantile|count_values|limitk|limit_ratio)$/.test(word);
}

/**
 * Where a server says that a query is wrong: `1:7: parse error`, `line 1, col 7`.
 * @param {string} message
 * @param {string} text
 * @returns {{from: number, to: number} | undefined} in characters of the text, at least one of them unless it is empty
 */
export function placeOf(message, text) {
    const found = /line (\d+), col(?:umn)? (\d+)/.exec(message) ?? /(?:^|[\s"])(\d+):(\d+): /.exec(message);
    if (!found) return undefined;
    const lines = text.split('\n');
    const line = Number(found[1]) - 1;
    if (line < 0 || line >= lines.length) return undefined;
    const start = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
    const at = start + Math.min(Math.max(0, Number(found[2]) - 1), lines[line].length);
    const piece = /^(?:[\w:.]+|\S)/.exec(text.slice(at));
    // At the end there is nothing to underline but what stands last.
    if (!piece) return text.trimEnd() === '' ? undefined : { from: text.trimEnd().length - 1, to: text.trimEnd().length };
    return { from: at, to: at + piece[0].length };
}
