// Log lines as a panel shows them: equal ones once, and the labels in which they differ.

/** @typedef {import('../types/model').LogLine} LogLine */

/** @type {Record<string, (line: string) => string>} */
const signatures = {
    exact: (line) => line.replace(/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?/g, ''),
    numbers: (line) => line.replace(/\d+/g, '#'),
    signature: (line) => line.replace(/\w+/g, ''),
};

/**
 * Neighbours that say the same are one, with their number.
 * @param {LogLine[]} lines @param {string} strategy none, exact, numbers or signature
 * @returns {{lines: LogLine[], counts: Map<string, number>}} `counts` by the key of the line that is kept
 */
export function deduplicated(lines, strategy) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    if (!Object.hasOwn(signatures, strategy)) return { lines, counts };
    const sign = signatures[strategy];
    /** @type {LogLine[]} */
    const kept = [];
    let before = '';
    for (const line of lines) {
        const signature = sign(line.line.slice(0, 10_000));
        const last = kept[kept.length - 1];
        if (last && signature === before) {
            counts.set(last.key, (counts.get(last.key) ?? 1) + 1);
        } else {
            kept.push(line);
            before = signature;
        }
    }
    return { lines: kept, counts };
}

/** @param {LogLine[]} lines @returns {Record<string, string>} labels which all lines have alike */
export function commonLabels(lines) {
    const common = { ...lines[0]?.labels };
    for (const { labels } of lines) for (const name of Object.keys(common)) if (labels[name] !== common[name]) delete common[name];
    return common;
}

/** @param {LogLine} line @param {Record<string, string>} common */
export function ownLabels({ labels }, common) {
    return Object.entries(labels).filter(([name]) => !(name in common)).map(([name, value]) => `${name}=${value.slice(0, 120)}`).join(' ');
}
