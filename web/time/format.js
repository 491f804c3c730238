// Clock texts in the chosen time zone.

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {string} zone `browser`, `utc` or an IANA name
 * @param {Intl.DateTimeFormatOptions} options
 */
function formatter(zone, options) {
    const key = zone + JSON.stringify(options);
    let format = formats.get(key);
    if (!format) {
        format = new Intl.DateTimeFormat('en-GB', { ...options, hourCycle: 'h23', timeZone: zoneName(zone) });
        formats.set(key, format);
    }
    return format;
}

/** @type {Map<string, string | undefined>} */
const zoneNames = new Map([['', undefined], ['browser', undefined], ['utc', 'UTC'], ['UTC', 'UTC']]);

/**
 * The zone as Intl knows it; undefined for the browser's own and for names that are none.
 * @param {string} zone
 */
export function zoneName(zone) {
    if (zoneNames.has(zone)) return zoneNames.get(zone);
    let known;
    try {
        new Intl.DateTimeFormat('en', { timeZone: zone });
        known = zone;
    } catch {
        known = undefined;
    }
    zoneNames.set(zone, known);
    return known;
}

/**
 * Moments that were written already: the plots of a board have the same ticks.
 * @type {Map<string, Record<string, string>>}
 */
const moments = new Map();

/**
 * Numbers of a moment in a zone: year, month, day, hour, minute, second, as two-digit texts.
 * @param {number} ms @param {string} zone
 */
function parts(ms, zone) {
    const key = `${ms} ${zone}`;
    const known = moments.get(key);
    if (known) return known;
    if (moments.size >= 500) moments.clear();
    /** @type {Record<string, string>} */
    const found = {};
    moments.set(key, found);
    const format = formatter(zone, {
        year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    for (const part of format.formatToParts(ms)) found[part.type] = part.value;
    return found;
}

/**
 * `2026-11-21 03:40:26`.
 * @param {number} ms
 * @param {string} [zone]
 */
export function dateTime(ms, zone = 'browser') {
    if (!Number.isFinite(ms)) return '';
    const { year, month, day, hour, minute, second } = parts(ms, zone);
    return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/**
 * A moment under a format of moment.js' letters: `YYYY-MM-DD HH:mm:ss`, `[text]`.
 * @param {number} ms
 * @param {string} format
 * @param {string} [zone]
 */
export function formatMoment(ms, format, zone = 'browser') {
    if (!Number.isFinite(ms)) return '';
    const { year, month, day, hour, minute, second } = parts(ms, zone);
    const word = (/** @type {Intl.DateTimeFormatOptions} */ options) => formatter(zone, options).format(ms);
    const twelve = String(Number(hour) % 12 || 12);
    /** @type {Record<string, () => string>} */
    const letters = {
        YYYY: () => year, YY: () => year.slice(-2), MMMM: () => word({ month: 'long' }), MMM: () => word({ month: 'short' }), MM: () => month, M: () => String(Number(month)),
        dddd: () => word({ weekday: 'long' }), ddd: () => word({ weekday: 'short' }), DD: () => day, D: () => String(Number(day)), HH: () => hour, H: () => String(Number(hour)),
        hh: () => twelve.padStart(2, '0'), h: () => twelve, mm: () => minute, m: () => String(Number(minute)), ss: () => second, s: () => String(Number(second)),
        SSS: () => String(Math.floor(((ms % 1000) + 1000) % 1000)).padStart(3, '0'), A: () => (Number(hour) < 12 ? 'AM' : 'PM'), a: () => (Number(hour) < 12 ? 'am' : 'pm'),
        X: () => String(Math.floor(ms / 1000)), x: () => String(Math.floor(ms)),
    };
    return format.replace(/\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|dddd|ddd|DD|D|HH|H|hh|h|mm|m|ss|s|SSS|A|a|X|x/g, (found, text) => text ?? letters[found]());
}

/**
 * `03:40:26.123`.
 * @param {number} ms
 * @param {string} [zone]
 */
export function clock(ms, zone = 'browser') {
    const { hour, minute, second } = parts(ms, zone);
    return `${hour}:${minute}:${second}.${String(Math.floor(((ms % 1000) + 1000) % 1000)).padStart(3, '0')}`;
}

/**
 * `21 Nov`.
 * @param {number} ms
 * @param {string} [zone]
 */
export function dayMonth(ms, zone = 'browser') {
    return formatter(zone, { day: 'numeric', month: 'short' }).format(ms);
}

/**
 * The text at a tick of the time axis, by the distance of two ticks.
 * @param {number} ms @param {number} stepMs @param {string} [zone]
 */
export function tick(ms, stepMs, zone = 'browser') {
    const { year, month, day, hour, minute, second } = parts(ms, zone);
    if (stepMs >= 28 * 86_400_000) return `${year}-${month}`;
    if (stepMs >= 86_400_000) return `${month}/${day}`;
    if (hour === '00' && minute === '00' && stepMs >= 60_000) return `${month}/${day}`;
    if (stepMs >= 60_000) return `${hour}:${minute}`;
    return `${hour}:${minute}:${second}`;
}

/**
 * `3 minutes ago`, `in 2 hours`.
 * @param {number} ms
 * @param {number} [now]
 */
export function fromNow(ms, now = Date.now()) {
    const seconds = (ms - now) / 1000;
    const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
    /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
    const units = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60]];
    for (const [unit, length] of units) {
        if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
    }
    return relative.format(Math.round(seconds), 'second');
}
