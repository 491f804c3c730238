// Lines, areas, bars and points over time.

import { html, useMemo, useState } from '../vendor/preact.js';
import { setAbsoluteRange, zoomRange } from '../time/picker.js';
import { Empty } from '../ui/messages.js';
import { annotationsOf } from '../dashboard/annotations.js';
import { Legend } from './legend.js';
import { Plot } from './plot.js';
import { collectSeries } from './series.js';
import { useTheme } from '../ui/hooks.js';

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, zone: string, size: {width: number, height: number},
 *   dashboard?: import('../types/model').Dashboard, range: import('../types/model').TimeRange, scope?: import('../types/model').Scope,
 *   annotations?: import('../dashboard/annotations.js').Annotation[], layer?: import('./plot.js').Layer}} properties
 */
export function TimeSeriesPanel({ panel, data, zone, size, dashboard, scope, annotations = none, layer }) {
    const theme = useTheme();
    const { times, series, left } = useMemo(() => collectSeries(data.frames), [data.frames, theme]);
    const [hidden, setHidden] = useState(/** @type {Set<string>} */ (new Set()));
    const [focused, setFocused] = useState(/** @type {number | null} */ (null));
    const marks = useMemo(() => annotationsOf(annotations, panel.id), [annotations, panel]);
    if (series.length === 0) return html`<${Empty} title="No numbers to draw">The query answers no time series.</${Empty}>`;
    const toggle = (/** @type {string} */ name, /** @type {boolean} */ add) => setHidden(nextHidden(series.map((one) => one.name), hidden, name, add));
    const legend = panel.options.legend ?? {};
    const showLegend = legend.showLegend !== false && legend.displayMode !== 'hidden' && size.height > 90;
    const right = legend.placement === 'right' && size.width > 420;
    const sync = dashboard?.graphTooltip ? `${dashboard.uid}/${dashboard.graphTooltip === 2 ? 'tooltip' : 'crosshair'}` : undefined;
    return html`<div class="plot ${right ? 'right' : ''}">
        ${left > 0 && html`<p class="plot-note">The first ${series.length} of ${(series.length + left).toLocaleString('en-US')} series are drawn.</p>`}
        <${Plot} panel=${panel} marks=${marks} layer=${layer ?? data.layer} scope=${scope} times=${times} series=${series} hidden=${hidden} focused=${focused} range=${data.range} zone=${zone} syncKey=${sync}
            tooltip=${{ mode: 'multi', sort: 'desc', ...panel.options.tooltip }} onZoom=${setAbsoluteRange} onZoomOut=${() => zoomRange(data.range, 2)} />
        ${showLegend && html`<${Legend} series=${series} options=${legend} hidden=${hidden} onToggle=${toggle} onFocus=${setFocused} />`}
    </div>`;
}

/** @type {import('../dashboard/annotations.js').Annotation[]} */
const none = [];

/**
 * A click shows one series alone, a second one all again; with a modifier it switches a single one.
 * @param {string[]} names @param {Set<string>} hidden @param {string} name @param {boolean} add
 */
function nextHidden(names, hidden, name, add) {
    if (add) {
        const next = new Set(hidden);
        if (!next.delete(name)) next.add(name);
        return next;
    }
    const alone = hidden.size === new Set(names).size - 1 && !hidden.has(name);
    return alone ? new Set() : new Set(names.filter((other) => other !== name));
}
