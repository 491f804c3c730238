// A graph in layers: who calls stands left of who is called.

import { displayName } from '../data/fields.js';
import { display } from '../format/display.js';
import { resolveColor } from '../format/colors.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Field} Field */
/** @typedef {{id: string, title: string, subtitle: string, main: string, secondary: string, arcs: {share: number, color: string}[], color: string, x: number, y: number}} Node */
/** @typedef {{source: Node, target: Node, main: string, secondary: string, weight: number, color: string}} Edge `color`: empty for the usual one */

/** Beyond this many a picture of a graph tells nothing. */
export const mostNodes = 300;
const [across, down] = [210, 128];
/** A layer of at most so many stays one column, however few there are in all. */
const leastWrapped = 10;

/**
 * @param {Frame[]} frames
 * @returns {{nodes: Node[], edges: Edge[], width: number, height: number, left: number}} `left`: nodes beyond those that are drawn
 */
export function nodeGraph(frames) {
    const field = (/** @type {Frame} */ frame, /** @type {string} */ name) => frame.fields.find((one) => one.name.toLowerCase() === name || displayName(one).toLowerCase() === name);
    const edgeFrames = frames.filter((frame) => field(frame, 'source') && field(frame, 'target'));
    const nodeFrames = frames.filter((frame) => !edgeFrames.includes(frame) && field(frame, 'id'));
    /** @type {Map<string, Node>} */
    const nodes = new Map();
    let left = 0;
    const put = (/** @type {string} */ id, /** @type {Partial<Node>} */ more) => {
        if (nodes.size >= mostNodes && !nodes.has(id)) {
            left += 1;
            return;
        }
        const blank = { id, title: id, subtitle: '', main: '', secondary: '', arcs: [], color: resolveColor('blue'), x: 0, y: 0 };
        nodes.set(id, { ...blank, ...nodes.get(id), ...more });
    };
    for (const frame of nodeFrames) {
        const ids = /** @type {Field} */ (field(frame, 'id'));
        const arcs = frame.fields.filter((one) => one.name.startsWith('arc__'));
        const color = field(frame, 'color');
        ids.values.forEach((id, row) => put(String(id), {
            title: textAt(field(frame, 'title'), row) || String(id), subtitle: textAt(field(frame, 'subtitle'), row), main: textAt(field(frame, 'mainstat'), row), secondary: textAt(field(frame, 'secondarystat'), row),
            arcs: arcs.map((arc) => ({ share: Number(arc.values[row]) || 0, color: resolveColor(arc.config.color?.fixedColor) })).filter(({ share }) => share > 0),
            ...(color ? { color: typeof color.values[row] === 'string' ? resolveColor(color.values[row]) : display(color.values[row], color.config).color } : {}),
        }));
    }
    /** @type {Edge[]} */
    const edges = [];
    for (const frame of edgeFrames) {
        const [from, to] = [field(frame, 'source'), field(frame, 'target')];
        for (let row = 0; row < frame.rows; row++) {
            const ids = [String(from?.values[row] ?? ''), String(to?.values[row] ?? '')];
            for (const id of ids) if (!nodes.has(id)) put(id, {});
            const [source, target] = ids.map((id) => nodes.get(id));
            if (!source || !target) continue;
            edges.push({ source, target, main: textAt(field(frame, 'mainstat'), row), secondary: textAt(field(frame, 'secondarystat'), row), weight: Math.min(8, Number(field(frame, 'thickness')?.values[row]) || 1.4), color: edgeColor(field(frame, 'color')?.values[row]) });
        }
    }
    const all = [...nodes.values()];
    return { nodes: all, edges, left, ...place(all, edges) };
}

/** @param {any} color */
function edgeColor(color) {
    return typeof color === 'string' && color !== '' ? resolveColor(color) : '';
}

/** @param {Field | undefined} field @param {number} row */
function textAt(field, row) {
    if (!field || field.values[row] === null || field.values[row] === undefined) return '';
    const shown = display(field.values[row], field.config);
    return shown.prefix + shown.text + shown.suffix;
}

/**
 * Sets x and y of every node: layers by the longest way from a beginning, within a layer near to their neighbours.
 * @param {Node[]} nodes @param {Edge[]} edges
 */
function place(nodes, edges) {
    const next = new Map(nodes.map((node) => [node, /** @type {Node[]} */ ([])]));
    const before = new Map(nodes.map((node) => [node, /** @type {Node[]} */ ([])]));
    for (const { source, target } of forwardEdges(nodes, edges)) {
        next.get(source)?.push(target);
        before.get(target)?.push(source);
    }
    const ranks = ranksOf(nodes, next, before);
    /** @type {Node[][]} */
    const layers = [];
    for (const node of nodes) (layers[ranks.get(node) ?? 0] ??= []).push(node);
    const position = new Map();
    const number = () => layers.forEach((layer) => layer.forEach((node, index) => position.set(node, index - (layer.length - 1) / 2)));
    number();
    for (let sweep = 0; sweep < 6; sweep++) {
        const [order, near] = sweep % 2 === 0 ? [layers, before] : [[...layers].reverse(), next];
        for (const layer of order) {
            const wish = new Map(layer.map((node) => {
                const neighbours = near.get(node) ?? [];
                return [node, neighbours.length > 0 ? neighbours.reduce((sum, other) => sum + position.get(other), 0) / neighbours.length : position.get(node)];
            }));
            layer.sort((a, b) => wish.get(a) - wish.get(b));
            layer.forEach((node, index) => position.set(node, index - (layer.length - 1) / 2));
        }
    }
    const columns = layers.flatMap((layer) => pieces(layer, Math.max(leastWrapped, Math.ceil(Math.sqrt(nodes.length)))));
    const tallest = columns.reduce((most, column) => Math.max(most, column.length), 1);
    columns.forEach((column, index) => column.forEach((node, row) => {
        node.x = 90 + index * across;
        node.y = 70 + (row + (tallest - column.length) / 2) * down;
    }));
    return { width: 180 + Math.max(0, columns.length - 1) * across, height: 150 + (tallest - 1) * down };
}

/**
 * A layer that is taller than the picture is wide stands in several columns.
 * @template T
 * @param {T[]} list @param {number} most @returns {T[][]}
 */
function pieces(list, most) {
    const count = Math.max(1, Math.ceil(list.length / most));
    return Array.from({ length: count }, (_, index) => list.slice(Math.round((index * list.length) / count), Math.round(((index + 1) * list.length) / count)));
}

/**
 * The edges without those that lead back into the way that led to them.
 * @param {Node[]} nodes @param {Edge[]} edges
 */
function forwardEdges(nodes, edges) {
    const out = new Map(nodes.map((node) => [node, /** @type {Edge[]} */ ([])]));
    const targets = new Set(edges.filter((edge) => edge.source !== edge.target).map((edge) => edge.target));
    for (const edge of edges) if (edge.source !== edge.target) out.get(edge.source)?.push(edge);
    /** @type {Map<Node, 'open' | 'done'>} */
    const state = new Map();
    /** @type {Edge[]} */
    const kept = [];
    for (const start of [...nodes.filter((node) => !targets.has(node)), ...nodes]) {
        if (state.has(start)) continue;
        const stack = [{ node: start, at: 0 }];
        state.set(start, 'open');
        while (stack.length > 0) {
            const top = stack[stack.length - 1];
            const edge = (out.get(top.node) ?? [])[top.at++];
            if (!edge) {
                state.set(top.node, 'done');
                stack.pop();
            } else if (state.get(edge.target) !== 'open') {
                kept.push(edge);
                if (!state.has(edge.target)) {
                    state.set(edge.target, 'open');
                    stack.push({ node: edge.target, at: 0 });
                }
            }
        }
    }
    return kept;
}

/** @param {Node[]} nodes @param {Map<Node, Node[]>} next @param {Map<Node, Node[]>} before */
function ranksOf(nodes, next, before) {
    const ranks = new Map(nodes.map((node) => [node, 0]));
    const waiting = new Map(nodes.map((node) => [node, before.get(node)?.length ?? 0]));
    const ready = nodes.filter((node) => waiting.get(node) === 0);
    for (let node = ready.pop(); node; node = ready.pop()) {
        for (const target of next.get(node) ?? []) {
            ranks.set(target, Math.max(ranks.get(target) ?? 0, (ranks.get(node) ?? 0) + 1));
            waiting.set(target, (waiting.get(target) ?? 1) - 1);
            if (waiting.get(target) === 0) ready.push(target);
        }
    }
    return ranks;
}
