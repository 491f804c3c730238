// One panel: its title and menu, its query, and the drawing for its type.

import { html, useEffect, useErrorBoundary, useMemo, useState } from '../vendor/preact.js';
import { isAbort, messageOf } from '../api.js';
import { configured } from '../data/fields.js';
import { findSource, kindOf } from '../data/sources.js';
import { transform } from '../data/transformations.js';
import { setParams, withParams } from '../router.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { useSize, useVisible } from '../ui/hooks.js';
import { Dialog, Empty, Message } from '../ui/messages.js';
import { BarGaugePanel } from '../panels/bar-gauge.js';
import { GaugePanel } from '../panels/gauge.js';
import { LogsPanel } from '../panels/logs.js';
import { PiePanel } from '../panels/pie.js';
import { StatPanel } from '../panels/stat.js';
import { TablePanel, framesAsTable } from '../panels/table.js';
import { TextPanel } from '../panels/text.js';
import { TimeSeriesPanel } from '../panels/time-series.js';
import { downloadCsv } from '../panels/csv.js';
import { interpolate } from './interpolate.js';
import { panelTitle } from './layout.js';
import { panelRange, runPanel } from './query.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('../types/model').DataSource} DataSource */

/** @type {Record<string, any>} */
const drawings = {
    timeseries: TimeSeriesPanel, stat: StatPanel, gauge: GaugePanel, bargauge: BarGaugePanel, table: TablePanel,
    'table-old': TablePanel, text: TextPanel, logs: LogsPanel, piechart: PiePanel,
};

/**
 * @param {{panel: Panel, scope: Scope, sources: DataSource[], zone: string, dashboard: Dashboard, alone?: boolean,
 *   onActivity: (change: number) => void}} properties
 */
export function PanelCard({ panel, scope, sources, zone, dashboard, alone, onActivity }) {
    const [visibleRef, visible] = useVisible();
    const [bodyRef, size] = useSize();
    const [inspecting, setInspecting] = useState(false);
    const inner = useMemo(() => ({ ...scope, scoped: panel.scoped }), [scope, panel.scoped]);
    const title = panelTitle(panel, inner);
    const hasQuery = panel.type !== 'text' && (panel.targets ?? []).length > 0;
    const { data, error, loading } = usePanelData({
        panel, scope: inner, sources, width: size.width, enabled: visible && size.width > 0 && hasQuery, onActivity,
    });
    const prepared = useMemo(() => {
        if (!data) return undefined;
        const { frames, unknown } = transform(data.frames, panel.transformations);
        const text = (/** @type {string} */ one) => interpolate(one, inner, 'text');
        return { ...data, frames: configured(frames, panel.fieldConfig, text), unknown };
    }, [data, panel]);
    const Drawing = drawings[panel.type];
    const notices = noticesOf(panel, prepared, Drawing !== undefined);
    const explore = exploreLink(panel, inner, sources);
    const shared = { panel, data: prepared, size, zone, scope: inner, dashboard, range: panelRange(panel, scope.range) };
    return html`<section class="panel ${panel.transparent ? 'transparent' : ''} ${title ? '' : 'untitled'}" ref=${visibleRef} aria-label=${title || panel.type}>
        ${loading && html`<span class="panel-progress"></span>`}
        <header class="panel-head">
            <h3 title=${title}>${title}</h3>
            ${panel.timeFrom && !panel.hideTimeOverride && html`<span class="panel-note">last ${panel.timeFrom}</span>`}
            ${panel.description && html`<span class="panel-hint" tabindex="0" title=${interpolate(panel.description, inner, 'text')}><${Icon} name="info" size="14" /></span>`}
            ${notices && html`<span class="panel-hint warn" tabindex="0" title=${notices}><${Icon} name="warn" size="14" /></span>`}
            <${Menu} title="Panel menu" right=${true} class="button quiet small icon panel-menu" label=${html`<${Icon} name="dots" />`}>
                ${(/** @type {() => void} */ close) => html`
                    <button class="menu-item" role="menuitem" onClick=${() => { close(); setParams({ viewPanel: alone ? null : String(panel.id) }); }}>
                        <${Icon} name="expand" size="14" />${alone ? 'Show all panels' : 'View alone'}</button>
                    ${hasQuery && html`<button class="menu-item" role="menuitem" onClick=${() => { close(); setInspecting(true); }}>
                        <${Icon} name="table" size="14" />Data and queries</button>`}
                    ${prepared && html`<button class="menu-item" role="menuitem" onClick=${() => { close(); downloadCsv(title, framesAsTable(prepared.frames)); }}>
                        <${Icon} name="download" size="14" />Download CSV</button>`}
                    ${explore && html`<a class="menu-item" role="menuitem" href=${explore}><${Icon} name="compass" size="14" />Explore</a>`}`}
            </${Menu}>
        </header>
        <div class="panel-body" ref=${bodyRef}>
            ${error ? html`<div class="panel-error"><${Message}>${error}</${Message}></div>`
                : html`<${PanelBody} Drawing=${Drawing} hasQuery=${hasQuery} shared=${shared} />`}
        </div>
        ${inspecting && html`<${Dialog} title=${title || 'Panel data'} onClose=${() => setInspecting(false)}>
            ${(data?.queries ?? []).map((query) => html`<pre class="query-text">${query}</pre>`)}
            ${error && html`<${Message}>${error}</${Message}>`}
            ${prepared && html`<div class="inspect-table"><${TablePanel} ...${shared} data=${{ ...prepared, frames: framesAsTable(prepared.frames) }} plain=${true} /></div>`}
        </${Dialog}>`}
    </section>`;
}

/** @param {{Drawing: any, hasQuery: boolean, shared: any}} properties */
function PanelBody({ Drawing, hasQuery, shared }) {
    const [failure, reset] = useErrorBoundary((error) => console.error(error));
    useEffect(() => {
        if (failure) reset();
    }, [shared.data]);
    const { panel, data, size } = shared;
    if (failure) return html`<div class="panel-error"><${Message}>This panel could not be drawn: ${messageOf(failure)}</${Message}></div>`;
    if (panel.type === 'text') return html`<${TextPanel} ...${shared} />`;
    if (!hasQuery) return html`<${Empty} title=${Drawing ? 'This panel has no query' : `Panels of type “${panel.type}” are not drawn yet`} />`;
    if (!data || size.width === 0) return null;
    if (!Drawing) {
        return html`<div class="panel-unknown"><p class="muted">Panels of type “${panel.type}” are not drawn yet; this is their data.</p>
            <${TablePanel} ...${shared} data=${{ ...data, frames: framesAsTable(data.frames) }} plain=${true} /></div>`;
    }
    if (data.frames.every((/** @type {any} */ frame) => frame.rows === 0) && panel.type !== 'table') {
        return html`<${Empty} title="No data">Nothing answers in this time range.</${Empty}>`;
    }
    return html`<${Drawing} ...${shared} />`;
}

/**
 * @param {{panel: Panel, scope: Scope, sources: DataSource[], width: number, enabled: boolean, onActivity: (change: number) => void}} context
 */
function usePanelData({ panel, scope, sources, width, enabled, onActivity }) {
    const [state, setState] = useState(/** @type {{data?: import('./query.js').PanelData, error?: string, loading: boolean}} */ ({ loading: false }));
    // Only a clearly other width asks for another resolution.
    const bucket = Math.ceil(width / 200) * 200;
    useEffect(() => {
        if (!enabled) return undefined;
        const controller = new AbortController();
        let counted = true;
        const done = () => {
            if (counted) onActivity(-1);
            counted = false;
        };
        onActivity(1);
        setState((previous) => ({ ...previous, loading: true }));
        runPanel({ panel, scope, sources, width: bucket, signal: controller.signal }).then((data) => {
            if (!controller.signal.aborted) setState({ data, loading: false });
        }).catch((error) => {
            if (!controller.signal.aborted && !isAbort(error)) setState((previous) => ({ data: previous.data, error: messageOf(error), loading: false }));
        }).finally(done);
        return () => {
            controller.abort();
            done();
        };
    }, [panel, scope, sources, bucket, enabled]);
    return state;
}

/** @param {Panel} panel @param {any} prepared @param {boolean} known */
function noticesOf(panel, prepared, known) {
    const notices = new Set((prepared?.frames ?? []).map((/** @type {any} */ frame) => frame.notice).filter(Boolean));
    if (prepared?.unknown.length) notices.add(`Not applied: transformation ${prepared.unknown.join(', ')}`);
    if (!known && panel.type !== 'row') notices.add(`Panel type “${panel.type}” is shown as a table`);
    return [...notices].join('\n');
}

/**
 * Where to look closer at a panel's first query.
 * @param {Panel} panel
 * @param {Scope} scope
 * @param {DataSource[]} sources
 */
function exploreLink(panel, scope, sources) {
    const target = (panel.targets ?? []).find((one) => !one.hide && (one.expr || one.query));
    if (!target) return undefined;
    let source;
    try {
        source = findSource(sources, target.datasource ?? panel.datasource, (text) => interpolate(text, scope));
    } catch {
        return undefined;
    }
    const page = { prometheus: 'metrics', loki: 'logs', tempo: 'traces' }[kindOf(source.type)];
    if (!page) return undefined;
    const expr = interpolate(target.expr ?? target.query ?? '', { ...scope, rateIntervalMs: 60_000, intervalMs: 15_000 }, 'promql');
    return withParams(`/explore/${page}`, { ds: source.uid, expr, from: scope.range.raw.from, to: scope.range.raw.to });
}
