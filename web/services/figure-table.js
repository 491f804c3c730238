// The columns that services and operations have in common, on the page and in a file.

import { html } from '../vendor/preact.js';
import { Change, shown, shownRate } from './words.js';

/** @typedef {import('./red.js').Figures & {before: import('./red.js').Figures | undefined}} Row */
/** @typedef {import('../ui/grid.js').Column<any>} Column */

/**
 * Figures with those of the period before beside them.
 * @param {{now: Map<string, import('./red.js').Figures>, before: Map<string, import('./red.js').Figures>} | undefined} found
 * @returns {Row[]}
 */
export function rowsOf(found) {
    return [...found?.now ?? []].map(([key, figures]) => ({ ...figures, before: found?.before.get(key) }));
}

/**
 * @param {number} threshold of the Apdex, seconds
 * @param {(row: any) => string | undefined} [failures] where the ones that failed are listed
 * @returns {{rate: Column, rest: Column[]}}
 */
export function figureColumns(threshold, failures) {
    const compared = (/** @type {'rate' | 'errorShare' | 'p50' | 'p95' | 'p99'} */ id, /** @type {string} */ unit, /** @type {Partial<Column>} */ more, /** @type {'more' | undefined} */ bad) => ({
        id, title: id.toUpperCase(), width: 'minmax(70px, 0.8fr)', end: true, value: (/** @type {Row} */ row) => row[id],
        cell: (/** @type {Row} */ row) => html`<${Change} now=${row[id]} before=${row.before?.[id]} bad=${bad} />${unit === 'reqps' ? shownRate(row[id]) : shown(row[id], unit)}`, ...more,
    });
    const errors = (/** @type {Row} */ row) => {
        const href = row.errors > 0 ? failures?.(row) : undefined;
        const text = shown(row.errorShare, 'percentunit');
        return html`<${Change} now=${row.errorShare} before=${row.before?.errorShare} bad="more" />${href ? html`<a href=${href} title="Traces that failed">${text}</a>` : text}`;
    };
    return {
        rate: compared('rate', 'reqps', { title: 'Rate', width: 'minmax(86px, 0.8fr)' }, undefined),
        rest: [
            compared('errorShare', 'percentunit', { title: 'Errors', cell: errors }, 'more'),
            compared('p50', 's', { wide: true }, 'more'), compared('p95', 's', {}, 'more'), compared('p99', 's', { wide: true }, 'more'),
            {
                id: 'apdex', title: 'Apdex', width: 'minmax(64px, 0.5fr)', end: true, wide: true, value: (row) => row.apdex, cell: (row) => (row.apdex === null ? '–' : row.apdex.toFixed(2)),
                about: apdexText(threshold),
            },
        ],
    };
}

/** @param {number} threshold seconds */
export function apdexText(threshold) {
    return `Content within ${shown(threshold, 's')}, half so within ${shown(4 * threshold, 's')}, not with failures`;
}

/**
 * @param {string} title of the names @param {Row[]} rows @param {(row: Row) => string} nameOf
 * @returns {import('../types/model').Frame}
 */
export function figuresFrame(title, rows, nameOf) {
    const column = (/** @type {string} */ name, /** @type {(row: Row) => any} */ value) => ({ name, type: /** @type {const} */ ('number'), values: rows.map(value), config: {} });
    return {
        refId: 'A', rows: rows.length, fields: [
            { name: title, type: 'string', values: rows.map(nameOf), config: {} }, column('Rate', (row) => row.rate), column('Error share', (row) => row.errorShare),
            column('P50 (s)', (row) => row.p50), column('P95 (s)', (row) => row.p95), column('P99 (s)', (row) => row.p99), column('Apdex', (row) => row.apdex),
            column('Rate before', (row) => row.before?.rate ?? null), column('Error share before', (row) => row.before?.errorShare ?? null), column('P95 before (s)', (row) => row.before?.p95 ?? null),
        ],
    };
}
