// One trace as a waterfall; several as a table that leads to each.

import { html } from '../vendor/preact.js';
import { useLocation } from '../router.js';
import { Waterfall } from '../explore/waterfall.js';
import { loadStyles } from '../ui/styles.js';
import { TablePanel } from './table.js';

await loadStyles(new URL('../styles/explore.css', import.meta.url));

/** @param {any} properties as every panel gets them */
export function TracesPanel(properties) {
    const { params } = useLocation();
    const spans = properties.data.spans ?? [];
    if (spans.length === 0) return html`<${TablePanel} ...${properties} plain=${true} />`;
    return html`<div class="trace-panel"><${Waterfall} key=${spans[0].traceId} spans=${spans} traceId=${spans[0].traceId} selected=${params.get('span') ?? ''} all=${properties.sources} back=${null} /></div>`;
}
