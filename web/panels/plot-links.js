// Where the data links of a point lead.

import { display } from '../format/display.js';
import { resolveLink } from '../dashboard/links.js';

/**
 * @param {import('./series.js').Series} series @param {number} index @param {number} time @param {import('../types/model').Scope} scope
 * @returns {import('../dashboard/links.js').Link[]}
 */
export function pointLinks({ field, name, raw }, index, time, scope) {
    const value = raw[index];
    const shown = display(value, field.config);
    const point = { field, name, value, text: shown.prefix + shown.text + shown.suffix, time };
    return (field.config.links ?? []).flatMap((link) => resolveLink(link, scope, point) ?? []);
}
