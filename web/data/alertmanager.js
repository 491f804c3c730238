// Alertmanager's API, version 2: groups of alerts, silences, and the matchers of both.

import { proxied, request } from '../api.js';

/** @typedef {{name: string, value: string, isRegex: boolean, isEqual: boolean}} Matcher */
/**
 * @typedef {{fingerprint: string, labels: Record<string, string>, annotations: Record<string, string>, startsAt: string, endsAt: string,
 *   generatorURL?: string, status: {state: string, silencedBy: string[], inhibitedBy: string[], mutedBy?: string[]}}} Alert
 * @typedef {{labels: Record<string, string>, receiver: {name: string}, alerts: Alert[]}} Group
 * @typedef {{id: string, status: {state: string}, comment: string, createdBy: string, startsAt: string, endsAt: string, matchers: Matcher[]}} Silence
 */

/**
 * @param {string} uid
 * @param {{matchers: Matcher[], receiver: string}} filter
 * @param {AbortSignal} [signal]
 * @returns {Promise<Group[]>} with those that are silenced or inhibited
 */
export function alertGroups(uid, { matchers, receiver }, signal) {
    const parameters = new URLSearchParams();
    for (const matcher of matchers) parameters.append('filter', matcherText(matcher));
    if (receiver) parameters.set('receiver', receiver.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return request(proxied(uid, '/api/v2/alerts/groups', parameters), { signal });
}

/**
 * Leaves out what nobody is told of, and counts it, so that it is not forgotten.
 * @param {Group[]} groups
 * @param {{silenced: boolean, inhibited: boolean}} wanted
 * @returns {{groups: Group[], hidden: number}} groups that have alerts left; alerts left out, each counted once
 */
export function shownAlerts(groups, { silenced, inhibited }) {
    /** @type {Set<string>} */
    const hidden = new Set();
    const isShown = (/** @type {Alert} */ alert) => {
        const { silencedBy, inhibitedBy } = alert.status;
        if ((silenced || silencedBy.length === 0) && (inhibited || inhibitedBy.length === 0)) return true;
        hidden.add(alert.fingerprint);
        return false;
    };
    const shown = groups.map((group) => ({ ...group, alerts: group.alerts.filter(isShown) })).filter((group) => group.alerts.length > 0);
    return { groups: shown, hidden: hidden.size };
}

/** @param {string} uid @param {AbortSignal} [signal] @returns {Promise<string[]>} names */
export async function receivers(uid, signal) {
    const list = await request(proxied(uid, '/api/v2/receivers'), { signal });
    return list.map((/** @type {any} */ one) => one.name);
}

/** @param {string} uid @param {Matcher[]} matchers @param {AbortSignal} [signal] @returns {Promise<Silence[]>} those in force first, then by their end */
export async function silences(uid, matchers, signal) {
    const parameters = new URLSearchParams();
    for (const matcher of matchers) parameters.append('filter', matcherText(matcher));
    /** @type {Silence[]} */
    const list = await request(proxied(uid, '/api/v2/silences', parameters), { signal });
    const order = ['active', 'pending', 'expired'];
    const rank = (/** @type {Silence} */ one) => order.indexOf(one.status.state);
    return list.sort((a, b) => rank(a) - rank(b) || (rank(a) === 2 ? Date.parse(b.endsAt) - Date.parse(a.endsAt) : Date.parse(a.endsAt) - Date.parse(b.endsAt)));
}

/**
 * Alerts that matchers choose, silenced ones too, by the Alertmanager's own word.
 * @param {string} uid @param {Matcher[]} matchers @param {AbortSignal} [signal]
 * @returns {Promise<Alert[]>}
 */
export function alertsMatching(uid, matchers, signal) {
    const parameters = new URLSearchParams();
    for (const matcher of matchers) parameters.append('filter', matcherText(matcher));
    return request(proxied(uid, '/api/v2/alerts', parameters), { signal });
}

/**
 * Makes a silence, or changes the one whose id is given.
 * @param {string} uid
 * @param {{id?: string, matchers: Matcher[], startsAt: number, endsAt: number, comment: string, createdBy: string}} silence times in milliseconds
 */
export function saveSilence(uid, { id, startsAt, endsAt, ...rest }) {
    return request(proxied(uid, '/api/v2/silences'), { json: { ...rest, id, startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() } });
}

/** @param {string} uid @param {string} id */
export function expireSilence(uid, id) {
    return request(proxied(uid, `/api/v2/silence/${encodeURIComponent(id)}`), { method: 'DELETE' });
}

/** @param {Matcher} matcher */
export function matcherText({ name, value, isRegex, isEqual }) {
    const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
    return `${/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name)}${operator}${JSON.stringify(value)}`;
}

/**
 * The matchers of a text such as `alertname="Down", severity=~warning|page`, in braces or not; values may do without quotes
 * where they hold neither commas nor spaces.
 * @param {string} text
 * @returns {Matcher[]}
 * @throws {Error} that names what is not a matcher
 */
export function parseMatchers(text) {
    const one = /\s*([A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\]|\\.)*")\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^\s,"{}]*)\s*(,|$)/y;
    const inner = text.trim().replace(/^\{([^]*)\}$/, '$1').trim();
    /** @type {Matcher[]} */
    const found = [];
    while (one.lastIndex < inner.length) {
        const at = one.lastIndex;
        const match = one.exec(inner);
        if (!match) throw new Error(`“${inner.slice(at).trim()}” is not a matcher; write alertname="Down" or severity=~"warning|page", with commas between them.`);
        const [name, value] = [match[1], match[3]].map(unquoted);
        found.push({ name, value, isRegex: match[2].endsWith('~'), isEqual: !match[2].startsWith('!') });
    }
    return found;
}

/**
 * Whether a value is what a matcher wants; a broken expression wants none.
 * @param {string} value
 * @param {Matcher} matcher
 */
export function matchesValue(value, { value: wanted, isRegex, isEqual }) {
    if (!isRegex) return (value === wanted) === isEqual;
    try {
        return new RegExp(`^(?:${wanted})$`, 's').test(value) === isEqual;
    } catch {
        return false;
    }
}

/** @param {Record<string, string>} labels @param {Matcher[]} matchers a label that is missing is empty */
export function matchesAll(labels, matchers) {
    return matchers.every((matcher) => matchesValue(labels[matcher.name] ?? '', matcher));
}

/** @param {string} text */
function unquoted(text) {
    if (!text.startsWith('"')) return text;
    try {
        return String(JSON.parse(text));
    } catch {
        throw new Error(`${text} is not a quoted text.`);
    }
}

/**
 * Matchers of exactly these labels.
 * @param {Record<string, string>} labels
 * @returns {Matcher[]}
 */
export function matchersOf(labels) {
    return Object.entries(labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
}
