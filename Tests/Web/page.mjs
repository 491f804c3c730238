// What the modules expect of a browser when they only compute.

globalThis.document = /** @type {any} */ ({ documentElement: { dataset: { theme: 'dark' } } });
globalThis.getComputedStyle = /** @type {any} */ (() => ({ getPropertyValue: () => '#888888' }));

/**
 * A frame of one series over time.
 * @param {string} name @param {number[]} times @param {any[]} values @param {any} [more] of the field
 */
export function series(name, times, values, more = {}) {
    return /** @type {any} */ ({
        refId: more.refId ?? 'A', rows: times.length,
        fields: [{ name: 'Time', type: 'time', values: times, config: {} }, { name: 'Value', type: 'number', values, labels: {}, index: 0, ...more, config: { displayNameFromDS: name, ...more.config } }],
    });
}

/**
 * A frame from columns: texts are strings, the rest numbers; `Time` is a time.
 * @param {Record<string, any[]>} columns @param {string} [refId]
 */
export function table(columns, refId = 'A') {
    const fields = Object.entries(columns).map(([name, values]) => ({ name, type: name === 'Time' ? 'time' : values.some((value) => typeof value === 'string') ? 'string' : 'number', values, config: {}, refId }));
    return /** @type {any} */ ({ refId, rows: fields[0]?.values.length ?? 0, fields });
}

/**
 * Columns of a frame by the names shown.
 * @param {any} frame
 */
export function columns(frame) {
    return Object.fromEntries(frame.fields.map((/** @type {any} */ field) => [field.config.displayName ?? field.config.displayNameFromDS ?? field.name, field.values]));
}
