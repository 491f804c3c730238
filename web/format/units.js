// Grafana's unit ids → readable numbers. `formatValue(1536, 'bytes')` is `{text: '1.5', suffix: ' KiB', prefix: ''}`.

import { dateTime, formatMoment, fromNow } from '../time/format.js';

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
    deckbytes: [1000, 'B', 1], decmbytes: [1000, 'B', 2], decgbytes: [1000, 'B', 3], dectbytes: [1000, 'B', 4], decpbytes: [1000, 'B', 5],
    Bps: [1000, 'B/s', 0], bps: [1000, 'b/s', 0], binBps: [1024, 'B/s', 0], binbps: [1024, 'b/s', 0], pps: [1000, 'p/s', 0],
    KBs: [1000, 'B/s', 1], MBs: [1000, 'B/s', 2], GBs: [1000, 'B/s', 3], TBs: [1000, 'B/s', 4], PBs: [1000, 'B/s', 5],
    Kbits: [1000, 'b/s', 1], Mbits: [1000, 'b/s', 2], Gbits: [1000, 'b/s', 3], Tbits: [1000, 'b/s', 4], Pbits: [1000, 'b/s', 5],
    KiBs: [1024, 'B/s', 1], MiBs: [1024, 'B/s', 2], GiBs: [1024, 'B/s', 3], TiBs: [1024, 'B/s', 4], PiBs: [1024, 'B/s', 5],
    Kibits: [1024, 'b/s', 1], Mibits: [1024, 'b/s', 2], Gibits: [1024, 'b/s', 3], Tibits: [1024, 'b/s', 4], Pibits: [1024, 'b/s', 5],
    hertz: [1000, 'Hz', 0], rothz: [1000, 'Hz', 0], watt: [1000, 'W', 0], kwatt: [1000, 'W', 1], volt: [1000, 'V', 0],
    amp: [1000, 'A', 0], joule: [1000, 'J', 0], watth: [1000, 'Wh', 0], kwatth: [1000, 'Wh', 1], Hs: [1000, 'H/s', 0],
    KHs: [1000, 'H/s', 1], MHs: [1000, 'H/s', 2], GHs: [1000, 'H/s', 3], THs: [1000, 'H/s', 4], PHs: [1000, 'H/s', 5], EHs: [1000, 'H/s', 6],
    flops: [1000, 'FLOP/s', 0], mflops: [1000, 'FLOP/s', 2], gflops: [1000, 'FLOP/s', 3], tflops: [1000, 'FLOP/s', 4], pflops: [1000, 'FLOP/s', 5], eflops: [1000, 'FLOP/s', 6], zflops: [1000, 'FLOP/s', 7], yflops: [1000, 'FLOP/s', 8],
    megwatt: [1000, 'W', 2], gwatt: [1000, 'W', 3], voltamp: [1000, 'VA', 0], kvoltamp: [1000, 'VA', 1], voltampreact: [1000, 'VAr', 0], kvoltampreact: [1000, 'VAr', 1],
    watthperkg: [1000, 'Wh/kg', 0], kwattm: [1000, 'W/m', 1], ev: [1000, 'eV', 0], amph: [1000, 'Ah', 0], kamph: [1000, 'Ah', 1], mamph: [1000, 'Ah', -1], kamp: [1000, 'A', 1], kvolt: [1000, 'V', 1], ohm: [1000, 'Ω', 0], farad: [1000, 'F', 0], henry: [1000, 'H', 0], lumens: [1000, 'Lm', 0],
    pressurebar: [1000, 'bar', 0], pressurepa: [1000, 'Pa', 0], pressurekpa: [1000, 'Pa', 1], pressurekbar: [1000, 'bar', 1], massmg: [1000, 'g', -1], massg: [1000, 'g', 0], masskg: [1000, 'g', 1], radbq: [1000, 'Bq', 0], radci: [1000, 'Ci', 0], radgy: [1000, 'Gy', 0], radrad: [1000, 'rad', 0], radrem: [1000, 'rem', 0], radr: [1000, 'R', 0], radexpckg: [1000, 'C/kg', 0], radsv: [1000, 'Sv', 0],
    radmsv: [1000, 'Sv', -1], radusv: [1000, 'Sv', -2], radsvh: [1000, 'Sv/h', 0], radmsvh: [1000, 'Sv/h', -1], radusvh: [1000, 'Sv/h', -2], mwatt: [1000, 'W', -1], mamp: [1000, 'A', -1], mvolt: [1000, 'V', -1], mohm: [1000, 'Ω', -1], Mohm: [1000, 'Ω', 2], kohm: [1000, 'Ω', 1],
    µfarad: [1000, 'F', -2], nfarad: [1000, 'F', -3], pfarad: [1000, 'F', -4], ffarad: [1000, 'F', -5], mhenry: [1000, 'H', -1], µhenry: [1000, 'H', -2], litre: [1000, 'L', 0], mlitre: [1000, 'L', -1], lengthm: [1000, 'm', 0], lengthmm: [1000, 'm', -1], lengthkm: [1000, 'm', 1],
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
    dBmV: ' dBmV', radian: ' rad', grad: ' grad', arcmin: ' arcmin', arcsec: ' arcsec', accMS2: ' m/s²', accFS2: ' f/s²', accG: ' g', areaM2: ' m²', areaF2: ' ft²', areaMI2: ' mi²', conppm: ' ppm', conppb: ' ppb', conngm3: ' ng/m³', conμgm3: ' μg/m³', conmgm3: ' mg/m³', congm3: ' g/m³', conngNm3: ' ng/Nm³', conμgNm3: ' μg/Nm³', conmgNm3: ' mg/Nm³', congNm3: ' g/Nm³', Wm2: ' W/m²', litreh: ' L/h', conmgdL: ' mg/dL', conmmolL: ' mmol/L',
    forceNm: ' Nm', forcekNm: ' kNm', forceN: ' N', forcekN: ' kN', flowgpm: ' gpm', flowcms: ' cms', flowcfs: ' cfs', flowcfm: ' cfm', flowlpm: ' L/min', flowmlpm: ' mL/min', lux: ' lx', lengthin: ' in', lengthft: ' ft', lengthmi: ' mi', masslb: ' lb', masst: ' t', mgdL: ' mg/dL', pressurembar: ' mbar', pressurehpa: ' hPa', pressurehg: ' inHg', pressurepsi: ' psi',
    velocityms: ' m/s', velocitykmh: ' km/h', velocitymph: ' mph', velocityknot: ' kn', m3: ' m³', Nm3: ' Nm³', dm3: ' dm³', gallons: ' gal', ppm: ' ppm', rotrads: ' rad/s', rotdegs: ' °/s',
};

/** @type {Record<string, string>} */
const currencies = {
    currencyUSD: '$', currencyEUR: '€', currencyGBP: '£', currencyJPY: '¥', currencyINR: '₹', currencyKRW: '₩',
    currencyBTC: '₿', currencyRUB: '₽', currencyUAH: '₴', currencyBRL: 'R$', currencyCHF: 'CHF ', currencyDKK: 'kr ', currencyISK: 'kr ', currencyNOK: 'kr ', currencySEK: 'kr ', currencyCZK: 'Kč ', currencyPLN: 'zł ',
    currencymBTC: 'm₿', currencyμBTC: 'μ₿', currencyZAR: 'R ', currencyIDR: 'Rp ', currencyPHP: '₱', currencyVND: '₫', currencyTRY: '₺', currencyMYR: 'RM ', currencyXPF: 'XPF ', currencyBGN: 'лв ', currencyPYG: '₲', currencyUYU: 'UYU ', currencyILS: '₪', currencyTWD: 'NT$', currencyCNY: '¥', currencyAUD: 'A$', currencyCAD: 'C$', currencyHKD: 'HK$', currencyMXN: 'MX$', currencySGD: 'S$', currencyNZD: 'NZ$',
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
    if (Object.hasOwn(scaled, unit)) {
        const [factor, base, start] = scaled[unit];
        // Below the base unit come milli and micro, for units that are small as a rule.
        const [text, name] = start < 0 ? scale(value, factor, si, si.indexOf('') + start, decimals) : scale(value, factor, factor === 1024 ? binary : decimal, start, decimals);
        return plain(text, ` ${name}${base}`);
    }
    if (Object.hasOwn(counted, unit)) {
        const [text, name] = scale(value, 1000, compact, 0, decimals);
        return plain(text, `${name} ${counted[unit]}`);
    }
    if (Object.hasOwn(durationUnits, unit)) return duration(value * durationUnits[unit], decimals);
    if (Object.hasOwn(fixed, unit)) return plain(toFixed(value, decimals), fixed[unit]);
    if (Object.hasOwn(currencies, unit)) {
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
        case 'dateTimeAsIso': case 'dateTimeAsSystem': case 'dateTimeAsLocal': return plain(dateTime(value, zone));
        case 'dateTimeAsIsoNoDateIfToday': case 'dateTimeAsSystemNoDateIfToday': case 'dateTimeAsLocalNoDateIfToday': return plain(withoutToday(value, 'YYYY-MM-DD HH:mm:ss', 'HH:mm:ss', zone));
        case 'dateTimeAsUS': return plain(formatMoment(value, 'MM/DD/YYYY h:mm:ss a', zone));
        case 'dateTimeAsUSNoDateIfToday': return plain(withoutToday(value, 'MM/DD/YYYY h:mm:ss a', 'h:mm:ss a', zone));
        case 'dateTimeFromNow': return plain(fromNow(value));
        case 'dtdurations': return plain(longDuration(value, decimals));
        case 'dtdurationms': return plain(longDuration(value / 1000, decimals));
        case 'clocks': return plain(clockText(value, decimals));
        case 'clockms': return plain(clockText(value / 1000, decimals));
        case 'timeticks': return plain(...partsOf(duration(value / 100, decimals)));
        case 'dthms': return plain(hoursMinutes(value));
        case 'dtdhms': return plain(value >= 86_400 ? `${Math.floor(value / 86_400)} d ${hoursMinutes(value % 86_400)}` : hoursMinutes(value));
    }
    const custom = /^(prefix|suffix|si|count|currency|bool|time):(.*)$/.exec(unit);
    if (!custom) return plain(toFixed(value, decimals), ` ${unit}`);
    const [, kind, argument] = custom;
    if (kind === 'prefix') return plain(toFixed(value, decimals), '', argument);
    if (kind === 'suffix') return plain(toFixed(value, decimals), argument);
    if (kind === 'time') return plain(formatMoment(value, argument.trim() || 'YYYY-MM-DD HH:mm:ss', zone));
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
function hoursMinutes(seconds) {
    const two = (/** @type {number} */ number) => String(Math.floor(number)).padStart(2, '0');
    const size = Math.abs(seconds);
    return `${seconds < 0 ? '-' : ''}${two(size / 3600)}:${two((size / 60) % 60)}:${two(size % 60)}`;
}

/**
 * `26h:03m:04s`; decimals bound the parts.
 * @param {number} seconds
 * @param {number | null} decimals
 */
function clockText(seconds, decimals) {
    const two = (/** @type {number} */ number) => String(Math.floor(number)).padStart(2, '0');
    const size = Math.abs(seconds);
    const parts = [`${two(size / 3600)}h`, `${two((size / 60) % 60)}m`, `${two(size % 60)}s`, `${String(Math.floor((size % 1) * 1000 + 1e-6)).padStart(3, '0')}ms`];
    const first = size >= 3600 ? 0 : size >= 60 ? 1 : size >= 1 ? 2 : 3;
    return `${seconds < 0 ? '-' : ''}${parts.slice(first, decimals === null ? 4 : first + 1 + decimals).join(':')}`;
}

/** @param {number} ms @param {string} full @param {string} short @param {string} zone */
function withoutToday(ms, full, short, zone) {
    const day = (/** @type {number} */ at) => formatMoment(at, 'YYYY-MM-DD', zone);
    return formatMoment(ms, day(ms) === day(Date.now()) ? short : full, zone);
}

/** @param {Formatted} formatted @returns {[string, string, string]} in the order of the parts below */
function partsOf({ prefix, text, suffix }) {
    return [text, suffix, prefix];
}

/**
 * The parts in one text.
 * @param {Formatted} formatted
 */
export function joined(formatted) {
    return formatted.prefix + formatted.text + formatted.suffix;
}
