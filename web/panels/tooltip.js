// What a plot says under the pointer: the moment and the values of its series.

import { dateTime } from '../time/format.js';
import { display } from '../format/display.js';

/** @typedef {import('./series.js').Series} Series */
/** @typedef {{mode?: string, sort?: string, hideZeros?: boolean}} TooltipOptions */

const mostLines = 24;

/** Owns one element on the page; its content is set as text only. */
export class PlotTooltip {
    constructor() {
        this.element = document.createElement('div');
        this.element.className = 'plot-tip';
        this.element.hidden = true;
        document.body.append(this.element);
    }

    hide() {
        this.element.hidden = true;
    }

    remove() {
        this.element.remove();
    }

    /**
     * @param {{time: number, zone: string, series: Series[], index: number, visible: (at: number) => boolean,
     *   nearest: number | null, options: TooltipOptions, x: number, y: number}} content x, y: in the window
     */
    show({ time, zone, series, index, visible, nearest, options, x, y }) {
        let lines = series.map((one, at) => ({ one, at, value: one.raw[index] }))
            .filter(({ value, at, one }) => value !== null && value !== undefined && visible(at) && !one.custom.hideFrom?.tooltip);
        if (options.hideZeros) lines = lines.filter(({ value }) => value !== 0);
        if (options.mode === 'single') lines = lines.filter(({ at }) => at === nearest);
        if (lines.length === 0) return this.hide();
        const sort = options.sort ?? 'none';
        if (sort !== 'none') lines.sort((a, b) => (Number(a.value) - Number(b.value)) * (sort === 'desc' ? -1 : 1));
        const hiddenCount = Math.max(0, lines.length - mostLines);
        if (hiddenCount > 0) {
            const at = Math.max(0, lines.findIndex((line) => line.at === nearest) - mostLines + 1);
            lines = lines.slice(at, at + mostLines);
        }
        this.element.replaceChildren(
            made('div', 'when', dateTime(time, zone)),
            ...lines.map(({ one, at, value }) => line(one, value, at === nearest)),
            ...(hiddenCount > 0 ? [made('div', 'more', `and ${hiddenCount} more`)] : []),
        );
        this.element.hidden = false;
        const { offsetWidth: width, offsetHeight: height } = this.element;
        const left = x + 16 + width > window.innerWidth ? x - width - 16 : x + 16;
        const top = Math.min(Math.max(6, y - 12), window.innerHeight - height - 6);
        this.element.style.transform = `translate(${Math.max(4, Math.round(left))}px, ${Math.round(top)}px)`;
        return undefined;
    }
}

/** @param {string} tag @param {string} className @param {string} [text] */
function made(tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
}

/** @param {Series} one @param {any} value @param {boolean} focused */
function line(one, value, focused) {
    const row = made('div', focused ? 'line focus' : 'line');
    const swatch = made('span', 'swatch');
    swatch.style.background = one.color;
    const shown = display(value, one.field.config);
    row.append(swatch, made('span', 'name', one.name), made('span', 'value', shown.prefix + shown.text + shown.suffix));
    return row;
}
