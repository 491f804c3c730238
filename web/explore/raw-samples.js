// The stored samples behind a query, as they were scraped or sent.

import { html, useMemo, useState } from '../vendor/preact.js';
import { configured } from '../data/fields.js';
import { mostSeries, rawSamples } from '../data/samples.js';
import { TablePanel } from '../panels/table.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { CardTools } from './card-tools.js';
import { selectorsOf } from './selectors.js';

/** @type {any} */
const panel = { id: 0, type: 'table', title: 'Raw samples', options: {}, fieldConfig: { defaults: {}, overrides: [] } };

/** @param {{uid: string, expr: string, range: import('../types/model').TimeRange}} properties */
export function RawSamples({ uid, expr, range }) {
    const selectors = useMemo(() => selectorsOf(expr), [expr]);
    const [chosen, setChosen] = useState('');
    const selector = selectors.includes(chosen) ? chosen : selectors[0];
    const answer = useLoad(async (signal) => configured([await rawSamples({ uid, selector, range, signal })], panel.fieldConfig, (text) => text), [uid, selector, range], selector !== undefined);
    const frame = answer.value?.[0];
    // Every digit counts here, so numbers are shown as they are written.
    const shown = useMemo(() => frame && { ...frame, fields: frame.fields.map((field) => (field.type === 'number' ? { ...field, type: /** @type {'string'} */ ('string'), values: field.values.map(String), config: { custom: { align: 'right' } } } : field)) }, [frame]);
    if (selector === undefined) return html`<${Empty} title="No selector">The query names no series.</${Empty}>`;
    return html`<div class="raw-head">
            ${selectors.length > 1 ? html`<select class="select mono" aria-label="Selector" value=${selector} onChange=${(/** @type {any} */ event) => setChosen(event.target.value)}>
                ${selectors.map((one) => html`<option value=${one}>${one}</option>`)}</select>` : html`<code>${selector}</code>`}
            <span class="muted">${frame ? `${frame.rows.toLocaleString('en-US')} samples of at most ${mostSeries} series, newest first` : ''}</span>
            ${frame && html`<${CardTools} title="samples" frames=${() => [frame]} />`}
        </div>
        ${answer.error && html`<${Message}>${answer.error}</${Message}>`}
        ${frame && (frame.rows === 0 ? html`<${Empty} title="No samples">None are stored in this time range.</${Empty}>`
            : html`<div class="table-box" style=${{ height: `${Math.min(460, 34 + frame.rows * 32)}px` }}><${TablePanel} panel=${panel} data=${{ frames: [shown] }} zone="browser" /></div>`)}`;
}
