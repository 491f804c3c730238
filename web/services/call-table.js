// Calls between services as a table.

import { html } from '../vendor/preact.js';
import { withParams } from '../router.js';
import { connectionText } from './calls.js';
import { HealthDot, shown, shownRate } from './words.js';

/** @typedef {import('./calls.js').Call} Call */
/** @typedef {import('../ui/grid.js').Column<Call>} Column */

/**
 * @param {{sides: ('client' | 'server')[], keep: Record<string, string | undefined>, known: (name: string) => boolean}} wanted known: whether a name is a service that has a page
 * @returns {Column[]}
 */
export function callColumns({ sides, keep, known }) {
    return [
        ...sides.map((side, index) => /** @type {Column} */ ({
            id: side, title: side === 'client' ? 'From' : 'To', width: 'minmax(82px, 2fr)', value: (call) => call[side],
            cell: (call) => html`${index === 0 && html`<${HealthDot} share=${call.failedShare} />`}${known(call[side]) ? html`<a class="thing-name" href=${withParams(`/services/${encodeURIComponent(call[side])}`, keep)} title=${call[side]}>${call[side]}</a>`
                : html`<span class="thing-name" title=${call[side]}>${call[side]}</span>`}`,
        })),
        { id: 'connection', title: 'Kind', width: 'minmax(80px, 0.7fr)', wide: true, value: (call) => connectionText(call.connection) },
        { id: 'rate', title: 'Rate', width: 'minmax(86px, 0.8fr)', end: true, value: (call) => call.rate, cell: (call) => shownRate(call.rate) },
        { id: 'failed', title: 'Errors', width: 'minmax(58px, 0.7fr)', wide: sides.length > 1, end: true, value: (call) => call.failedShare, cell: (call) => shown(call.failedShare, 'percentunit') },
        { id: 'p95', title: 'P95', width: 'minmax(64px, 0.7fr)', end: true, value: (call) => call.p95, cell: (call) => shown(call.p95, 's') },
    ];
}

/** @param {Call[]} calls @returns {import('../types/model').Frame} */
export function callsFrame(calls) {
    const column = (/** @type {string} */ name, /** @type {'string' | 'number'} */ type, /** @type {(call: Call) => any} */ value) => ({ name, type, values: calls.map(value), config: {} });
    return {
        refId: 'A', rows: calls.length, fields: [
            column('From', 'string', (call) => call.client), column('To', 'string', (call) => call.server), column('Kind', 'string', (call) => connectionText(call.connection)),
            column('Rate', 'number', (call) => call.rate), column('Error share', 'number', (call) => call.failedShare), column('P95 (s)', 'number', (call) => call.p95),
        ],
    };
}
