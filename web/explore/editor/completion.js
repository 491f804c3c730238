// What may come next in a query: functions, names, labels and their values.

import * as loki from '../../data/loki.js';
import { forAMinute } from '../../data/minute-cache.js';
import * as prometheus from '../../data/prometheus.js';
import * as tempo from '../../data/tempo.js';
import { words } from './words.js';

/** @typedef {import('../../types/model').TimeRange} TimeRange */
/** @typedef {{text: string, kind: string, insert?: string, about?: string}} Option `insert`: what is written where it is not the text */
/** @typedef {{from: number, options: Option[]}} Offer `from`: where the word that is replaced begins */
/** @typedef {(before: string) => Promise<Offer>} Complete told the text before the cursor */

/**
 * Where the cursor stands in PromQL or LogQL.
 * @param {string} before
 * @returns {{kind: 'value' | 'label' | 'window' | 'text' | 'name', word: string, label: string, metric: string}}
 */
export function contextOf(before) {
    // Texts in quotes may hold braces; all but the one that is being written are blanked.
    const plain = before.replace(/"(?:\\.|[^"\\])*"|`[^`]*`/g, (text) => '_'.repeat(text.length));
    const open = plain.lastIndexOf('{');
    const inside = open > plain.lastIndexOf('}');
    const metric = inside ? /[\w:]+$/.exec(plain.slice(0, open))?.[0] ?? '' : '';
    const value = inside ? /([\w.:]+)\s*(?:=~|!~|!=|=|>=|<=|>|<)\s*"((?:\\.|[^"\\])*)$/.exec(before.slice(open)) : null;
    if (value) return { kind: 'value', label: value[1], word: value[2], metric };
    if (/["`]/.test(plain)) return { kind: 'text', word: '', label: '', metric };
    if (/\[[^\]]*$/.test(plain)) return { kind: 'window', word: /[\w$]*$/.exec(plain)?.[0] ?? '', label: '', metric };
    const word = /[\w:.]*$/.exec(plain)?.[0] ?? '';
    const grouped = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*$/.test(plain);
    if (inside || grouped) return { kind: 'label', word, label: '', metric: inside ? metric : '' };
    return { kind: 'name', word, label: '', metric: '' };
}

const windows = ['$__rate_interval', '$__interval', '$__range', '1m', '5m', '15m', '1h', '1d'].map((text) => ({ text, kind: 'duration' }));

/** @type {Offer} */
const nothing = { from: 0, options: [] };

/** @param {string} text */
const label = (text) => ({ text, kind: 'label' });
/** @param {string} text */
const valueOption = (text) => ({ text, kind: 'value', insert: text.replace(/["\\]/g, '\\$&') });

/**
 * The words of a language as options; a function is written with its open parenthesis.
 * @param {'promql' | 'logql' | 'traceql'} language
 * @param {(kind: string) => boolean} [wanted]
 * @returns {Option[]}
 */
function known(language, wanted = () => true) {
    return [...words[language]].filter(([, word]) => wanted(word.kind)).map(([text, word]) => ({
        text, kind: word.kind, about: word.form ? `${word.form}\n${word.about}` : word.about,
        insert: word.kind !== 'function' ? undefined : word.form?.endsWith('()') ? `${text}()` : / by \(/.test(word.form ?? '') ? `${text} ` : `${text}(`,
    }));
}

/** @param {string} uid @param {TimeRange} range @returns {Complete} */
export function completePromQL(uid, range) {
    return async (before) => {
        const { kind, word, label: name, metric } = contextOf(before);
        const from = before.length - word.length;
        const matchers = metric ? [metric] : [];
        if (kind === 'value') return { from, options: bestFits((await forAMinute(`${uid}/v/${name}/${metric}`, () => prometheus.labelValues(uid, name, matchers, range))).map(valueOption), word) };
        if (kind === 'label') return { from, options: bestFits((await forAMinute(`${uid}/l/${metric}`, () => prometheus.labelNames(uid, matchers, range))).map(label), word) };
        if (kind === 'window') return { from, options: bestFits(windows, word) };
        if (kind === 'text' || word === '') return nothing;
        const [names, about] = await Promise.all([
            forAMinute(`${uid}/names`, () => prometheus.labelValues(uid, '__name__', [], range)),
            forAMinute(`${uid}/about`, () => prometheus.metricTexts(uid)).catch(() => new Map()),
        ]);
        return { from, options: bestFits([...known('promql'), ...names.map((text) => ({ text, kind: 'metric', about: about.get(text) ?? about.get(text.replace(/_(?:bucket|count|sum|total)$/, '')) }))], word) };
    };
}

/** @param {string} uid @param {TimeRange} range @returns {Complete} */
export function completeLogQL(uid, range) {
    return async (before) => {
        const { kind, word, label: name } = contextOf(before);
        const from = before.length - word.length;
        if (kind === 'value') return { from, options: bestFits((await forAMinute(`${uid}/v/${name}`, () => loki.labelValues(uid, name, range))).map(valueOption), word) };
        if (kind === 'label') return { from, options: bestFits((await forAMinute(`${uid}/l`, () => loki.labelNames(uid, range))).map(label), word) };
        if (kind === 'window') return { from, options: bestFits(windows, word) };
        if (kind === 'text') return nothing;
        const selector = /\{[^{}]*\}/.exec(before)?.[0];
        const piped = /\|\s*[\w.]*$/.test(before) || /\b(?:and|or|unwrap|drop|keep)\s+[\w.]*$/.test(before);
        if (selector && piped) {
            const fields = await forAMinute(`${uid}/f/${selector}`, () => loki.detectedFields(uid, selector, range)).catch(() => []);
            return { from, options: bestFits([...known('logql', (one) => one === 'keyword'), ...fields.map((text) => ({ text, kind: 'field' }))], word) };
        }
        return word === '' || selector ? nothing : { from, options: bestFits(known('logql', (one) => one === 'function'), word) };
    };
}

/** Values that are words of the language, by the intrinsic. */
const enumerations = /** @type {Record<string, string[]>} */ ({
    status: ['error', 'ok', 'unset'], kind: ['server', 'client', 'producer', 'consumer', 'internal', 'unspecified'],
});

/** @param {string} uid @returns {Complete} */
export function completeTraceQL(uid) {
    return async (before) => {
        const { kind, word, label: name } = contextOf(before);
        const from = before.length - word.length;
        if (kind === 'value') return { from, options: bestFits((await forAMinute(`${uid}/v/${name}`, () => tempo.scopedValues(uid, name))).map(valueOption), word) };
        if (kind === 'text') return nothing;
        const asked = /([\w.:]+)\s*(?:=|!=)\s*(\w*)$/.exec(before);
        if (asked && Object.hasOwn(enumerations, asked[1])) {
            return { from: before.length - asked[2].length, options: bestFits(enumerations[asked[1]].map((text) => ({ text, kind: 'keyword' })), asked[2]) };
        }
        if (asked) {
            const values = await forAMinute(`${uid}/v/${asked[1]}`, () => tempo.scopedValues(uid, asked[1]));
            return { from: before.length - asked[2].length, options: bestFits(values.map((text) => ({ text, kind: 'value', insert: /^-?[\d.]+$|^(?:true|false)$/.test(text) ? text : JSON.stringify(text) })), asked[2]) };
        }
        const attributes = async () => (await forAMinute(`${uid}/tags`, () => tempo.tagNames(uid))).map(label);
        if (kind === 'label') return { from, options: bestFits([...known('traceql', (one) => one !== 'function'), ...await attributes()], word) };
        if (/\((?:[^()]*,)?\s*[\w.]*$/.test(before)) return { from, options: bestFits([...known('traceql', (one) => one === 'field'), ...await attributes()], word) };
        return /\|\s*\w*$/.test(before) || word !== '' ? { from, options: bestFits(known('traceql', (one) => one === 'function'), word) } : nothing;
    };
}

/**
 * The best fits first: those that begin with the word, then those that hold it, then those that hold its letters in order. Without a word
 * they stay as they are.
 * @param {Option[]} options
 * @param {string} word
 */
export function bestFits(options, word) {
    const wanted = word.toLowerCase();
    const seen = new Set();
    /** @type {{option: Option, rank: number}[]} */
    const ranked = [];
    for (const option of options) {
        const text = option.text.toLowerCase();
        const rank = text.startsWith(wanted) ? 0 : text.includes(wanted) ? 1 : wanted.length > 2 && holdsInOrder(text, wanted) ? 2 : 3;
        if (rank === 3 || seen.has(option.text) || (option.text === word && !option.insert)) continue;
        seen.add(option.text);
        ranked.push({ option, rank });
    }
    if (wanted !== '') ranked.sort((a, b) => a.rank - b.rank || a.option.text.length - b.option.text.length || a.option.text.localeCompare(b.option.text));
    // What merely holds the letters is for those who find nothing else.
    const good = ranked.filter(({ rank }) => rank < 2);
    return (good.length >= 5 ? good : ranked).slice(0, 60).map(({ option }) => option);
}

/** @param {string} text @param {string} letters */
function holdsInOrder(text, letters) {
    let at = -1;
    return [...letters].every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}
