// Grafana's server-side expressions, computed in the page: reduce, math, resample (kept as it is), threshold.

import { displayName } from './fields.js';
import { reduce } from './reducers.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {{labels: Record<string, string>, times: number[] | null, values: any[], field: Field}} Operand `times` is null for a plain number */

/**
 * @param {import('../types/model').Target[]} targets expressions, which may refer to each other
 * @param {Frame[]} frames the answers of the other queries
 * @returns {Frame[]} of the expressions that are not hidden
 */
export function evaluateExpressions(targets, frames) {
    const known = new Map();
    for (const frame of frames) known.set(frame.refId, [...known.get(frame.refId) ?? [], ...operandsOf(frame)]);
    const waiting = [...targets];
    /** @type {Frame[]} */
    const made = [];
    while (waiting.length > 0) {
        const at = waiting.findIndex((target) => referred(target).every((name) => known.has(name) || !waiting.some((other) => other.refId === name)));
        if (at < 0) throw new Error(`The expressions ${waiting.map((one) => one.refId).join(', ')} depend on each other in a circle.`);
        const [target] = waiting.splice(at, 1);
        const result = evaluate(target, known);
        known.set(target.refId, result);
        if (!target.hide) made.push(...result.map((one) => frameOf(target.refId, one)));
    }
    return made;
}

/** @param {import('../types/model').Target} target */
function referred(target) {
    const text = String(target.expression ?? '');
    if (target.type !== 'math') return [text.replace(/^\$?\{?|\}$/g, '')].filter(Boolean);
    return [...text.matchAll(/\$\{?(\w+)\}?/g)].map(([, name]) => name);
}

/** @param {Frame} frame @returns {Operand[]} */
function operandsOf(frame) {
    const time = frame.fields.find((field) => field.type === 'time');
    return frame.fields.filter((field) => field.type === 'number').map((field) => ({
        labels: field.labels ?? {}, times: frame.rows === 1 || !time ? null : time.values, values: field.values, field,
    }));
}

/** @param {string} refId @param {Operand} operand @returns {Frame} */
function frameOf(refId, { labels, times, values, field }) {
    const name = Object.keys(labels).length > 0 ? displayName(field) : refId;
    return {
        refId, rows: values.length,
        fields: [...(times ? [{ name: 'Time', type: /** @type {'time'} */ ('time'), values: times, config: {} }] : []),
            { name: 'Value', type: 'number', labels, values, refId, config: { displayNameFromDS: name } }],
    };
}

/** @param {import('../types/model').Target} target @param {Map<string, Operand[]>} known @returns {Operand[]} */
function evaluate(target, known) {
    const [input] = referred(target);
    switch (target.type) {
        case 'math': return new MathReader(String(target.expression ?? ''), known).result();
        case 'reduce': return (known.get(input) ?? []).map((one) => ({ ...one, times: null, values: [reduce(kept(one.values, target.settings), target.reducer ?? 'lastNotNull')] }));
        case 'resample': return known.get(input) ?? [];
        case 'threshold': {
            const { params = [0], type = 'gt' } = target.conditions?.[0]?.evaluator ?? {};
            return (known.get(input) ?? []).map((one) => ({ ...one, values: one.values.map((value) => (value === null ? null : Number(passes(value, type, params.map(Number))))) }));
        }
    }
    throw new Error(`Expressions of type “${target.type}” are not supported.`);
}

/** @param {any[]} values @param {any} settings */
function kept(values, settings) {
    const odd = (/** @type {any} */ value) => value === null || Number.isNaN(value) || !Number.isFinite(value);
    if (settings?.mode === 'dropNN') return values.filter((value) => !odd(value));
    if (settings?.mode === 'replaceNN') return values.map((value) => (odd(value) ? Number(settings.replaceWithValue ?? 0) : value));
    return values;
}

/** @param {number} value @param {string} type @param {number[]} params */
function passes(value, type, [first, second = 0]) {
    switch (type) {
        case 'lt': return value < first;
        case 'within_range': return value > first && value < second;
        case 'outside_range': return value < first || value > second;
        default: return value > first;
    }
}

/** @type {Record<string, (a: number, b: number) => number>} */
const binary = {
    '||': (a, b) => Number(a !== 0 || b !== 0), '&&': (a, b) => Number(a !== 0 && b !== 0), '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b),
    '<': (a, b) => Number(a < b), '<=': (a, b) => Number(a <= b), '>': (a, b) => Number(a > b), '>=': (a, b) => Number(a >= b),
    '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b, '**': (a, b) => a ** b,
};
/** Loosest first. */
const precedence = [['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%'], ['**']];
/** @type {Record<string, (value: number) => number>} */
const functions = {
    abs: Math.abs, log: Math.log, round: Math.round, ceil: Math.ceil, floor: Math.floor, is_nan: (value) => Number(Number.isNaN(value)),
    is_inf: (value) => Number(value === Infinity || value === -Infinity), is_number: (value) => Number(Number.isFinite(value)), is_null: (value) => Number(value === null),
};

/** Reads one expression and computes it on the way; loops and depth are bounded by its length. */
class MathReader {
    /** @param {string} text @param {Map<string, Operand[]>} known */
    constructor(text, known) {
        this.tokens = text.slice(0, 2000).match(/\$\{[^}]*\}|\$\w+|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\w+|\*\*|[<>=!]=|&&|\|\||[-+*/%<>!()]/gi) ?? [];
        this.known = known;
        this.at = 0;
    }

    /** @returns {Operand[]} */
    result() {
        const found = this.level(0);
        if (this.at < this.tokens.length) throw new Error(`The expression ends too early, at “${this.tokens[this.at]}”.`);
        return found;
    }

    /** @param {number} depth @returns {Operand[]} */
    level(depth) {
        if (depth === precedence.length) return this.sign();
        let left = this.level(depth + 1);
        while (precedence[depth].includes(this.tokens[this.at])) {
            const operate = binary[this.tokens[this.at++]];
            left = combined(left, this.level(depth === 6 ? depth : depth + 1), operate);
        }
        return left;
    }

    /** @returns {Operand[]} */
    sign() {
        const token = this.tokens[this.at];
        if (token === '-' || token === '!' || token === '+') {
            this.at += 1;
            return this.sign().map((one) => ({ ...one, values: one.values.map((value) => (value === null ? null : token === '-' ? -value : token === '!' ? Number(value === 0) : value)) }));
        }
        return this.primary();
    }

    /** @returns {Operand[]} */
    primary() {
        const token = this.tokens[this.at++];
        if (token === undefined) throw new Error('The expression lacks an operand.');
        if (token === '(') {
            const inner = this.level(0);
            if (this.tokens[this.at++] !== ')') throw new Error('A parenthesis of the expression is not closed.');
            return inner;
        }
        if (token.startsWith('$')) {
            const name = token.replace(/[${}]/g, '');
            const found = this.known.get(name);
            if (!found) throw new Error(`The expression uses “${name}”, which is no query of this panel.`);
            return found;
        }
        if (/^[\d.]/.test(token)) return [number(Number(token))];
        if (Object.hasOwn(functions, token) && this.tokens[this.at] === '(') {
            return this.primary().map((one) => ({ ...one, values: one.values.map((value) => (value === null && token !== 'is_null' ? null : functions[token](value))) }));
        }
        if (/^(nan|inf|infn|null)$/i.test(token)) {
            if (this.tokens[this.at] === '(') this.at += 2;
            return [number(/nan/i.test(token) ? NaN : /infn/i.test(token) ? -Infinity : /inf/i.test(token) ? Infinity : 0)];
        }
        throw new Error(`“${token}” is no function of an expression.`);
    }
}

/** @param {number} value @returns {Operand} */
function number(value) {
    return { labels: {}, times: null, values: [value], field: { name: 'Value', type: 'number', values: [value], config: {} } };
}

/** @param {Operand[]} left @param {Operand[]} right @param {(a: number, b: number) => number} operate @returns {Operand[]} */
function combined(left, right, operate) {
    const pairs = left.flatMap((a) => right.filter((b) => fits(a.labels, b.labels)).map((b) => [a, b]));
    // One thing on each side belongs together, whatever their labels; the answer has none then.
    if (pairs.length === 0 && left.length === 1 && right.length === 1) pairs.push([{ ...left[0], labels: {} }, { ...right[0], labels: {} }]);
    return pairs.map(([a, b]) => {
        const [series, other] = a.times ? [a, b] : [b, a];
        const apply = (/** @type {any} */ x, /** @type {any} */ y) => (x === null || y === null || x === undefined || y === undefined ? null : operate(x, y));
        const labels = Object.keys(a.labels).length >= Object.keys(b.labels).length ? a.labels : b.labels;
        const { field } = Object.keys(a.labels).length >= Object.keys(b.labels).length ? a : b;
        if (!series.times) return { labels, times: null, values: [apply(a.values[0], b.values[0])], field };
        const at = other.times ? new Map(other.times.map((time, index) => [time, other.values[index]])) : null;
        const values = series.values.map((value, index) => {
            const mate = at ? at.get(/** @type {number[]} */ (series.times)[index]) : other.values[0];
            return series === a ? apply(value, mate) : apply(mate, value);
        });
        return { labels, times: series.times, values, field };
    });
}

/**
 * Labels agree when one set holds the other.
 * @param {Record<string, string>} a @param {Record<string, string>} b
 */
function fits(a, b) {
    return Object.entries(a).every(([name, value]) => !(name in b) || b[name] === value) && (Object.keys(a).every((name) => name in b) || Object.keys(b).every((name) => name in a));
}
