// One panel: its title and menu, its query, and the drawing for its type.

import { html, useEffect, useErrorBoundary, useMemo, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { framesAsTable } from '../data/table-frames.js';
import { Icon } from '../ui/icons.js';
import { useModule, useSize, useVisible } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { isKnown, selfFed, useDrawing } from './drawings.js';
import { interpolate } from './interpolate.js';
import { panelTitle } from './layout.js';
import { usePanelData } from './panel-data.js';
import { PanelMenu } from './panel-menu.js';
import { panelRange } from './query.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('../types/model').DataSource} DataSource */

/**
 * @param {{panel: Panel, scope: Scope, sources: DataSource[], zone: string, dashboard: Dashboard, alone?: boolean, place?: string,
 *   annotations: import('./annotations.js').Annotation[], onActivity: (change: number) => void,
 *   more?: import('./panel-menu.js').More, onData?: (data: any, error?: string) => void}} properties `onData` hears of what is drawn
 */
export function PanelCard({ panel, scope, sources, zone, dashboard, alone, place, annotations, onActivity, more, onData }) {
    const [visibleRef, visible] = useVisible();
    const [bodyRef, size] = useSize();
    const [inspecting, setInspecting] = useState(false);
    const Inspector = useModule(() => import('./inspect.js'), inspecting)?.PanelInspector;
    const inner = useMemo(() => ({ ...scope, scoped: panel.scoped }), [scope, panel.scoped]);
    const title = panelTitle(panel, inner);
    const hasQuery = !selfFed.has(panel.type) && (panel.targets ?? []).length > 0;
    const { error, loading, prepared } = usePanelData({
        panel, scope: inner, sources, dashboard, width: size.width, enabled: visible && size.width > 0 && hasQuery, onActivity,
    });
    useEffect(() => onData?.(prepared, error), [prepared, error]);
    const notices = [...prepared?.notices ?? [], ...(hasQuery && !isKnown(panel.type) ? [`Panel type “${panel.type}” is shown as a table`] : [])].join('\n');
    const shared = { panel, data: prepared, size, zone, scope: inner, dashboard, sources, annotations, range: panelRange(panel, scope.range, zone) };
    const description = panel.description && interpolate(String(panel.description), inner, 'text');
    return html`<section class="panel ${panel.transparent ? 'transparent' : ''} ${title ? '' : 'untitled'}" ref=${visibleRef} aria-label=${title || panel.type}>
        <span class=${loading ? 'panel-progress' : 'panel-idle'}></span>
        <header class="panel-head">
            <h3 title=${title}>${title}</h3>
            ${panel.timeFrom && !panel.hideTimeOverride && html`<span class="panel-note">last ${panel.timeFrom}</span>`}
            ${panel.timeShift && !panel.hideTimeOverride && html`<span class="panel-note">shifted by ${panel.timeShift}</span>`}
            ${description && html`<span class="panel-hint" tabindex="0" title=${description}><${Icon} name="info" size="14" /></span>`}
            ${notices && html`<span class="panel-hint warn" tabindex="0" title=${notices}><${Icon} name="warn" size="14" /></span>`}
            <${PanelMenu} panel=${panel} title=${title} scope=${inner} sources=${sources} prepared=${prepared} hasQuery=${hasQuery} more=${more} alone=${alone} place=${panel.scoped ? place : undefined} onInspect=${() => setInspecting(true)} />
        </header>
        <div class="panel-body" ref=${bodyRef}>
            ${error ? html`<div class="panel-error"><${Message}>${error}</${Message}></div>`
                : html`<${PanelBody} hasQuery=${hasQuery} visible=${visible} shared=${shared} />`}
        </div>
        ${inspecting && Inspector && html`<${Inspector} title=${title} error=${error} shared=${shared} onClose=${() => setInspecting(false)} />`}
    </section>`;
}

/** @param {{hasQuery: boolean, visible: boolean, shared: any}} properties */
function PanelBody({ hasQuery, visible, shared }) {
    const [failure, reset] = useErrorBoundary((error) => console.error(error));
    useEffect(() => {
        if (failure) reset();
    }, [shared.data]);
    const { panel, data, size } = shared;
    const { Drawing, failed } = useDrawing(panel.type);
    if (failure) return html`<div class="panel-error"><${Message}>This panel could not be drawn: ${messageOf(failure)}</${Message}></div>`;
    if (failed) return html`<div class="panel-error"><${Message}>The drawing for “${panel.type}” could not be loaded; is the server running?</${Message}></div>`;
    if (selfFed.has(panel.type)) return Drawing && visible ? html`<${Drawing} ...${shared} />` : null;
    const known = isKnown(panel.type);
    if (!hasQuery) return html`<${Empty} title=${known ? 'This panel has no query' : `Panels of type “${panel.type}” are not drawn yet`} />`;
    if (!data || size.width === 0 || !Drawing) return null;
    if (!known) {
        return html`<div class="panel-unknown"><p class="muted">Panels of type “${panel.type}” are not drawn yet; this is their data.</p>
            <${DataTable} shared=${shared} /></div>`;
    }
    if (data.frames.every((/** @type {any} */ frame) => frame.rows === 0) && data.lines.length === 0 && panel.type !== 'table') {
        return html`<${Empty} title="No data">${size.height > 80 && 'Nothing answers in this time range.'}</${Empty}>`;
    }
    return html`<${Drawing} ...${shared} />`;
}

/**
 * The panel's data as they are.
 * @param {{shared: any}} properties
 */
export function DataTable({ shared }) {
    const { Drawing } = useDrawing('table');
    return Drawing && html`<${Drawing} ...${shared} data=${{ ...shared.data, frames: framesAsTable(shared.data.frames) }} plain=${true} />`;
}
