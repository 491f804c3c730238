// Time ranges as the address bar and dashboards write them: `now-1h`, `now/d`, `now-1d/d`, milliseconds, ISO dates.

import { calendarOf, momentOf } from './zones.js';

/** @typedef {import('../types/model').TimeRange} TimeRange */

/**
 * Milliseconds of the units which have a fixed length.
 * @type {Record<string, number>}
 */
export const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 };

/**
 * The instant a text means, or NaN.
 * @param {string} text
 * @param {boolean} roundUp `now/d` means the end of the day instead of its start
 * @param {number} [now]
 * @param {string} [zone] where days begin: `browser`, `utc` or an IANA name
 */
export function parseTime(text, roundUp, now = Date.now(), zone = 'browser') {
    const trimmed = text.trim();
    if (/^\d{9,}$/.test(trimmed)) return Number(trimmed);
    if (trimmed.startsWith('now')) return parseRelative(trimmed.slice(3), roundUp, now, zone);
    const isoLike = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(trimmed);
    if (!isoLike) return NaN;
    const [, year, month, day, hour, minute = '00', second = '00', fraction = '', offset] = isoLike;
    if (Number.isNaN(Date.parse(`${year}-${month}-${day}T${hour ?? '00'}:${minute}:${second}Z`))) return NaN;
    if (offset) return Date.parse(trimmed.replace(' ', 'T'));
    if (hour === undefined) return momentOf(zone, Number(year), Number(month) - 1, Number(day) + (roundUp ? 1 : 0), 0) - (roundUp ? 1 : 0);
    const rest = (Number(minute) * 60 + Number(second) + Number(fraction || 0)) * 1000;
    return momentOf(zone, Number(year), Number(month) - 1, Number(day), Number(hour), Math.round(rest));
}

/**
 * @param {string} text what follows `now`
 * @param {boolean} roundUp
 * @param {number} now
 * @param {string} zone
 */
function parseRelative(text, roundUp, now, zone) {
    let rest = text;
    let time = now;
    while (rest !== '') {
        const step = /^([+-])(\d+)(ms|[smhdwMQy])/.exec(rest);
        const round = /^\/(?:f?)([smhdwMQy])/.exec(rest);
        if (step) {
            time = shift(time, Number(step[2]) * (step[1] === '-' ? -1 : 1), step[3], zone);
            rest = rest.slice(step[0].length);
        } else if (round) {
            time = roundTo(time, round[1], roundUp, zone);
            rest = rest.slice(round[0].length);
        } else {
            return NaN;
        }
    }
    return time;
}

/** @param {number} time @param {number} count @param {string} unit @param {string} zone */
function shift(time, count, unit, zone) {
    const months = unit === 'M' ? count : unit === 'Q' ? 3 * count : unit === 'y' ? 12 * count : 0;
    if (months === 0) return time + count * unitMs[unit];
    const { year, month, day, hour } = calendarOf(time, zone);
    const within = time - momentOf(zone, year, month, day, hour);
    return momentOf(zone, year, month + months, day, hour, within);
}

/** @param {number} time @param {string} unit @param {boolean} up @param {string} zone */
function roundTo(time, unit, up, zone) {
    if (unit === 's' || unit === 'm') {
        const floor = Math.floor(time / unitMs[unit]) * unitMs[unit];
        return up ? floor + unitMs[unit] - 1 : floor;
    }
    let { year, month, day, hour, weekday } = calendarOf(time, zone);
    if (unit === 'w') day -= weekday;
    if (unit === 'M' || unit === 'Q' || unit === 'y') day = 1;
    if (unit === 'Q') month -= month % 3;
    if (unit === 'y') month = 0;
    if (unit !== 'h') hour = 0;
    if (up) {
        if (unit === 'h') hour += 1;
        else if (unit === 'd') day += 1;
        else if (unit === 'w') day += 7;
        else if (unit === 'M') month += 1;
        else if (unit === 'Q') month += 3;
        else year += 1;
    }
    const edge = momentOf(zone, year, month, day, hour);
    return up ? edge - 1 : edge;
}

/**
 * @param {string} from
 * @param {string} to
 * @param {{now?: number, zone?: string, fallback?: {from: string, to: string}}} [options]
 * @returns {TimeRange}
 */
export function resolveRange(from, to, options = {}) {
    const now = options.now ?? Date.now();
    const start = parseTime(from, false, now, options.zone);
    const end = parseTime(to, true, now, options.zone);
    if (Number.isNaN(start) || Number.isNaN(end) || end <= start) {
        const fallback = options.fallback ?? { from: 'now-1h', to: 'now' };
        return {
            from: parseTime(fallback.from, false, now, options.zone),
            to: parseTime(fallback.to, true, now, options.zone), raw: fallback,
        };
    }
    return { from: start, to: end, raw: { from, to } };
}

/** @param {{from: string, to: string}} raw */
export function isRelative(raw) {
    return raw.from.startsWith('now') || raw.to.startsWith('now');
}

/** Choices of the time picker. */
export const quickRanges = [
    ['now-5m', 'now', 'Last 5 minutes'], ['now-15m', 'now', 'Last 15 minutes'], ['now-30m', 'now', 'Last 30 minutes'],
    ['now-1h', 'now', 'Last hour'], ['now-3h', 'now', 'Last 3 hours'], ['now-6h', 'now', 'Last 6 hours'],
    ['now-12h', 'now', 'Last 12 hours'], ['now-24h', 'now', 'Last 24 hours'], ['now-2d', 'now', 'Last 2 days'],
    ['now-7d', 'now', 'Last 7 days'], ['now-30d', 'now', 'Last 30 days'], ['now-90d', 'now', 'Last 90 days'],
    ['now/d', 'now/d', 'Today'], ['now/d', 'now', 'Today so far'], ['now-1d/d', 'now-1d/d', 'Yesterday'],
    ['now/w', 'now', 'This week so far'],
];

/** @type {Record<string, string>} */
const unitNames = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', M: 'month', y: 'year' };

/**
 * What to write on the time picker's button.
 * @param {{from: string, to: string}} raw
 * @param {(ms: number) => string} format
 * @param {string} [zone]
 */
export function describeRange(raw, format, zone) {
    const quick = quickRanges.find(([from, to]) => from === raw.from && to === raw.to);
    if (quick) return quick[2];
    const last = /^now-(\d+)([smhdwMy])$/.exec(raw.from);
    if (last && raw.to === 'now') {
        const name = unitNames[last[2]];
        return last[1] === '1' ? `Last ${name}` : `Last ${last[1]} ${name}s`;
    }
    const side = (/** @type {string} */ text, /** @type {boolean} */ up) => {
        const time = parseTime(text, up, Date.now(), zone);
        return text.startsWith('now') ? text : Number.isNaN(time) ? text : format(time);
    };
    return `${side(raw.from, false)} to ${side(raw.to, true)}`;
}

/**
 * Milliseconds of a duration such as `30s`, `1m`, `1h30m`, `1d`; NaN when it is none. A `>` before it is ignored.
 * @param {string | null | undefined} text
 */
export function parseDuration(text) {
    const trimmed = String(text ?? '').trim().replace(/^>/, '');
    if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
    const pattern = /(\d+(?:\.\d+)?)(ms|[smhdwy])/g;
    let total = 0;
    let length = 0;
    for (const [whole, count, unit] of trimmed.matchAll(pattern)) {
        total += Number(count) * unitMs[unit];
        length += whole.length;
    }
    return length > 0 && length === trimmed.length ? total : NaN;
}

/**
 * `90000` → `1m30s`, in units which Prometheus understands.
 * @param {number} ms
 */
export function formatDuration(ms) {
    if (ms < 1000) return `${Math.max(1, Math.round(ms))}ms`;
    let text = '';
    let rest = Math.round(ms);
    for (const unit of ['d', 'h', 'm', 's', 'ms']) {
        const count = Math.floor(rest / unitMs[unit]);
        if (count > 0) text += `${count}${unit}`;
        rest -= count * unitMs[unit];
    }
    return text;
}

const steps = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000,
    600_000, 900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
    604_800_000, 2_592_000_000, 31_536_000_000,
];

/**
 * The step of a range query: the range over the points wanted, rounded to a usual length, never below the least.
 * @param {TimeRange} range
 * @param {number} points
 * @param {number} leastMs
 */
export function intervalFor(range, points, leastMs) {
    const wanted = (range.to - range.from) / Math.max(1, points);
    if (wanted <= leastMs) return leastMs;
    for (let index = 0; index + 1 < steps.length; index++) {
        if (wanted < (steps[index] + steps[index + 1]) / 2) return Math.max(leastMs, steps[index]);
    }
    return steps[steps.length - 1];
}
