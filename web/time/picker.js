// The time range and refresh controls in a page's header; everything they choose goes into the address.

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { setParams } from '../router.js';
import { dateTime } from './format.js';
import { describeRange, parseDuration, parseTime, quickRanges, resolveRange } from './range.js';

/** @typedef {import('../types/model').TimeRange} TimeRange */

const refreshChoices = ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'];

/**
 * The range of the address, moved on by the refresh interval and by `reload`.
 * @param {URLSearchParams} params
 * @param {{from: string, to: string}} defaults
 * @param {string} [defaultRefresh]
 * @param {string} [zone]
 * @returns {{range: TimeRange, refresh: string, reload: () => void}}
 */
export function useTimeRange(params, defaults, defaultRefresh = '', zone = 'browser') {
    const from = params.get('from') ?? defaults.from;
    const to = params.get('to') ?? defaults.to;
    const refresh = params.get('refresh') ?? defaultRefresh;
    const [tick, setTick] = useState(0);
    const reload = () => setTick((count) => count + 1);
    const range = useRef(/** @type {{key: string, value: TimeRange} | null} */ (null));
    const key = `${from} ${to} ${tick} ${zone}`;
    if (range.current?.key !== key) range.current = { key, value: resolveRange(from, to, { fallback: defaults, zone }) };
    useEffect(() => {
        const shown = range.current?.value;
        // “auto” asks about a thousand times per range, as often as a step of the plots is filled.
        const period = refresh === 'auto' ? (shown ? (shown.to - shown.from) / 1000 : 60_000) : parseDuration(refresh);
        if (refresh === '' || Number.isNaN(period)) return undefined;
        let due = false;
        const timer = setInterval(() => {
            // Nobody looks at a hidden page; it catches up when it is shown again.
            if (document.hidden) due = true;
            else reload();
        }, Math.max(refresh === 'auto' ? 5000 : 1000, period));
        const onShow = () => {
            if (!document.hidden && due) {
                due = false;
                reload();
            }
        };
        document.addEventListener('visibilitychange', onShow);
        return () => {
            clearInterval(timer);
            document.removeEventListener('visibilitychange', onShow);
        };
    }, [refresh, refresh === 'auto' ? `${from} ${to}` : '']);
    return { range: range.current.value, refresh, reload };
}

/** @param {number} from @param {number} to */
export function setAbsoluteRange(from, to) {
    setParams({ from: String(Math.round(from)), to: String(Math.round(to)) });
}

/** @param {TimeRange} range @param {number} factor above 1 shows more */
export function zoomRange(range, factor) {
    const centre = (range.from + range.to) / 2;
    const half = ((range.to - range.from) * factor) / 2;
    setAbsoluteRange(centre - half, centre + half);
}

/**
 * @param {{range: TimeRange, refresh: string, reload: () => void, loading?: boolean, zone?: string}} properties
 */
export function TimeControls({ range, refresh, reload, loading, zone = 'browser' }) {
    const shift = (/** @type {number} */ direction) => {
        const half = (range.to - range.from) / 2;
        setAbsoluteRange(range.from + direction * half, range.to + direction * half);
    };
    const text = describeRange(range.raw, (ms) => dateTime(ms, zone), zone);
    return html`<div class="joined">
            <button class="button icon" title="Earlier by half the range" data-key="t ArrowLeft" data-name="Earlier" onClick=${() => shift(-1)}><${Icon} name="left" size="14" /></button>
            <${Menu} label=${html`<${Icon} name="clock" />${text}<${Icon} name="down" size="12" />`} title="Time range" right=${true}
                class="button time-button" sheetClass="time-sheet" role="dialog">
                ${(/** @type {() => void} */ close) => html`<${RangeSheet} range=${range} close=${close} zone=${zone} />`}
            </${Menu}>
            <button class="button icon" title="Later by half the range" data-key="t ArrowRight" data-name="Later" onClick=${() => shift(1)}><${Icon} name="right" size="14" /></button>
            <button class="button icon" title="Zoom out" data-key="t z" data-name="Zoom out" onClick=${() => zoomRange(range, 2)}><${Icon} name="zoomOut" size="15" /></button>
        </div>
        <div class="joined">
            <button class="button icon" title="Load again" data-key="d r" data-name="Load again" onClick=${reload}>
                ${loading ? html`<span class="spinner"></span>` : html`<${Icon} name="refresh" size="15" />`}</button>
            <${Menu} title="Refresh by itself" right=${true} label=${html`${refresh || 'Off'}<${Icon} name="down" size="12" />`}>
                ${(/** @type {() => void} */ close) => ['', 'auto', ...refreshChoices].map((choice) => html`<button class="menu-item" role="menuitemradio"
                    aria-checked=${choice === refresh ? 'true' : 'false'} onClick=${() => {
                        setParams({ refresh: choice }, { replace: true });
                        close();
                    }}>${choice === '' ? 'Off' : choice === 'auto' ? 'Automatic' : `Every ${choice}`}</button>`)}
            </${Menu}>
        </div>`;
}

/**
 * The usual choices, and the one in force.
 * @param {string} zone
 * @returns {[string, string][]}
 */
function zones(zone) {
    /** @type {[string, string][]} */
    const choices = [['browser', 'This browser’s'], ['utc', 'UTC']];
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const name of [own, zone]) if (name && !choices.some(([value]) => value === name)) choices.push([name, name]);
    return choices;
}

/** @param {{range: TimeRange, close: () => void, zone: string}} properties */
function RangeSheet({ range, close, zone }) {
    const asText = (/** @type {string} */ raw) => (/^\d+$/.test(raw) ? dateTime(Number(raw), zone) : raw);
    const [from, setFrom] = useState(asText(range.raw.from));
    const [to, setTo] = useState(asText(range.raw.to));
    const [wrong, setWrong] = useState('');
    const apply = (/** @type {Event} */ event) => {
        event.preventDefault();
        const start = parseTime(from, false, Date.now(), zone);
        const end = parseTime(to, true, Date.now(), zone);
        if (Number.isNaN(start)) return setWrong(`“${from}” is no time.`);
        if (Number.isNaN(end)) return setWrong(`“${to}” is no time.`);
        if (end <= start) return setWrong('The end lies before the start.');
        const write = (/** @type {string} */ text, /** @type {number} */ time) => (text.trim().startsWith('now') ? text.trim() : String(time));
        setParams({ from: write(from, start), to: write(to, end) });
        return close();
    };
    const onInput = (/** @type {(text: string) => void} */ set) => (/** @type {any} */ event) => {
        set(event.target.value);
        setWrong('');
    };
    return html`<form onSubmit=${apply}>
            <label class="field">From<input class="input" value=${from} onInput=${onInput(setFrom)} spellcheck="false" /></label>
            <label class="field">To<input class="input" value=${to} onInput=${onInput(setTo)} spellcheck="false" /></label>
            ${wrong && html`<div class="message bad">${wrong}</div>`}
            <button class="button primary" type="submit">Apply</button>
            <p class="hint">2026-11-21 08:30, now-90m, now-1d/d. Drag over a graph to zoom in.</p>
            <label class="field">Time zone<select class="select" value=${zone} onChange=${(/** @type {any} */ event) => { setParams({ timezone: event.target.value }); close(); }}>
                ${zones(zone).map(([value, name]) => html`<option value=${value}>${name}</option>`)}</select></label>
        </form>
        <div class="quick" role="menu">
            ${quickRanges.map(([start, end, name]) => html`<button class="menu-item" role="menuitemradio"
                aria-checked=${start === range.raw.from && end === range.raw.to ? 'true' : 'false'} onClick=${() => {
                    setParams({ from: start, to: end });
                    close();
                }}>${name}</button>`)}
        </div>`;
}
