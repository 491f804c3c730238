// Calendar fields of a moment in a time zone, and back.

import { zoneName } from './format.js';

/** @typedef {{year: number, month: number, day: number, hour: number, weekday: number}} Calendar month from 0, weekday from Sunday */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {number} ms @param {string} zone the name of Intl */
function shifted(ms, zone) {
    let format = formats.get(zone);
    if (!format) {
        format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
        formats.set(zone, format);
    }
    /** @type {Record<string, number>} */
    const parts = {};
    for (const { type, value } of format.formatToParts(ms)) parts[type] = Number(value);
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) + (((ms % 1000) + 1000) % 1000);
}

/**
 * @param {number} ms
 * @param {string} zone `browser`, `utc` or an IANA name
 * @returns {Calendar}
 */
export function calendarOf(ms, zone) {
    const name = zoneName(zone);
    if (name === undefined) {
        const date = new Date(ms);
        return { year: date.getFullYear(), month: date.getMonth(), day: date.getDate(), hour: date.getHours(), weekday: date.getDay() };
    }
    const date = new Date(name === 'UTC' ? ms : shifted(ms, name));
    return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate(), hour: date.getUTCHours(), weekday: date.getUTCDay() };
}

/**
 * The moment at which a clock of the zone shows these fields; fields beyond their range carry over.
 * @param {string} zone @param {number} year @param {number} month @param {number} day @param {number} hour @param {number} [rest] milliseconds more
 */
export function momentOf(zone, year, month, day, hour, rest = 0) {
    const name = zoneName(zone);
    if (name === undefined) return new Date(year, month, day, hour).getTime() + rest;
    const wanted = Date.UTC(year, month, day, hour) + rest;
    if (name === 'UTC') return wanted;
    // The offset at the guess, then at the better guess: right except within an hour that a clock change leaves out.
    let guess = wanted;
    for (let round = 0; round < 2; round++) guess = wanted - (shifted(guess, name) - guess);
    return guess;
}
