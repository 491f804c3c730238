// A trace as a flame graph over time, drawn on one canvas: as many rows as are in sight.

import { html, useLayoutEffect, useMemo, useRef, useState } from '../vendor/preact.js';
import { flameBlocks } from '../data/flame.js';
import { colorOfName, textOn, themeVariable } from '../format/colors.js';
import { useSize, useTheme } from '../ui/hooks.js';
import { microseconds } from './span-row.js';

/** @typedef {import('../types/model').SpanNode} SpanNode */
/** @typedef {import('./mini-map.js').Window} Window */

const rowHeight = 20;
/** A letter is about as wide; names that do not fit are cut, not squeezed. */
const letter = 6.4;

/**
 * @param {{roots: SpanNode[], shown: Window, matches: Set<string> | null, selected: string, onChoose: (id: string) => void, onShow: (shown: Window) => void}} properties
 */
export function FlameGraph({ roots, shown, matches, selected, onChoose, onShow }) {
    const [boxRef, size, box] = useSize();
    const theme = useTheme();
    const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
    const [top, setTop] = useState(0);
    const [hovered, setHovered] = useState(/** @type {{node: SpanNode, x: number, y: number} | null} */ (null));
    const { blocks, rows } = useMemo(() => flameBlocks(roots), [roots]);
    const byRow = useMemo(() => {
        /** @type {SpanNode[][]} */
        const lists = Array.from({ length: rows }, () => []);
        for (const { node, row } of blocks) lists[row].push(node);
        return lists;
    }, [blocks, rows]);
    const height = Math.min(rows * rowHeight + 2, 600);
    const scale = size.width / (shown.to - shown.from);
    useLayoutEffect(() => {
        const context = canvas.current?.getContext('2d');
        if (!context || !canvas.current || size.width === 0) return;
        const ratio = window.devicePixelRatio || 1;
        canvas.current.width = size.width * ratio;
        canvas.current.height = height * ratio;
        context.scale(ratio, ratio);
        context.font = `11.5px ${themeVariable('--sans')}`;
        context.textBaseline = 'middle';
        const bad = themeVariable('--bad');
        const strong = themeVariable('--text-strong');
        const first = Math.floor(top / rowHeight);
        const last = Math.min(rows, Math.ceil((top + height) / rowHeight));
        for (let row = first; row < last; row++) {
            const y = row * rowHeight - top;
            /** Where the last block of the row ends: a thousand blocks in one pixel are drawn once. */
            let covered = -1;
            for (const { span } of byRow[row]) {
                const left = (span.startUs - shown.from) * scale;
                const right = left + Math.max(1, span.durationUs * scale);
                if (right < 0 || left > size.width || (right < covered && right - left < 2 && !span.error)) continue;
                covered = Math.ceil(right);
                const x = Math.max(0, left);
                const width = Math.max(1, Math.min(size.width, right) - x - 0.5);
                const color = colorOfName(span.service);
                context.globalAlpha = matches && !matches.has(span.id) ? 0.25 : 1;
                context.fillStyle = color;
                context.fillRect(x, y + 1, width, rowHeight - 2);
                if (span.error || span.id === selected) {
                    context.fillStyle = span.id === selected ? strong : bad;
                    context.fillRect(x, y + rowHeight - 4, width, 3);
                }
                const room = Math.floor((width - 8) / letter);
                if (room > 3) {
                    const text = `${span.name}  ${microseconds(span.durationUs)}`;
                    context.fillStyle = textOn(color);
                    context.fillText(text.length > room ? `${text.slice(0, room - 1)}…` : text, x + 4, y + rowHeight / 2);
                }
                context.globalAlpha = 1;
            }
        }
    }, [byRow, rows, shown, size, top, theme, matches, selected, height]);
    const under = (/** @type {MouseEvent} */ event) => {
        const frame = box.getBoundingClientRect();
        const row = byRow[Math.floor((event.clientY - frame.top + top) / rowHeight)];
        const time = shown.from + (event.clientX - frame.left) / scale;
        const margin = 2 / scale;
        return row?.find(({ span }) => span.startUs - margin <= time && time <= span.startUs + Math.max(span.durationUs, margin));
    };
    const onMove = (/** @type {MouseEvent} */ event) => {
        const node = under(event);
        setHovered(node ? { node, x: event.clientX, y: event.clientY } : null);
    };
    const open = (/** @type {MouseEvent} */ event) => {
        const node = under(event);
        if (node) onShow({ from: node.span.startUs, to: node.span.startUs + Math.max(1, node.span.durationUs) });
    };
    return html`<div class="flame" ref=${boxRef} style=${{ height: `${height}px` }} tabindex="0" role="img" aria-label="Flame graph of the trace; the waterfall lists the same spans"
            onScroll=${(/** @type {any} */ event) => setTop(event.target.scrollTop)} onMouseMove=${onMove} onMouseLeave=${() => setHovered(null)}
            onClick=${(/** @type {MouseEvent} */ event) => { const node = under(event); if (node) onChoose(node.span.id); }} onDblClick=${open}>
        <div style=${{ height: `${rows * rowHeight}px` }}><canvas ref=${canvas} style=${{ width: `${size.width}px`, height: `${height}px` }}></canvas></div>
        ${hovered && html`<div class="plot-tip flame-tip" style=${{ left: `${Math.min(hovered.x + 14, window.innerWidth - 320)}px`, top: `${hovered.y + 14}px` }}>
            <b>${hovered.node.span.service}</b> ${hovered.node.span.name}<br />${microseconds(hovered.node.span.durationUs)}, at ${microseconds(hovered.node.span.startUs)}${hovered.node.descendants > 0 && `, ${hovered.node.descendants} below it`}
            ${hovered.node.span.error && html`<br /><span class="span-error">${hovered.node.span.statusMessage || 'error'}</span>`}</div>`}
    </div>`;
}
