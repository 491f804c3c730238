// Values as bars beside each other.

import { html } from '../vendor/preact.js';
import { display } from '../format/display.js';
import { useTheme } from '../ui/hooks.js';
import { Empty } from '../ui/messages.js';
import { reducedValues } from './reduced.js';

/**
 * @param {{panel: import('../types/model').Panel, data: any, size: {width: number, height: number}, zone: string}} properties
 */
export function BarGaugePanel({ panel, data, size, zone }) {
    useTheme();
    const values = reducedValues(data.frames, panel.options.reduceOptions);
    if (values.length === 0) return html`<${Empty} title="No data" />`;
    const numbers = values.map((one) => one.value).filter((value) => typeof value === 'number' && Number.isFinite(value));
    const bounds = { min: Math.min(0, ...numbers), max: Math.max(0, ...numbers) || 1 };
    const upright = panel.options.orientation === 'vertical' || (panel.options.orientation !== 'horizontal' && size.width > size.height * 1.6 && values.length < size.width / 70);
    const items = values.map((one) => ({ name: one.name, ...display(one.value, one.config, { index: one.index, zone, ...bounds }) }));
    const text = (/** @type {any} */ item) => item.prefix + item.text + item.suffix;
    const named = values.length > 1 && panel.options.namePlacement !== 'hidden';
    const hidden = panel.options.valueMode === 'hidden';
    if (upright) {
        return html`<div class="bar-columns">${items.map((item) => html`<div class="bar-column" title="${item.name}: ${text(item)}">
            <span class="value" style=${{ color: item.color }}>${!hidden && text(item)}</span>
            <span class="track"><i class="fill" style=${{ height: `${item.share * 100}%`, width: '100%', background: item.color }}></i></span>
            <span class="name muted">${named && item.name}</span></div>`)}</div>`;
    }
    return html`<div class="bar-gauges">${items.map((item) => html`<div class="bar-gauge" title="${item.name}: ${text(item)}" style=${{ '--name-width': named ? '30%' : '0px', gridTemplateColumns: named ? undefined : 'minmax(0, 1fr) minmax(58px, max-content)' }}>
        ${named && html`<span class="name">${item.name}</span>`}
        <span class="track"><i class="fill" style=${{ width: `${item.share * 100}%`, background: item.color }}></i></span>
        <span class="value" style=${{ color: item.color }}>${!hidden && text(item)}</span></div>`)}</div>`;
}
