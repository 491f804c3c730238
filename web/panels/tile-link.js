// The data link of a stat or gauge: the whole tile leads there.

import { html } from '../vendor/preact.js';
import { resolveLink } from '../dashboard/links.js';

/** @param {{one: import('./reduced.js').Reduced, text: string, scope?: import('../types/model').Scope}} properties */
export function TileLink({ one, text, scope }) {
    if (!scope || !one.config.links?.length) return null;
    const field = { name: one.name, type: /** @type {'number'} */ ('number'), values: one.values, labels: one.labels, config: one.config };
    const point = { field, name: one.name, value: one.value, text };
    const [link] = one.config.links.flatMap((found) => resolveLink(found, scope, point) ?? []);
    return link ? html`<a class="tile-link" href=${link.href} title=${link.title} target=${link.blank ? '_blank' : undefined} rel="noreferrer" aria-label=${link.title}></a>` : null;
}
