// Values as bars beside each other.

import { html } from '../vendor/preact.js';
import { display, shortened } from '../format/display.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { Bar } from './bar.js';
import { mostTiles, reducedValues } from './reduced.js';
import { TileLink } from './tile-link.js';

/**
 * @param {{panel: import('../types/model').Panel, data: any, size: {width: number, height: number}, zone: string, scope?: import('../types/model').Scope}} properties
 */
export function BarGaugePanel({ panel, data, size, zone, scope }) {
    useTheme();
    const { options } = panel;
    const values = reducedValues(data.frames, options.reduceOptions).slice(0, mostTiles);
    if (values.length === 0) return html`<${Empty} title="No data" />`;
    const numbers = values.map((one) => one.value).filter((value) => typeof value === 'number' && Number.isFinite(value));
    const shared = { min: Math.min(0, ...numbers), max: Math.max(0, ...numbers) || 1 };
    const upright = options.orientation === 'vertical' || ((options.orientation ?? 'auto') === 'auto' && size.width > size.height * 1.6 && values.length < size.width / 70);
    const hidden = options.valueMode === 'hidden';
    const items = values.map((one) => {
        const shown = display(one.value, one.config, { index: one.index, zone, ...shared });
        const bounds = { min: one.config.min ?? shared.min, max: one.config.max ?? (one.config.unit === 'percent' ? 100 : one.config.unit === 'percentunit' ? 1 : shared.max) };
        return { one, share: shown.share, color: shown.color, text: shown.prefix + shown.text + shown.suffix, name: shortened(one.name, 200), bounds };
    });
    const named = values.length > 1 && options.namePlacement !== 'hidden';
    const bar = (/** @type {any} */ item) => html`<${Bar} share=${item.share} color=${item.color} mode=${String(options.displayMode ?? 'gradient')} config=${item.one.config} bounds=${item.bounds}
        upright=${upright} unfilled=${options.showUnfilled !== false} />`;
    const value = (/** @type {any} */ item) => html`<span class="value" style=${{ color: options.valueMode === 'text' ? undefined : item.color }}>${!hidden && item.text}</span>`;
    if (upright) {
        return html`<div class="bar-columns">${items.map((item) => html`<div class="bar-column" title="${item.name}: ${item.text}">
            ${value(item)}${bar(item)}<span class="name muted">${named && item.name}</span><${TileLink} one=${item.one} text=${item.text} scope=${scope} /></div>`)}</div>`;
    }
    // Names stand above their bars where there is no room beside them.
    const above = named && (options.namePlacement === 'top' || (options.namePlacement !== 'left' && size.width < 260));
    return html`<div class="bar-gauges">${items.map((item) => html`<div class="bar-gauge ${above ? 'above' : named ? 'beside' : ''}" title="${item.name}: ${item.text}">
        ${named && html`<span class="name">${item.name}</span>`}${bar(item)}${value(item)}<${TileLink} one=${item.one} text=${item.text} scope=${scope} /></div>`)}</div>`;
}
