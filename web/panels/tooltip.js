// What a plot says under the pointer: the moment and the values of its series.

import { dateTime } from '../time/format.js';
import { display, shortened } from '../format/display.js';

/** @typedef {import('./series.js').Series} Series */
/** @typedef {{mode?: string, sort?: string, hideZeros?: boolean}} TooltipOptions */

const mostLines = 24;

/** Owns one element on the page, made when it is first shown; its content is set as text only. */
export class PlotTooltip {
    /** @type {HTMLElement | null} */
    element = null;
    pinned = false;

    /** Unless it is pinned. */
    hide() {
        if (this.element && !this.pinned) this.element.hidden = true;
    }

    remove() {
        this.element?.remove();
        this.element = null;
        this.unpin();
    }

    /**
     * Keeps what is shown, with links below it, until a click elsewhere.
     * @param {import('../dashboard/links.js').Link[]} links
     */
    pin(links) {
        if (!this.element || this.element.hidden) return;
        this.pinned = true;
        this.element.classList.add('pinned');
        for (const { title, href, blank } of links) {
            const anchor = document.createElement('a');
            anchor.textContent = title;
            anchor.href = href;
            anchor.rel = 'noreferrer';
            if (blank) anchor.target = '_blank';
            this.element.append(anchor);
        }
        setTimeout(() => document.addEventListener('click', this.unpin, { once: true }));
    }

    unpin = () => {
        this.pinned = false;
        this.element?.classList.remove('pinned');
        this.hide();
    };

    /** @param {Node[]} content @param {number} x @param {number} y in the window */
    place(content, x, y) {
        if (this.pinned) return;
        if (!this.element) {
            this.element = document.createElement('div');
            this.element.className = 'plot-tip';
            document.body.append(this.element);
        }
        this.element.replaceChildren(...content);
        this.element.hidden = false;
        const { offsetWidth: width, offsetHeight: height } = this.element;
        const left = x + 16 + width > window.innerWidth ? x - width - 16 : x + 16;
        const top = Math.min(Math.max(6, y - 12), window.innerHeight - height - 6);
        this.element.style.transform = `translate(${Math.max(4, Math.round(left))}px, ${Math.round(top)}px)`;
    }

    /**
     * A heading and some named values.
     * @param {string} heading @param {{name: string, text: string, color?: string}[]} lines @param {number} x @param {number} y in the window
     */
    showLines(heading, lines, x, y) {
        this.place([made('div', 'when', heading), ...lines.map(({ name, text, color }) => namedLine(name, text, color, false))], x, y);
    }

    /**
     * @param {{time: number, zone: string, series: Series[], index: number, nearest: number | null, options: TooltipOptions,
     *   marks: import('../dashboard/annotations.js').Annotation[], x: number, y: number}} content x, y: in the window
     */
    show({ time, zone, series, index, nearest, options, marks, x, y }) {
        let lines = series.map((one, at) => ({ one, at, value: one.raw[index] }))
            .filter(({ value, one }) => value !== null && value !== undefined && !one.custom.hideFrom?.tooltip);
        if (options.hideZeros) lines = lines.filter(({ value }) => value !== 0);
        if (options.mode === 'single') lines = lines.filter(({ at }) => at === nearest);
        if (lines.length === 0 && marks.length === 0) return this.hide();
        const sort = options.sort ?? 'none';
        if (sort !== 'none') lines.sort((a, b) => (Number(a.value) - Number(b.value)) * (sort === 'desc' ? -1 : 1));
        const hiddenCount = Math.max(0, lines.length - mostLines);
        if (hiddenCount > 0) {
            const at = Math.max(0, lines.findIndex((line) => line.at === nearest) - mostLines + 1);
            lines = lines.slice(at, at + mostLines);
        }
        this.place([
            made('div', 'when', dateTime(time, zone)),
            ...marks.slice(0, 8).map((mark) => namedLine(mark.title, shortened([mark.text, ...mark.tags].filter(Boolean).join(' · '), 200), mark.color, true)),
            ...lines.map(({ one, at, value }) => line(one, value, at === nearest)),
            ...(hiddenCount > 0 ? [made('div', 'more', `and ${hiddenCount} more`)] : []),
        ], x, y);
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

/** @param {string} name @param {string} text @param {string | undefined} color @param {boolean} mark */
function namedLine(name, text, color, mark) {
    const row = made('div', mark ? 'line mark' : 'line');
    const swatch = made('span', 'swatch');
    if (color) swatch.style.background = color;
    row.append(swatch, made('span', 'name', shortened(name, 200)), made('span', 'value', text));
    return row;
}

/** @param {Series} one @param {any} value @param {boolean} focused */
function line(one, value, focused) {
    const shown = display(value, one.field.config);
    const row = namedLine(one.name, shown.prefix + shown.text + shown.suffix, one.color, false);
    if (focused) row.classList.add('focus');
    return row;
}
