// Where each span of a trace stands in a flame graph over time.

/** @typedef {import('../types/model').SpanNode} SpanNode */
/** @typedef {{node: SpanNode, row: number}} Block */

/**
 * Every span lies below its parent; spans of the same time lie in rows of their own.
 * @param {SpanNode[]} roots
 * @returns {{blocks: Block[], rows: number}} in order of their start
 */
export function flameBlocks(roots) {
    /** @type {SpanNode[]} */
    const nodes = [];
    const open = [...roots];
    for (let node = open.pop(); node; node = open.pop()) {
        nodes.push(node);
        open.push(...node.children);
    }
    // Parents before their children where both start at once.
    nodes.sort((a, b) => a.span.startUs - b.span.startUs || a.depth - b.depth);
    /** The end of the last span in each row; what comes later starts no earlier, so one number says whether there is room. */
    const ends = /** @type {number[]} */ ([]);
    /** @type {Map<SpanNode, number>} */
    const rowOf = new Map();
    const blocks = nodes.map((node) => {
        const { startUs, durationUs } = node.span;
        // A clock that is wrong may start a child before its parent, which has no row yet then.
        let row = node.parent ? (rowOf.get(node.parent) ?? node.depth - 1) + 1 : 0;
        while ((ends[row] ?? -1) > startUs) row += 1;
        while (ends.length < row) ends.push(-1);
        ends[row] = startUs + durationUs;
        rowOf.set(node, row);
        return { node, row };
    });
    return { blocks, rows: ends.length };
}
