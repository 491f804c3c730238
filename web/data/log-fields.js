// The fields that a log line has beside its labels, and what can be counted over many lines.

/** @typedef {import('../types/model').LogLine} LogLine */
/** @typedef {'label' | 'metadata' | 'json' | 'logfmt'} Place where a field stands; `json` and `logfmt`: in the line itself */

/** Longer lines are not read for fields. */
const longest = 100_000;

/**
 * Fields of a line that is JSON or logfmt, named as LogQL's parsers name them.
 * @param {string} line
 * @returns {{place: 'json' | 'logfmt', fields: Record<string, string>} | undefined}
 */
export function fieldsOf(line) {
    if (line.length > longest) return undefined;
    if (/^\s*\{/.test(line)) {
        try {
            return { place: 'json', fields: flattened(JSON.parse(line)) };
        } catch {
            return undefined;
        }
    }
    /** @type {Record<string, string>} */
    const fields = {};
    let letters = 0;
    for (const [pair, name, quoted, bare] of line.matchAll(/(?<![\w.-])([A-Za-z_][\w.-]{0,200})=(?:"((?:\\.|[^"\\])*)"|(\S*))/g)) {
        fields[nameOf(name)] ??= quoted !== undefined ? quoted.replace(/\\(["\\])/g, '$1') : bare ?? '';
        letters += pair.length;
    }
    // Prose with an equals sign in it is no logfmt: most of the line must be pairs.
    return Object.keys(fields).length > 1 && letters > line.length / 2 ? { place: 'logfmt', fields } : undefined;
}

/** @param {string} name */
function nameOf(name) {
    return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

/**
 * Nested objects joined by `_`, lists left out, as `| json` does.
 * @param {any} value
 * @returns {Record<string, string>}
 */
function flattened(value) {
    /** @type {Record<string, string>} */
    const fields = {};
    /** @type {[string, any][]} */
    const open = Object.entries(value ?? {});
    for (let entry = open.shift(); entry && Object.keys(fields).length < 500; entry = open.shift()) {
        const [name, one] = entry;
        if (Array.isArray(one)) continue;
        if (one !== null && typeof one === 'object') open.unshift(...Object.entries(one).map(([inner, more]) => /** @type {[string, any]} */ ([`${name}_${inner}`, more])));
        else fields[nameOf(name)] ??= String(one ?? '');
    }
    return fields;
}

/** @param {LogLine} line @param {string} name @param {Place} place */
export function valueAt(line, name, place) {
    if (place === 'label') return line.labels[name];
    if (place === 'metadata') return line.metadata[name];
    return fieldsOf(line.line)?.fields[name];
}

/**
 * How often which value of a field comes among lines.
 * @param {LogLine[]} lines @param {string} name @param {Place} place
 * @returns {{total: number, distinct: number, top: [string, number][]}} `total`: lines that have the field; the ten most frequent values
 */
export function statisticsOf(lines, name, place) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    let total = 0;
    for (const line of lines) {
        const value = valueAt(line, name, place);
        if (value === undefined) continue;
        total += 1;
        counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return { total, distinct: counts.size, top: [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, 10) };
}

/**
 * Lines with a column for every label and field.
 * @param {LogLine[]} lines
 * @returns {import('../types/model').Frame}
 */
export function linesTable(lines) {
    const names = [...new Set(lines.flatMap((line) => [...Object.keys(line.labels), ...Object.keys(line.metadata)]))].sort();
    const column = (/** @type {string} */ name, /** @type {'time' | 'string'} */ type, /** @type {any[]} */ values) => ({ name, type, values, config: {} });
    return {
        refId: 'A', rows: lines.length, fields: [
            column('Time', 'time', lines.map((line) => line.timeMs)), column('Level', 'string', lines.map((line) => line.level)), column('Line', 'string', lines.map((line) => line.line)),
            ...names.map((name) => column(name, 'string', lines.map((line) => line.metadata[name] ?? line.labels[name] ?? ''))),
        ],
    };
}

/**
 * A line of JSON over several lines; nothing for any other.
 * @param {string} text
 */
export function prettified(text) {
    if (text.length > longest || !/^\s*[{[]/.test(text)) return undefined;
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return undefined;
    }
}
