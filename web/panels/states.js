// Frames → lanes of states over time.

import { displayName } from '../data/fields.js';
import { display } from '../format/display.js';

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {{from: number, to: number, value: any, text: string, color: string}} State */
/** @typedef {{name: string, states: State[]}} Lane */

export const mostLanes = 500;

/**
 * @param {Frame[]} frames
 * @param {{merge: boolean, zone: string, to: number}} options merge: equal neighbours are one state; to: when the last state ends, in milliseconds
 * @returns {{lanes: Lane[], left: number}} `left`: lanes beyond those that are drawn
 */
export function stateLanes(frames, { merge, zone, to }) {
    /** @type {Lane[]} */
    const lanes = [];
    let left = 0;
    for (const frame of frames) {
        const clock = frame.fields.find((field) => field.type === 'time');
        if (!clock) continue;
        for (const field of frame.fields) {
            if (field.type === 'time' || field.config.custom?.hideFrom?.viz) continue;
            if (lanes.length >= mostLanes) {
                left += 1;
                continue;
            }
            lanes.push({ name: displayName(field), states: statesOf(field, clock.values, frame.step, { merge, zone, to }) });
        }
    }
    return { lanes, left };
}

/**
 * @param {import('../types/model').Field} field @param {number[]} times @param {number | undefined} step
 * @param {{merge: boolean, zone: string, to: number}} options
 * @returns {State[]}
 */
function statesOf(field, times, step, { merge, zone, to }) {
    /** @type {State[]} */
    const states = [];
    const spans = field.config.custom?.spanNulls;
    const bridge = spans === true ? Infinity : typeof spans === 'number' ? spans : 0;
    const usual = step ?? usualStep(times);
    /** @type {Map<any, {text: string, color: string}>} */
    const shownBy = new Map();
    let open = /** @type {State | null} */ (null);
    for (let at = 0; at < times.length; at++) {
        const value = field.values[at];
        const time = times[at];
        const missing = value === null || value === undefined;
        const known = shownBy.get(value);
        const shown = known ?? textAndColor(value, field, zone);
        if (!known) shownBy.set(value, shown);
        if (missing && shown.text === '') {
            // A gap ends the state one step after its last sample, unless it is to be bridged.
            if (open && time - open.to > bridge) open = null;
            continue;
        }
        const end = Math.min(Math.max(to, time), times[at + 1] ?? time + usual);
        if (open && merge && open.text === shown.text && open.color === shown.color && time - open.to <= Math.max(bridge, usual * 0.5)) {
            open.to = end;
        } else {
            if (open && bridge > 0 && time > open.to) open.to = time;
            open = { from: time, to: end, value, ...shown };
            states.push(open);
        }
    }
    return states;
}

/** @param {any} value @param {import('../types/model').Field} field @param {string} zone */
function textAndColor(value, field, zone) {
    const shown = display(value, field.config, { zone, index: field.index });
    const missing = value === null || value === undefined;
    // Words without a mapping or threshold of their own get a colour by what they say.
    return { text: missing && !shown.mapped ? '' : shown.prefix + shown.text + shown.suffix, color: shown.color };
}

/** @param {number[]} times */
function usualStep(times) {
    let least = Infinity;
    for (let at = 1; at < times.length; at++) least = Math.min(least, times[at] - times[at - 1]);
    return Number.isFinite(least) ? least : 60_000;
}

/**
 * Each text once with its colour, in the order of appearance.
 * @param {Lane[]} lanes
 * @param {number} most
 */
export function distinctStates(lanes, most) {
    /** @type {Map<string, string>} */
    const found = new Map();
    for (const { states } of lanes) for (const { text, color } of states) if (found.size < most && !found.has(text)) found.set(text, color);
    return [...found].map(([text, color]) => ({ text, color }));
}
