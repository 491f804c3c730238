// Things and what connects them; drag to move, the wheel with Ctrl or the buttons to zoom.

import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js';
import { shortened } from '../format/display.js';
import { navigate } from '../router.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { nodeGraph } from './node-layout.js';

const radius = 36;

/**
 * @param {{data: {frames: import('../types/model').Frame[]}, size: {width: number, height: number}, hrefOf?: (id: string) => string}} properties
 *   hrefOf: the page of ours that a click on a node leads to
 */
export function NodeGraphPanel({ data, size, hrefOf }) {
    const theme = useTheme();
    const graph = useMemo(() => nodeGraph(data.frames), [data, theme]);
    const [view, setView] = useState({ x: 0, y: 0, zoom: 1 });
    const svg = useRef(/** @type {SVGElement | null} */ (null));
    /** A drag that ends on a node is no click on it. */
    const moved = useRef(false);
    const fit = Math.max(graph.width / Math.max(1, size.width), graph.height / Math.max(1, size.height), 0.6);
    const scale = fit / view.zoom;
    const [width, height] = [size.width * scale, size.height * scale];
    const zoomBy = (/** @type {number} */ factor) => setView((now) => ({ ...now, zoom: Math.min(12, Math.max(0.4, now.zoom * factor)) }));
    useEffect(() => {
        const element = svg.current;
        const onWheel = (/** @type {WheelEvent} */ event) => {
            if (!event.ctrlKey && !event.metaKey) return;
            event.preventDefault();
            zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15);
        };
        element?.addEventListener('wheel', onWheel, { passive: false });
        return () => element?.removeEventListener('wheel', onWheel);
    }, [svg.current]);
    if (graph.nodes.length === 0) return html`<${Empty} title="No graph to draw">A node graph needs a frame of edges with the columns source and target.</${Empty}>`;
    const drag = (/** @type {PointerEvent} */ event) => {
        const start = { x: event.clientX, y: event.clientY, view };
        moved.current = false;
        const move = (/** @type {PointerEvent} */ now) => {
            moved.current ||= Math.hypot(now.clientX - start.x, now.clientY - start.y) > 4;
            setView({ ...start.view, x: start.view.x - (now.clientX - start.x) * scale, y: start.view.y - (now.clientY - start.y) * scale });
        };
        const end = () => {
            window.removeEventListener('pointermove', move);
            window.removeEventListener('pointerup', end);
        };
        window.addEventListener('pointermove', move);
        window.addEventListener('pointerup', end);
    };
    const open = (/** @type {MouseEvent} */ event, /** @type {string} */ href) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        if (!moved.current) navigate(href);
    };
    const corner = { x: (graph.width - width) / 2 + view.x, y: (graph.height - height) / 2 + view.y };
    return html`<div class="node-graph">
        ${graph.left > 0 && html`<p class="plot-note">The first ${graph.nodes.length} of ${graph.nodes.length + graph.left} nodes are drawn.</p>`}
        <svg ref=${svg} viewBox="${corner.x} ${corner.y} ${Math.max(1, width)} ${Math.max(1, height)}" role=${hrefOf ? 'group' : 'img'} aria-label="Graph of ${graph.nodes.length} nodes" onPointerDown=${drag}>
            ${graph.edges.map((edge) => html`<${EdgeLine} edge=${edge} />`)}
            ${graph.nodes.map((node) => html`<${NodeCircle} key=${node.id} node=${node} href=${hrefOf?.(node.id)} onOpen=${open} />`)}
        </svg>
        <div class="joined node-tools"><button class="button small icon" title="Closer" aria-label="Closer" onClick=${() => zoomBy(1.3)}>+</button><button class="button small icon" title="Farther" aria-label="Farther" onClick=${() => zoomBy(1 / 1.3)}>−</button>
            <button class="button small" onClick=${() => setView({ x: 0, y: 0, zoom: 1 })}>All</button></div>
    </div>`;
}

/** @param {{edge: import('./node-layout.js').Edge}} properties */
function EdgeLine({ edge }) {
    const { source, target, main, secondary, weight, color } = edge;
    const style = color ? { '--edge': color } : undefined;
    const title = `${source.title} → ${target.title}${main ? `: ${main}` : ''}${secondary ? `, ${secondary}` : ''}`;
    if (source === target) return html`<g class="edge" style=${style}><path d="M${source.x - 14} ${source.y - radius}c-10 -46 38 -46 28 0" stroke-width=${weight} fill="none" /><title>${title}</title></g>`;
    const [dx, dy] = [target.x - source.x, target.y - source.y];
    const length = Math.hypot(dx, dy) || 1;
    const point = (/** @type {number} */ share, /** @type {number} */ away) => [source.x + dx * share + (dx / length) * away, source.y + dy * share + (dy / length) * away];
    const [x1, y1] = point(0, radius + 2);
    const [x2, y2] = point(1, -radius - 9);
    const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
    return html`<g class="edge" style=${style}><line x1=${x1} y1=${y1} x2=${x2} y2=${y2} stroke-width=${weight} />
        <path class="arrow" d="M0 -4.500L9 0L0 4.500Z" transform="translate(${x2} ${y2}) rotate(${angle})" />
        ${main && html`<text x=${(x1 + x2) / 2} y=${(y1 + y2) / 2 - 5} text-anchor="middle">${shortened(main, 24)}</text>`}<title>${title}</title></g>`;
}

/** @param {{node: import('./node-layout.js').Node, href?: string, onOpen: (event: MouseEvent, href: string) => void}} properties */
function NodeCircle({ node, href, onOpen }) {
    const total = node.arcs.reduce((sum, arc) => sum + arc.share, 0);
    const round = 2 * Math.PI * radius;
    let at = 0;
    const circle = html`<circle r=${radius} class="ground" />
        ${total === 0 ? html`<circle r=${radius} fill="none" stroke=${node.color} stroke-width="4" />` : node.arcs.map(({ share, color }) => {
            const part = share / total;
            const start = at;
            at += part;
            return html`<circle r=${radius} fill="none" stroke=${color} stroke-width="5" stroke-dasharray="${part * round} ${round}" stroke-dashoffset=${-start * round} transform="rotate(-90)" />`;
        })}
        <text class="main" y=${node.secondary ? -2 : 4} text-anchor="middle">${shortened(node.main, 12)}</text>
        ${node.secondary && html`<text y="13" text-anchor="middle">${shortened(node.secondary, 12)}</text>`}
        <text class="title" y=${radius + 17} text-anchor="middle">${shortened(node.title, 26)}</text>
        ${node.subtitle && html`<text y=${radius + 31} text-anchor="middle">${shortened(node.subtitle, 30)}</text>`}
        <title>${[node.title, node.subtitle, node.main, node.secondary].filter(Boolean).join(', ')}</title>`;
    return html`<g class="node" transform="translate(${node.x} ${node.y})">${href
        ? html`<a href=${href} draggable="false" onClick=${(/** @type {MouseEvent} */ event) => onOpen(event, href)}>${circle}</a>` : circle}</g>`;
}
