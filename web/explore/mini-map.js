// The whole trace on one small canvas; dragging over it shows a part of its time.

import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { colorOfName, themeVariable } from '../format/colors.js';
import { useSize, useTheme } from '../ui/hooks.js';

/** @typedef {{from: number, to: number}} Window a part of the trace's time, µs from its start */

/**
 * @param {{spans: import('../types/model').Span[], total: number, shown: Window, onShow: (shown: Window) => void}} properties
 */
export function MiniMap({ spans, total, shown, onShow }) {
    const [canvasRef, size, element] = useSize();
    const theme = useTheme();
    const began = useRef(/** @type {number | null} */ (null));
    const [dragged, setDragged] = useState(/** @type {Window | null} */ (null));
    useLayoutEffect(() => {
        const context = element?.getContext('2d');
        if (!context || size.width === 0) return;
        const ratio = window.devicePixelRatio || 1;
        element.width = size.width * ratio;
        element.height = size.height * ratio;
        context.scale(ratio, ratio);
        const step = Math.min(5, size.height / spans.length);
        spans.forEach((span, index) => {
            context.fillStyle = span.error ? themeVariable('--bad') : colorOfName(span.service);
            const left = (span.startUs / total) * size.width;
            context.fillRect(left, index * step, Math.max(1, (span.durationUs / total) * size.width), Math.max(1, step * 0.72));
        });
    }, [spans, total, size, theme]);
    const at = (/** @type {PointerEvent} */ event) => {
        const box = element.getBoundingClientRect();
        return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * total;
    };
    const onDown = (/** @type {any} */ event) => {
        began.current = at(event);
        event.currentTarget.setPointerCapture(event.pointerId);
    };
    const onMove = (/** @type {any} */ event) => {
        if (began.current === null) return;
        const now = at(event);
        setDragged({ from: Math.min(began.current, now), to: Math.max(began.current, now) });
    };
    const onUp = () => {
        // A click without a drag is no choice of a time.
        if (dragged && dragged.to - dragged.from > total * 0.004) onShow(dragged);
        began.current = null;
        setDragged(null);
    };
    const { from, to } = dragged ?? shown;
    return html`<div class="mini-map" title="Drag to look at a part; double-click for all" onPointerDown=${onDown} onPointerMove=${onMove} onPointerUp=${onUp} onPointerCancel=${onUp} onDblClick=${() => onShow({ from: 0, to: total })}>
        <canvas ref=${canvasRef} aria-hidden="true"></canvas>
        <i style=${{ left: 0, width: `${(from / total) * 100}%` }}></i><i style=${{ right: 0, width: `${(1 - to / total) * 100}%` }}></i></div>`;
}
