// States over time: one lane per series, as joined bars (state timeline) or one cell per sample (status history).

import uPlot from '../vendor/uplot.js';
import { html, useMemo } from '../vendor/preact.js';
import { textOn, withAlpha } from '../format/colors.js';
import { shortened } from '../format/display.js';
import { dateTime } from '../time/format.js';
import { formatDuration } from '../time/range.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { CanvasPlot, namesAxis, timeAxis } from './canvas-plot.js';
import { axisFont } from './plot-options.js';
import { distinctStates, stateLanes } from './states.js';

/** @typedef {import('./states.js').Lane} Lane */

/** Where states are numbers without names, a list of them all says nothing. */
const mostListed = 20;

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, zone: string, size: {width: number, height: number},
 *   dashboard: import('../types/model').Dashboard}} properties
 */
export function StateTimelinePanel({ panel, data, zone, size, dashboard }) {
    const theme = useTheme();
    const { options } = panel;
    const cells = panel.type === 'status-history';
    const { range } = data;
    const content = useMemo(() => {
        const { lanes, left } = stateLanes(data.frames, { merge: !cells && options.mergeValues !== false, zone, to: range.to });
        const custom = panel.fieldConfig.defaults.custom ?? {};
        return {
            lanes, left, zone, cells, showValue: String(options.showValue ?? 'auto'), alignValue: String(options.alignValue ?? 'left'), height: Number(options.rowHeight) || 0.9,
            width: cells ? Number(options.colWidth) || 0.9 : 1, opacity: (custom.fillOpacity ?? 70) / 100, line: custom.lineWidth ?? 0,
        };
    }, [data, panel, theme, zone]);
    const { lanes, left } = content;
    if (lanes.length === 0) return html`<${Empty} title="No states to draw">The query answers no series over time.</${Empty}>`;
    const sync = dashboard?.graphTooltip ? `${dashboard.uid}/${dashboard.graphTooltip === 2 ? 'tooltip' : 'crosshair'}` : undefined;
    const legend = options.legend ?? {};
    const listed = legend.showLegend !== false && legend.displayMode !== 'hidden' && size.height > 110 ? distinctStates(lanes, mostListed + 1) : [];
    const tall = lanes.length * 18 + 34;
    return html`<div class="plot">
        ${left > 0 && html`<p class="plot-note">The first ${lanes.length} of ${(lanes.length + left).toLocaleString('en-US')} series are drawn.</p>`}
        <div class="plot-scroll ${tall > size.height ? 'tall' : ''}">
            <${CanvasPlot} content=${content} make=${make} draw=${draw} hover=${hover} data=${[[range.from / 1000, range.to / 1000], [0, 0]]}
                range=${range} zone=${zone} syncKey=${sync} height=${tall > size.height ? tall : undefined} />
        </div>
        ${listed.length > 0 && listed.length <= mostListed && html`<div class="legend"><div class="legend-list">${listed.map(({ text, color }) => html`<span class="legend-item">
            <span class="swatch" style=${{ background: color }}></span><span class="name">${shortened(text, 80)}</span></span>`)}</div></div>`}
    </div>`;
}

/** @typedef {{lanes: Lane[], left: number, zone: string, cells: boolean, showValue: string, alignValue: string, height: number, width: number, opacity: number, line: number}} Content */

/** @param {Content} content */
function make({ lanes, zone }) {
    return {
        // The first lane is on top.
        scales: { y: { range: () => [0, lanes.length], dir: -1 } },
        series: [{}, { scale: 'y', paths: () => null, points: { show: false } }],
        axes: [timeAxis(zone), { ...namesAxis(lanes.map((lane) => lane.name), { vertical: true, most: 26 }), scale: 'y', side: 3 }],
    };
}

/** @param {uPlot} plot @param {Content} content */
function draw(plot, { lanes, cells, showValue, alignValue, height, width, opacity, line }) {
    const { ctx } = plot;
    const ratio = uPlot.pxRatio;
    ctx.font = axisFont.replace(/^[\d.]+px/, `${11.5 * ratio}px`);
    ctx.textBaseline = 'middle';
    lanes.forEach(({ states }, lane) => {
        const [first, second] = [plot.valToPos(lane, 'y', true), plot.valToPos(lane + 1, 'y', true)];
        const full = Math.abs(second - first);
        const top = Math.min(first, second) + (full * (1 - height)) / 2;
        for (const { from, to, text, color } of states) {
            const left = plot.valToPos(from / 1000, 'x', true);
            const right = plot.valToPos(to / 1000, 'x', true);
            if (right < plot.bbox.left || left > plot.bbox.left + plot.bbox.width) continue;
            const inset = cells ? ((right - left) * (1 - width)) / 2 : 0;
            const box = { x: left + inset, width: Math.max(ratio, right - left - 2 * inset - (cells ? 0 : ratio)), height: full * height };
            ctx.fillStyle = withAlpha(color, opacity);
            ctx.fillRect(box.x, top, box.width, box.height);
            if (line > 0) {
                ctx.strokeStyle = color;
                ctx.lineWidth = line * ratio;
                ctx.strokeRect(box.x, top, box.width, box.height);
            }
            if (showValue === 'never' || text === '' || box.height < 11 * ratio) continue;
            const shown = shortened(text, 60);
            const room = Math.min(box.x + box.width, plot.bbox.left + plot.bbox.width) - Math.max(box.x, plot.bbox.left) - 8 * ratio;
            if (showValue === 'auto' && ctx.measureText(shown).width > room) continue;
            ctx.fillStyle = opacity > 0.45 ? textOn(color) : color;
            ctx.textAlign = alignValue === 'center' ? 'center' : alignValue === 'right' ? 'right' : 'left';
            const start = Math.max(box.x, plot.bbox.left) + 4 * ratio;
            ctx.fillText(shown, alignValue === 'center' ? start + room / 2 : alignValue === 'right' ? start + room : start, top + box.height / 2);
        }
    });
}

/** @param {uPlot} plot @param {Content} content */
function hover(plot, { lanes, zone }) {
    const { left = 0, top = 0 } = plot.cursor;
    const lane = lanes[Math.floor(plot.posToVal(top, 'y'))];
    if (!lane) return undefined;
    const time = plot.posToVal(left, 'x') * 1000;
    const state = lane.states.find((one) => time >= one.from && time < one.to);
    if (!state) return undefined;
    return {
        heading: dateTime(time, zone),
        lines: [{ name: lane.name, text: shortened(state.text, 120), color: state.color }, { name: 'From', text: dateTime(state.from, zone) }, { name: 'Lasted', text: formatDuration(state.to - state.from) }],
    };
}
