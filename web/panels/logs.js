// Log lines in a dashboard.

import { html, useMemo } from '../vendor/preact.js';
import { commonLabels, deduplicated, ownLabels } from '../data/log-lines.js';
import { Empty } from '../ui/messages.js';
import { loadStyles } from '../ui/styles.js';
import { LogList } from '../explore/log-list.js';

await loadStyles(new URL('../styles/explore.css', import.meta.url));

/**
 * @param {{panel: import('../types/model').Panel, data: import('../dashboard/query.js').PanelData, zone: string, sources: import('../types/model').DataSource[]}} properties
 */
export function LogsPanel({ panel, data, zone, sources }) {
    const { options } = panel;
    const { lines, counts, common } = useMemo(() => {
        const ordered = options.sortOrder === 'Ascending' ? [...data.lines].reverse() : data.lines;
        return { ...deduplicated(ordered, String(options.dedupStrategy ?? 'none')), common: commonLabels(ordered) };
    }, [data, panel]);
    if (lines.length === 0) return html`<${Empty} title="No log lines">None match in this time range.</${Empty}>`;
    return html`<div class="logs-panel">
        ${options.showCommonLabels && html`<p class="plot-note">Common labels: ${Object.entries(common).map(([name, value]) => `${name}=${value}`).join(' ') || 'none'}</p>`}
        <${LogList} all=${sources} lines=${lines} wrap=${options.wrapLogMessage !== false} zone=${zone} showTime=${options.showTime !== false} pretty=${Boolean(options.prettifyLogMessage)}
            details=${options.enableLogDetails !== false} labelsOf=${options.showLabels ? (/** @type {any} */ line) => ownLabels(line, common) : undefined} countOf=${(/** @type {any} */ line) => counts.get(line.key) ?? 1} />
    </div>`;
}
