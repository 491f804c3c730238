// Log lines in a dashboard.

import { html } from '../vendor/preact.js';
import { Empty } from '../ui/messages.js';
import { LogList } from '../explore/log-list.js';

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, zone: string}} properties
 */
export function LogsPanel({ panel, data, zone }) {
    const options = panel.options;
    if (data.lines.length === 0) return html`<${Empty} title="No log lines">None match in this time range.</${Empty}>`;
    const lines = options.sortOrder === 'Ascending' ? [...data.lines].reverse() : data.lines;
    return html`<div class="logs-panel"><${LogList} lines=${lines} wrap=${options.wrapLogMessage !== false} zone=${zone} showTime=${options.showTime !== false} /></div>`;
}
