// What a panel asks and what comes of it, and its JSON: loaded when somebody looks.

import { html } from '../vendor/preact.js';
import { Dialog, Message } from '../ui/messages.js';
import { DataTable } from './panel.js';

/** @param {{title: string, error?: string, shared: any, onClose: () => void}} properties `shared`: as a drawing takes it */
export function PanelInspector({ title, error, shared, onClose }) {
    return html`<${Dialog} title=${title || 'Panel data'} onClose=${onClose}>
        ${(shared.data?.queries ?? []).map((/** @type {string} */ query) => html`<pre class="query-text">${query}</pre>`)}
        ${error && html`<${Message}>${error}</${Message}>`}
        ${shared.data && html`<div class="inspect-table"><${DataTable} shared=${shared} /></div>`}
        <details><summary>JSON of the panel</summary><pre class="query-text">${JSON.stringify({ ...shared.panel, scoped: undefined }, null, 2)}</pre></details>
    </${Dialog}>`;
}
