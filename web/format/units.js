// Grafana's unit ids → readable numbers. `formatValue(1536, 'bytes')` is `{text: '1.5', suffix: ' KiB', prefix: ''}`.

import { dateTime, fromNow } from '../time/format.js';

/** @typedef {{prefix: string, text: string, suffix: string}} Formatted */

const short = ['', ' K', ' Mil', ' Bil', ' Tri', ' Quadr', ' Quint', ' Sext', ' Sept'];
const compact = ['', 'K', 'M', 'B', 'T'];
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];
const decimal = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const si = ['f', 'p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

/**
 * Scaled by 1024 or 1000, beginning at some prefix: id → [factor, base unit, first prefix].
 * @type {Record<string, [number, string, number]>}
 */
const scaled = {
    bytes: [1024, 'B', 0], bits: [1024, 'b', 0], decbytes: [1000, 'B', 0], decbits: [1000, 'b', 0],
    kbytes: [1024, 'B', 1], mbytes: [1024, 'B', 2], gbytes: [1024, 'B', 3], tbytes: [1024, 'B', 4], pbytes: [1024, 'B', 5],
    deckbytes: [1000, 'B', 1], decmbytes: [1000, 'B', 2], decgbytes: [1000, 'B', 3], dectbytes: [1000, 'B', 4],
    Bps: [1000, 'B/s', 0], bps: [1000, 'b/s', 0], binBps: [1024, 'B/s', 0], binbps: [1024, 'b/s', 0], pps: [1000, 'p/s', 0],
    KBs: [1000, 'B/s', 1], MBs: [1000, 'B/s', 2], GBs: [1000, 'B/s', 3], TBs: [1000, 'B/s', 4],
    Kbits: [1000, 'b/s', 1], Mbits: [1000, 'b/s', 2], Gbits: [1000, 'b/s', 3],
    KiBs: [1024, 'B/s', 1], MiBs: [1024, 'B/s', 2], GiBs: [1024, 'B/s', 3],
    hertz: [1000, 'Hz', 0], rothz: [1000, 'Hz', 0], watt: [1000, 'W', 0], kwatt: [1000, 'W', 1], volt: [1000, 'V', 0],
    amp: [1000, 'A', 0], joule: [1000, 'J', 0], watth: [1000, 'Wh', 0], kwatth: [1000, 'Wh', 1], Hs: [1000, 'H/s', 0],
    flops: [1000, 'FLOPS', 0],
};

/**
 * K, M, B, T and then a suffix.
 * @type {Record<string, string>}
 */
const counted = {
    cps: 'c/s', ops: 'ops/s', reqps: 'req/s', rps: 'rd/s', wps: 'wr/s', iops: 'io/s', eps: 'evt/s', mps: 'msg/s',
    recps: 'rec/s', rowsps: 'rows/s', cpm: 'c/m', opm: 'ops/m', reqpm: 'req/m', rpm: 'rd/m', wpm: 'wr/m', epm: 'evts/m',
    mpm: 'msgs/m', recpm: 'rec/m', rowspm: 'rows/m',
};

/** @type {Record<string, string>} */
const fixed = {
    celsius: ' °C', fahrenheit: ' °F', kelvin: ' K', humidity: ' %H', dB: ' dB', dBm: ' dBm', rotrpm: ' rpm', lengthm: ' m',
    pixel: ' px', degree: '°', percent: '%',
};

/** @type {Record<string, string>} */
const currencies = {
    currencyUSD: '$', currencyEUR: '€', currencyGBP: '£', currencyJPY: '¥', currencyINR: '₹', currencyKRW: '₩',
    currencyBTC: '฿', currencyRUB: '₽', currencyUAH: '₴', currencyBRL: 'R$', currencyCHF: 'CHF ',
};

/**
 * Seconds of each step upwards, with the name shown.
 * @type {[number, string][]}
 */
const durations = [
    [31_536_000, ' years'], [604_800, ' weeks'], [86_400, ' days'], [3600, ' hours'], [60, ' mins'], [1, ' s'],
    [1e-3, ' ms'], [1e-6, ' µs'], [1e-9, ' ns'],
];
/** @type {Record<string, number>} */
const durationUnits = { ns: 1e-9, 'µs': 1e-6, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * How many decimals to show: enough for about three significant digits, none for whole numbers.
 * @param {number} value already scaled
 */
function automaticDecimals(value) {
    const size = Math.abs(value);
    if (size === 0 || Number.isInteger(value)) return 0;
    if (size >= 100) return 0;
    if (size >= 10) return 1;
    if (size >= 1) return 2;
    return Math.min(10, 2 - Math.floor(Math.log10(size)) - 1);
}

/**
 * @param {number} value
 * @param {number | null} [decimals]
 */
export function toFixed(value, decimals) {
    if (decimals !== null && decimals !== undefined) return value.toFixed(Math.min(20, Math.max(0, decimals)));
    const text = value.toFixed(automaticDecimals(value));
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/**
 * @param {number} value @param {number} factor @param {string[]} names @param {number} start
 * @param {number | null} [decimals]
 * @returns {[string, string]}
 */
function scale(value, factor, names, start, decimals) {
    let index = start;
    let rest = value;
    // 999.95 would print as "1000" in its own unit, so the next one begins a little below the factor.
    while (Math.abs(rest) >= factor * 0.99995 && index + 1 < names.length) {
        rest /= factor;
        index += 1;
    }
    return [toFixed(rest, decimals), names[index]];
}

/**
 * @param {number} value
 * @param {string} [unit]
 * @param {number | null} [decimals]
 * @param {string} [zone]
 * @returns {Formatted}
 */
export function formatValue(value, unit = '', decimals = null, zone = 'browser') {
    if (!Number.isFinite(value)) {
        return { prefix: '', text: Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf', suffix: '' };
    }
    const plain = (/** @type {string} */ text, suffix = '', prefix = '') => ({ prefix, text, suffix });
    if (unit === '' || unit === 'none' || unit === 'string') return plain(toFixed(value, decimals));
    if (unit === 'short') return plain(...scale(value, 1000, short, 0, decimals));
    if (unit === 'percentunit') return plain(toFixed(value * 100, decimals), '%');
    if (unit in scaled) {
        const [factor, base, start] = scaled[unit];
        const [text, name] = scale(value, factor, factor === 1024 ? binary : decimal, start, decimals);
        return plain(text, ` ${name}${base}`);
    }
    if (unit in counted) {
        const [text, name] = scale(value, 1000, compact, 0, decimals);
        return plain(text, `${name} ${counted[unit]}`);
    }
    if (unit in durationUnits) return duration(value * durationUnits[unit], decimals);
    if (unit in fixed) return plain(toFixed(value, decimals), fixed[unit]);
    if (unit in currencies) {
        const [text, name] = scale(value, 1000, compact, 0, decimals);
        return plain(text, name, currencies[unit]);
    }
    return special(value, unit, decimals, zone);
}

/**
 * @param {number} value
 * @param {string} unit
 * @param {number | null} decimals
 * @param {string} zone
 * @returns {Formatted}
 */
function special(value, unit, decimals, zone) {
    const plain = (/** @type {string} */ text, suffix = '', prefix = '') => ({ prefix, text, suffix });
    switch (unit) {
        case 'locale': return plain(value.toLocaleString('en-US', { maximumFractionDigits: decimals ?? 2 }));
        case 'hex': return plain(Math.round(value).toString(16).toUpperCase());
        case 'hex0x': return plain(Math.round(value).toString(16).toUpperCase(), '', '0x');
        case 'sci': return plain(value.toExponential(decimals ?? 2));
        case 'bool': return plain(value ? 'True' : 'False');
        case 'bool_yes_no': return plain(value ? 'Yes' : 'No');
        case 'bool_on_off': return plain(value ? 'On' : 'Off');
        case 'dateTimeAsIso': case 'dateTimeAsIsoNoDateIfToday': case 'dateTimeAsSystem': case 'dateTimeAsLocal':
        case 'dateTimeAsUS': return plain(dateTime(value, zone));
        case 'dateTimeFromNow': return plain(fromNow(value));
        case 'dtdurations': return plain(longDuration(value, decimals));
        case 'dtdurationms': return plain(longDuration(value / 1000, decimals));
        case 'clocks': return plain(clockDuration(value));
        case 'clockms': return plain(clockDuration(value / 1000));
        case 'dthms': case 'dtdhms': return plain(clockDuration(value));
    }
    const custom = /^(prefix|suffix|si|count|currency|bool|time):(.*)$/.exec(unit);
    if (!custom) return plain(toFixed(value, decimals), ` ${unit}`);
    const [, kind, argument] = custom;
    if (kind === 'prefix') return plain(toFixed(value, decimals), '', argument);
    if (kind === 'suffix') return plain(toFixed(value, decimals), argument);
    if (kind === 'time') return plain(dateTime(value, zone));
    if (kind === 'bool') return plain(argument.split('/')[value ? 0 : 1] ?? '');
    if (kind === 'si') {
        const first = si.indexOf(argument[0]);
        const known = argument.length > 1 && first >= 0;
        const [text, name] = scale(value, 1000, si, known ? first : 5, decimals);
        return plain(text, ` ${name}${known ? argument.slice(1) : argument}`);
    }
    const [text, name] = scale(value, 1000, compact, 0, decimals);
    return kind === 'currency' ? plain(text, name, argument) : plain(text, `${name} ${argument}`);
}

/** @param {number} seconds @param {number | null} decimals @returns {Formatted} */
function duration(seconds, decimals) {
    const size = Math.abs(seconds);
    if (size === 0) return { prefix: '', text: '0', suffix: ' s' };
    const found = durations.find(([length]) => size >= length * 0.99995) ?? durations[durations.length - 1];
    const text = toFixed(seconds / found[0], decimals);
    const suffix = text === '1' && found[0] >= 60 ? found[1].replace(/s$/, '') : found[1];
    return { prefix: '', text, suffix };
}

/**
 * `1 hour, 2 minutes`.
 * @param {number} seconds
 * @param {number | null} decimals further parts to show
 */
function longDuration(seconds, decimals) {
    if (seconds === 0) return '0 seconds';
    /** @type {[string, number][]} */
    const units = [['year', 31_536_000], ['month', 2_628_000], ['week', 604_800], ['day', 86_400], ['hour', 3600],
        ['minute', 60], ['second', 1]];
    const texts = [];
    let rest = Math.abs(seconds);
    for (const [name, length] of units) {
        const count = Math.floor(rest / length);
        if (count > 0 || (texts.length > 0 && texts.length <= (decimals ?? 0))) {
            texts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
            rest -= count * length;
            if (texts.length > (decimals ?? 0)) break;
        }
    }
    const text = texts.length > 0 ? texts.join(', ') : `${toFixed(rest, null)} seconds`;
    return seconds < 0 ? `${text} ago` : text;
}

/**
 * `26:03:04`.
 * @param {number} seconds
 */
function clockDuration(seconds) {
    const two = (/** @type {number} */ number) => String(Math.floor(number)).padStart(2, '0');
    return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/**
 * The parts in one text.
 * @param {Formatted} formatted
 */
export function joined(formatted) {
    return formatted.prefix + formatted.text + formatted.suffix;
}
