// Who was told of what, when: martlet-alerts' own API, which Alertmanager has not.

import { ApiError, proxied, request } from '../api.js';

/**
 * @typedef {{name: string, index: number, sendResolved: boolean, lastNotified?: string, firing?: number, resolved?: number, lastNotifyAttempt?: string, attempts?: number,
 *   lastNotifyAttemptError?: string, retrying: boolean}} Integration
 * @typedef {{groupKey: string, labels: Record<string, string>, receiver: string, nextNotification: string, integrations: Integration[]}} ToldGroup
 * @typedef {{at: string, seconds: number, attempts: number, receiver: string, integration: string, index: number, groupKey: string, labels: Record<string, string>, firing: number,
 *   resolved: number, error?: string, test: boolean}} Outcome
 * @typedef {{groups: ToldGroup[], history: Outcome[]}} Notifications
 */

/**
 * @param {string} uid @param {AbortSignal} [signal] @param {number} [limit] of outcomes
 * @returns {Promise<Notifications | undefined>} nothing from an Alertmanager that does not say
 */
export async function notificationsOf(uid, signal, limit = 0) {
    try {
        const body = await request(proxied(uid, '/api/v1/notifications', { limit }), { signal });
        return Array.isArray(body?.groups) && Array.isArray(body?.history) ? body : undefined;
    } catch (error) {
        // Alertmanager 0.25 answers 410 for what its first API was, later ones and proxies 404.
        if (error instanceof ApiError && [404, 405, 410].includes(error.status)) return undefined;
        throw error;
    }
}

/** @param {Record<string, string>} a @param {Record<string, string>} b */
function same(a, b) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/**
 * The integrations that are told of a group; of all routes where several lead to one receiver.
 * @param {Notifications | undefined} told
 * @param {import('./alertmanager.js').Group} group
 * @returns {Integration[]}
 */
export function integrationsOf(told, group) {
    return (told?.groups ?? []).filter((one) => one.receiver === group.receiver.name && same(one.labels, group.labels)).flatMap((one) => one.integrations);
}

/**
 * When a group was told last, and the first of its failures.
 * @param {Notifications | undefined} told
 * @param {import('./alertmanager.js').Group} group
 * @returns {{at: number, error?: string} | undefined}
 */
export function toldOf(told, group) {
    const integrations = integrationsOf(told, group);
    if (integrations.length === 0) return undefined;
    return {
        at: Math.max(0, ...integrations.map((one) => (one.lastNotified ? Date.parse(one.lastNotified) : 0))),
        error: integrations.find((one) => one.lastNotifyAttemptError)?.lastNotifyAttemptError,
    };
}

/**
 * Tells a receiver of an alert that does not exist.
 * @param {string} uid @param {string} receiver
 * @returns {Promise<{name: string, index: number, status: string, error?: string, seconds: number}[]>} what each of its integrations made of it
 */
export async function testReceiver(uid, receiver) {
    const body = await request(proxied(uid, '/api/v1/receivers/test'), { json: { receivers: [{ name: receiver }] } });
    return body?.receivers?.[0]?.integrations ?? [];
}
