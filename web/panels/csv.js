// Writes a table as a CSV file.

import { displayName } from '../data/fields.js';
import { save } from './save.js';

/** @param {any} value */
function cell(value) {
    const text = value === null || value === undefined ? '' : String(value);
    // A leading formula sign would be run by spreadsheet programs.
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/**
 * @param {string} title
 * @param {import('../types/model').Frame[]} frames
 */
export function downloadCsv(title, frames) {
    const frame = frames[0];
    if (!frame) return;
    const lines = [frame.fields.map((field) => cell(displayName(field))).join(',')];
    for (let row = 0; row < frame.rows; row++) {
        lines.push(frame.fields.map((field) => cell(field.type === 'time' ? new Date(field.values[row]).toISOString() : field.values[row])).join(','));
    }
    save(title, 'csv', new Blob([lines.join('\n') + '\n'], { type: 'text/csv' }));
}
