// Big numbers, with a spark line behind them.

import { html } from '../vendor/preact.js';
import { calmed, textOn, themeVariable, withAlpha } from '../format/colors.js';
import { display } from '../format/display.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { reducedValues, tileGrid } from './reduced.js';

/**
 * @param {{panel: import('../types/model').Panel, data: any, size: {width: number, height: number}, zone: string}} properties
 */
export function StatPanel({ panel, data, size, zone }) {
    useTheme();
    const options = panel.options;
    const values = reducedValues(data.frames, options.reduceOptions);
    if (values.length === 0) return html`<${Empty} title="No data" />`;
    const forced = options.orientation === 'vertical' ? { columns: 1, rows: values.length }
        : options.orientation === 'horizontal' ? { columns: values.length, rows: 1 } : null;
    const grid = forced ?? tileGrid(values.length, size.width, size.height);
    const tile = { width: (size.width - 8 * (grid.columns - 1)) / grid.columns, height: (size.height - 8 * (grid.rows - 1)) / grid.rows };
    return html`<div class="stats" style=${{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`, gridTemplateRows: `repeat(${grid.rows}, minmax(0, 1fr))` }}>
        ${values.map((one) => html`<${Tile} one=${one} many=${values.length > 1} options=${options} tile=${tile} zone=${zone} />`)}</div>`;
}

/**
 * @param {{one: import('./reduced.js').Reduced, many: boolean, options: any, tile: {width: number, height: number}, zone: string}} properties
 */
function Tile({ one, many, options, tile, zone }) {
    const shown = display(one.value, one.config, { index: one.index, zone });
    const filled = String(options.colorMode ?? 'value').startsWith('background');
    const mode = options.textMode ?? 'auto';
    const showName = mode === 'name' || mode === 'value_and_name' || (mode === 'auto' && many);
    const showValue = mode !== 'name' && mode !== 'none';
    const spark = options.graphMode === 'area' && one.values.length > 2;
    const wide = showName && showValue && (options.wideLayout ?? true) && tile.width / tile.height > 3.4 && tile.height < 60;
    const text = `${shown.prefix}${shown.text}${shown.suffix}`;
    const length = Math.max(2, shown.prefix.length + shown.text.length + shown.suffix.length * 0.62);
    const nameHeight = showName && !wide ? Math.min(22, tile.height * 0.24) : 0;
    const roomWidth = tile.width * (wide ? 0.5 : 0.94);
    const fontSize = options.text?.valueSize ?? Math.max(12, Math.min(roomWidth / (length * 0.6), (tile.height - nameHeight) * (spark ? 0.46 : tile.height < 60 ? 0.86 : 0.62), 76));
    const nameSize = options.text?.titleSize ?? Math.max(11, Math.min(15, tile.height * 0.2));
    const ground = filled ? calmed(shown.color) : 'transparent';
    const ink = filled ? textOn(ground) : themeVariable('--text-strong');
    const valueColor = filled ? ink : options.colorMode === 'none' ? themeVariable('--text-strong') : shown.color;
    const centred = options.justifyMode === 'center' || (!many && !spark && !showName && options.justifyMode !== 'auto') || (!many && !spark);
    const change = options.showPercentChange ? percentChange(one.values) : null;
    return html`<div class="stat ${spark ? 'sparked' : ''} ${filled ? 'filled' : ''} ${centred ? 'centred' : ''} ${wide ? 'wide' : ''}" style=${{ background: ground, color: filled ? ink : undefined }} title=${one.name}>
        <div class="stat-text">
            ${showName && html`<div class="stat-name" style=${{ fontSize: `${nameSize}px` }}>${one.name}</div>`}
            ${showValue && html`<div class="stat-value" aria-label=${text} style=${{ fontSize: `${fontSize}px`, color: valueColor }}>
                ${shown.prefix && html`<span class="stat-unit">${shown.prefix}</span>`}${shown.text}${shown.suffix && html`<span class="stat-unit">${shown.suffix}</span>`}</div>`}
            ${change !== null && html`<div class="stat-change" style=${{ color: filled ? ink : change < 0 ? themeVariable('--bad') : themeVariable('--good') }}>${change > 0 ? '+' : ''}${change.toFixed(1)}%</div>`}
        </div>
        ${spark && html`<${Spark} values=${one.values} width=${tile.width} height=${tile.height * 0.42} color=${filled ? ink : shown.color} filled=${filled} config=${one.config} />`}
    </div>`;
}

/** @param {any[]} values */
function percentChange(values) {
    const numbers = values.filter((value) => typeof value === 'number' && !Number.isNaN(value));
    const first = numbers[0];
    return numbers.length < 2 || first === 0 ? null : ((numbers[numbers.length - 1] - first) / Math.abs(first)) * 100;
}

/**
 * @param {{values: any[], width: number, height: number, color: string, filled: boolean, config: import('../types/model').FieldConfig}} properties
 */
function Spark({ values, width, height, color, filled, config }) {
    const points = sparkPoints(values, Math.max(20, Math.round(width)), height, config);
    if (points.length < 2) return null;
    const line = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
    const area = `${line}L${points[points.length - 1][0].toFixed(1)} ${height}L${points[0][0].toFixed(1)} ${height}Z`;
    return html`<svg class="spark" viewBox="0 0 ${width} ${height}" height=${height} preserveAspectRatio="none" aria-hidden="true">
        <path d=${area} fill=${withAlpha(color, filled ? 0.16 : 0.12)} />
        <path d=${line} fill="none" stroke=${withAlpha(color, filled ? 0.55 : 0.75)} stroke-width="1.4" stroke-linejoin="round" /></svg>`;
}

/**
 * At most one point per two pixels: the mean of those that fall together.
 * @param {any[]} values
 * @param {number} width
 * @param {number} height
 * @param {import('../types/model').FieldConfig} config
 */
function sparkPoints(values, width, height, config) {
    const buckets = Math.min(values.length, Math.max(2, Math.floor(width / 2)));
    /** @type {[number, number][]} */
    const means = [];
    for (let bucket = 0; bucket < buckets; bucket++) {
        const part = values.slice(Math.floor((bucket * values.length) / buckets), Math.floor(((bucket + 1) * values.length) / buckets))
            .filter((value) => typeof value === 'number' && Number.isFinite(value));
        if (part.length > 0) means.push([bucket, part.reduce((sum, value) => sum + value, 0) / part.length]);
    }
    const numbers = means.map(([, value]) => value);
    const min = config.min ?? Math.min(...numbers);
    const max = config.max ?? Math.max(...numbers);
    const span = max - min || 1;
    return means.map(([bucket, value]) => /** @type {[number, number]} */ ([(bucket / Math.max(1, buckets - 1)) * width,
        height - 2 - (max === min ? 0.5 : (value - min) / span) * (height - 4)]));
}
