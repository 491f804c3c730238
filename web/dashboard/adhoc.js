// Ad hoc filters: matchers which are added to every selector of a query.

/** @typedef {import('../types/model').AdhocFilter} AdhocFilter */

export const operators = ['=', '!=', '=~', '!~'];

/** Words of PromQL which are no metric; those with a list of labels behind them. */
const listed = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const words = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan', 'atan2', 'start', 'end', ...listed]);

/**
 * @param {string} expr PromQL or LogQL
 * @param {AdhocFilter[]} filters
 * @param {boolean} onlyBraces LogQL has selectors in braces only
 */
export function withFilters(expr, filters, onlyBraces) {
    if (filters.length === 0) return expr;
    const matchers = filters.map(matcherText).join(', ');
    const token = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|\[[^\]]*\]|\{|\d[\w.]*|[A-Za-z_:][\w:]*/g;
    let made = '';
    let last = 0;
    for (let match = token.exec(expr); match; match = token.exec(expr)) {
        const [text] = match;
        const after = token.lastIndex;
        if (text === '{') {
            const end = closing(expr, after);
            const inside = expr.slice(after, end);
            made += `${expr.slice(last, after)}${inside}${inside.trim() === '' || /,\s*$/.test(inside) ? '' : ', '}${matchers}`;
            last = end;
            token.lastIndex = end;
        } else if (!onlyBraces && /^[A-Za-z_:]/.test(text)) {
            const next = /^\s*(.)/s.exec(expr.slice(after))?.[1];
            const word = text.toLowerCase();
            if (listed.has(word) && next === '(') token.lastIndex = Math.max(after, expr.indexOf(')', after) + 1);
            // An aggregation may have its labels before its operand: `sum by (job) (…)`.
            else if (!words.has(word) && next !== '(' && next !== '{' && !/^\s*(by|without)\b/i.test(expr.slice(after))) {
                made += `${expr.slice(last, after)}{${matchers}}`;
                last = after;
            }
        }
    }
    return made + expr.slice(last);
}

/** @param {AdhocFilter} filter */
export function matcherText({ key, operator, value }) {
    return `${key}${operators.includes(operator) ? operator : '='}"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}

/** @param {string} expr @param {number} from behind the opening brace */
function closing(expr, from) {
    const token = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\}/g;
    token.lastIndex = from;
    for (let match = token.exec(expr); match; match = token.exec(expr)) if (match[0] === '}') return match.index;
    return expr.length;
}

/**
 * `key|operator|value` of the address.
 * @param {string} text
 * @returns {AdhocFilter | undefined}
 */
export function parseFilter(text) {
    const [key, operator, ...value] = text.split('|');
    return /^[A-Za-z_][\w.]*$/.test(key ?? '') && operators.includes(operator) ? { key, operator, value: value.join('|') } : undefined;
}

/** @param {AdhocFilter} filter */
export function filterText({ key, operator, value }) {
    return `${key}|${operator}|${value}`;
}
