// Big numbers, with a spark line behind them.

import { html } from '../vendor/preact.js';
import { calmed, textOn, themeVariable } from '../format/colors.js';
import { display, shortened } from '../format/display.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { TileLink } from './tile-link.js';
import { gridStyle, mostTiles, reducedValues, tileGrid } from './reduced.js';
import { Spark } from './spark.js';

/**
 * @param {{panel: import('../types/model').Panel, data: any, size: {width: number, height: number}, zone: string, scope?: import('../types/model').Scope}} properties
 */
export function StatPanel({ panel, data, size, zone, scope }) {
    useTheme();
    const options = panel.options;
    const all = reducedValues(data.frames, options.reduceOptions);
    const values = all.slice(0, mostTiles);
    if (values.length === 0) return html`<${Empty} title="No data" />`;
    const forced = options.orientation === 'vertical' ? { columns: 1, rows: values.length, rowHeight: size.height / values.length < 26 ? 34 : 0 }
        : options.orientation === 'horizontal' ? { columns: values.length, rows: 1, rowHeight: 0 } : null;
    const grid = forced ?? tileGrid(values.length, size.width, size.height);
    const tile = { width: (size.width - 8 * (grid.columns - 1)) / grid.columns, height: grid.rowHeight || (size.height - 8 * (grid.rows - 1)) / grid.rows };
    return html`${all.length > values.length && html`<p class="plot-note">The first ${values.length} of ${all.length.toLocaleString('en-US')} values are shown.</p>`}<div class="stats" style=${gridStyle(grid)}>
        ${values.map((one) => html`<${Tile} one=${one} many=${values.length > 1} options=${options} tile=${tile} zone=${zone} scope=${scope} />`)}</div>`;
}

/**
 * @param {{one: import('./reduced.js').Reduced, many: boolean, options: any, tile: {width: number, height: number}, zone: string, scope?: import('../types/model').Scope}} properties
 */
function Tile({ one, many, options, tile, zone, scope }) {
    const plain = display(one.value, one.config, { index: one.index, zone });
    const mode = options.textMode ?? 'auto';
    const shown = mode === 'name' ? { ...plain, prefix: '', text: shortened(one.name, 200), suffix: '' } : { ...plain, prefix: `${options.prefix ?? ''}${plain.prefix}`, suffix: `${plain.suffix}${options.postfix ?? ''}` };
    const filled = String(options.colorMode ?? 'value').startsWith('background');
    const showName = mode === 'value_and_name' || (mode === 'auto' && many);
    const showValue = mode !== 'none';
    const spark = options.graphMode === 'area' && one.values.length > 2;
    const wide = showName && showValue && (options.wideLayout ?? true) && tile.width / tile.height > 3.4 && tile.height < 60;
    const text = `${shown.prefix}${shown.text}${shown.suffix}`;
    const length = Math.max(2, shown.prefix.length + shown.text.length + shown.suffix.length * 0.62);
    const nameSize = options.text?.titleSize ?? Math.max(11, Math.min(15, tile.height * 0.2));
    const nameHeight = showName && !wide ? nameSize * 1.15 : 0;
    const roomWidth = tile.width * (wide ? 0.5 : 0.94);
    const fontSize = options.text?.valueSize ?? Math.max(nameHeight ? 9 : 12, Math.min(roomWidth / (length * (/[A-Z]{3}/.test(text) ? 0.78 : 0.64)), (tile.height - nameHeight) * (spark ? 0.46 : tile.height < 60 ? 0.86 : 0.62), 76));
    const ground = filled ? calmed(shown.color) : 'transparent';
    const ink = filled ? textOn(ground) : themeVariable('--text-strong');
    const valueColor = filled ? ink : options.colorMode === 'none' ? themeVariable('--text-strong') : shown.color;
    const centred = options.justifyMode === 'center' || (!many && !spark && !showName && options.justifyMode !== 'auto') || (!many && !spark);
    const change = options.showPercentChange ? percentChange(one.values) : null;
    return html`<div class="stat ${spark ? 'sparked' : ''} ${filled ? 'filled' : ''} ${centred ? 'centred' : ''} ${wide ? 'wide' : ''}" style=${{ background: ground, color: filled ? ink : undefined }} title=${shortened(one.name)}>
        <div class="stat-text">
            ${showName && html`<div class="stat-name" style=${{ fontSize: `${nameSize}px` }}>${shortened(one.name, 200)}</div>`}
            ${showValue && html`<div class="stat-value" aria-label=${text} style=${{ fontSize: `${fontSize}px`, color: valueColor }}>
                ${shown.prefix && html`<span class="stat-unit">${shown.prefix}</span>`}${shown.text}${shown.suffix && html`<span class="stat-unit">${shown.suffix}</span>`}</div>`}
            ${change !== null && html`<div class="stat-change" style=${{ color: filled ? ink : changeColor(change, options.percentChangeColorMode) }}>${change > 0 ? '+' : ''}${change.toFixed(1)}%</div>`}
        </div>
        ${spark && html`<${Spark} values=${one.values} width=${tile.width} height=${tile.height * 0.42} color=${filled ? ink : shown.color} filled=${filled} config=${one.config} />`}
        <${TileLink} one=${one} text=${text} scope=${scope} />
    </div>`;
}

/** @param {number} change @param {string | undefined} mode whether more is better */
function changeColor(change, mode) {
    if (mode === 'same_as_value') return 'inherit';
    return themeVariable((change < 0) === (mode === 'inverted') ? '--good' : '--bad');
}

/** @param {any[]} values */
function percentChange(values) {
    const numbers = values.filter((value) => typeof value === 'number' && !Number.isNaN(value));
    const first = numbers[0];
    return numbers.length < 2 || first === 0 ? null : ((numbers[numbers.length - 1] - first) / Math.abs(first)) * 100;
}
