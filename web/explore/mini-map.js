// The whole trace on one small canvas.

import { html, useLayoutEffect } from '../vendor/preact.js';
import { colorOfName, themeVariable } from '../format/colors.js';
import { useSize, useTheme } from '../ui/hooks.js';

/** @param {{spans: import('../types/model').Span[], total: number}} properties */
export function MiniMap({ spans, total }) {
    const [canvasRef, size, element] = useSize();
    const theme = useTheme();
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
    return html`<canvas class="mini-map" ref=${canvasRef} aria-hidden="true"></canvas>`;
}
