// An alert's expression → what it looks at, and the line that it must not cross.

import { tokenize } from '../explore/editor/tokens.js';

/**
 * @typedef {{text: string, from: number, to: number, depth: number, kind: string}} Piece
 * @typedef {{expr: string, operator: string, value?: number, against?: string}} Threshold `value`: a constant line, `against`: an expression that is the line
 */

/** @type {Record<string, string>} what `5 > x` says of x */
const turned = { '>': '<', '<': '>', '>=': '<=', '<=': '>=', '==': '==', '!=': '!=' };

/**
 * The first comparison at the top of an expression: of several that are joined by `and`, `or` or `unless`, that of the first.
 * @param {'promql' | 'logql'} language
 * @param {string} text
 * @returns {Threshold | undefined} nothing where nothing is compared
 */
export function thresholdOf(language, text) {
    const pieces = piecesOf(language, text);
    if (pieces.length === 0) return undefined;
    const [first, last] = [pieces[0], pieces[pieces.length - 1]];
    if (first.text === '(' && last.text === ')' && pieces.every((piece, index) => index === 0 || index === pieces.length - 1 || piece.depth > 0)) {
        return thresholdOf(language, text.slice(first.to, last.from));
    }
    const end = pieces.find((piece) => piece.depth === 0 && /^(?:and|or|unless)$/i.test(piece.text))?.from ?? text.length;
    const compared = pieces.filter((piece) => piece.to <= end && piece.depth === 0 && piece.kind === 'operator' && /^(?:[<>]=?|[=!]=)-?$/.test(piece.text));
    const at = compared[compared.length - 1];
    // Grouped as one operand: `(a > 1) and b`.
    if (!at) return end < text.length ? thresholdOf(language, text.slice(0, end)) : undefined;
    const operator = at.text.replace('-', '');
    const left = text.slice(0, at.from).trim();
    const right = `${at.text.endsWith('-') ? '-' : ''}${text.slice(at.to, end)}`.trim().replace(/^bool\b\s*/, '').replace(/^(?:on|ignoring)\s*\([^)]*\)\s*(?:group_(?:left|right)\s*(?:\([^)]*\))?\s*)?/, '').trim();
    if (left === '' || right === '') return undefined;
    const [low, high] = [constantOf(left), constantOf(right)];
    if (high !== undefined) return low === undefined ? { expr: left, operator, value: high } : undefined;
    if (low !== undefined) return { expr: right, operator: turned[operator], value: low };
    return { expr: left, operator, against: right };
}

/** @param {'promql' | 'logql'} language @param {string} text @returns {Piece[]} without space and comments, each with the brackets that it stands in */
function piecesOf(language, text) {
    let depth = 0;
    return tokenize(language, text).filter((token) => token.kind !== 'space' && token.kind !== 'comment').map((token) => {
        const piece = text.slice(token.from, token.to);
        if (/^[)\]}]$/.test(piece) && token.kind === 'bracket') depth -= 1;
        const found = { text: piece, from: token.from, to: token.to, depth, kind: token.kind };
        if (/^[([{]$/.test(piece) && token.kind === 'bracket') depth += 1;
        return found;
    });
}

/** @type {Record<string, number>} */
const seconds = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/**
 * The value of numbers, their sums and products, and durations, which PromQL takes as seconds.
 * @param {string} text
 * @returns {number | undefined}
 */
export function constantOf(text) {
    const tokens = text.match(/\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|0x[\da-fA-F]+|[-+*/()]|\S+?/g) ?? [];
    let at = 0;
    /** @returns {number} */
    const factor = () => {
        const token = tokens[at++];
        if (token === '-') return -factor();
        if (token === '+') return factor();
        if (token === '(') {
            const value = sum();
            return tokens[at++] === ')' ? value : NaN;
        }
        if (/^\d+(?:ms|[smhdwy])/.test(token ?? '')) return [...token.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((total, [, count, unit]) => total + Number(count) * seconds[unit], 0);
        return /^[\d.]/.test(token ?? '') ? Number(token) : NaN;
    };
    const product = () => {
        let value = factor();
        while (tokens[at] === '*' || tokens[at] === '/') value = tokens[at++] === '*' ? value * factor() : value / factor();
        return value;
    };
    /** @returns {number} */
    function sum() {
        let value = product();
        while (tokens[at] === '+' || tokens[at] === '-') value = tokens[at++] === '+' ? value + product() : value - product();
        return value;
    }
    const value = sum();
    return at === tokens.length && !Number.isNaN(value) ? value : undefined;
}

/**
 * Colours of the two sides of a line: what alerts is red.
 * @param {Threshold} threshold with a value
 * @returns {import('../types/model').Thresholds}
 */
export function thresholdSteps({ operator, value = 0 }) {
    const [below, above] = operator.startsWith('<') ? ['red', 'transparent'] : ['transparent', 'red'];
    return { mode: 'absolute', steps: [{ value: null, color: below }, { value, color: above }] };
}
