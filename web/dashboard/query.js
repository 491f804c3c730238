// Runs the targets of a panel and answers frames.

import { interpolate } from './interpolate.js';
import { findSource, kindOf } from '../data/sources.js';
import { intervalFor, parseDuration, resolveRange } from '../time/range.js';
import { runTarget } from './query-target.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('../types/model').TimeRange} TimeRange */
/**
 * @typedef {{frames: Frame[], lines: import('../types/model').LogLine[], spans?: import('../types/model').Span[], range: TimeRange, stepMs: number,
 *   queries: string[], notices: string[], layer?: import('../panels/plot.js').Layer}} PanelData
 */

/** The data source which stands for another panel of the board. */
const sharedPanel = '-- Dashboard --';

/**
 * The time range of a panel: its own `timeFrom` and `timeShift` over the dashboard's.
 * @param {Panel} panel
 * @param {TimeRange} range
 * @param {string} [zone]
 * @returns {TimeRange}
 */
export function panelRange(panel, range, zone = 'browser') {
    let result = range;
    if (panel.timeFrom) {
        const own = String(panel.timeFrom);
        result = resolveRange(own.startsWith('now') ? own : `now-${own}`, /^now\/|\/\w$/.test(own) ? own : 'now', { now: range.to, zone });
    }
    const shift = panel.timeShift ? parseDuration(String(panel.timeShift).replace(/\/\w$/, '')) : NaN;
    if (!Number.isNaN(shift)) result = { ...result, from: result.from - shift, to: result.to - shift };
    return result;
}

/**
 * The panel whose queries are run: itself, or the one it borrows its data from.
 * @param {Panel} panel
 * @param {Dashboard | undefined} dashboard
 * @returns {Panel}
 */
export function queryingPanel(panel, dashboard) {
    const seen = new Set();
    let current = panel;
    for (;;) {
        const uid = typeof current.datasource === 'string' ? current.datasource : current.datasource?.uid;
        const borrowed = current.targets?.find((target) => target.panelId !== undefined && (uid === sharedPanel || target.datasource === sharedPanel
            || /** @type {any} */ (target.datasource)?.uid === sharedPanel));
        if (!borrowed) return current;
        if (seen.has(current)) throw new Error('Panels borrow their data from each other in a circle.');
        seen.add(current);
        const next = dashboard?.panels.flatMap((one) => [one, ...one.panels ?? []]).find((one) => one.id === borrowed.panelId);
        if (!next) throw new Error(`This panel shows the data of panel ${borrowed.panelId}, which the dashboard does not have.`);
        current = next;
    }
}

/**
 * @param {{panel: Panel, scope: Scope, sources: DataSource[], dashboard?: Dashboard, width: number, signal: AbortSignal}} context
 *   width: pixels of the panel, which bound the number of points
 * @returns {Promise<PanelData>}
 */
export async function runPanel({ panel, scope, sources, dashboard, width, signal }) {
    const range = panelRange(panel, scope.range, scope.zone);
    const asking = queryingPanel(panel, dashboard);
    const targets = (asking.targets ?? []).filter((target) => !target.hide);
    const points = asking.maxDataPoints || Math.max(100, Math.min(1500, Math.round(width)));
    /** @type {PanelData} */
    const data = { frames: [], lines: [], range, stepMs: 0, queries: [], notices: [] };
    const computed = targets.filter((target) => isExpression(target));
    const answers = await Promise.all(targets.filter((target) => !isExpression(target)).map((target) => {
        const source = findSource(sources, reference(target, asking), (text) => interpolate(text, scope));
        const leastText = target.interval || asking.interval || '';
        const least = parseDuration(interpolate(leastText, scope));
        const scrape = parseDuration(source.jsonData?.timeInterval ?? '15s') || 15_000;
        const floor = Number.isNaN(least) ? (kindOf(source.type) === 'prometheus' ? scrape : 1000) : least;
        const stepMs = intervalFor(range, points, floor) * (Number(target.intervalFactor) || 1);
        data.stepMs = Math.max(data.stepMs, stepMs);
        const inner = { ...scope, range, intervalMs: stepMs, rateIntervalMs: Math.max(stepMs + scrape, 4 * scrape) };
        return runTarget({ panel, target, source, scope: inner, stepMs, many: targets.length > 1, signal });
    }));
    const notices = new Set();
    for (const answer of answers) {
        data.frames.push(...answer.frames);
        data.lines.push(...answer.lines);
        if (answer.spans) data.spans = [...data.spans ?? [], ...answer.spans];
        data.queries.push(answer.query);
        for (const frame of answer.frames) if (frame.notice) notices.add(frame.notice);
    }
    if (computed.length > 0) {
        const { evaluateExpressions } = await import('../data/expressions.js');
        const hidden = (asking.targets ?? []).filter((target) => target.hide && !isExpression(target));
        if (hidden.length > 0) {
            const borrowed = await runPanel({ panel: { ...asking, targets: hidden.map((target) => ({ ...target, hide: false })) }, scope, sources, dashboard, width, signal });
            data.frames.push(...evaluateExpressions(computed, [...data.frames, ...borrowed.frames]));
        } else {
            data.frames.push(...evaluateExpressions(computed, data.frames));
        }
    }
    data.notices.push(...notices);
    return data;
}

/** @param {import('../types/model').Target} target */
function isExpression(target) {
    const uid = typeof target.datasource === 'string' ? target.datasource : target.datasource?.uid ?? target.datasource?.type;
    return uid === '__expr__' || uid === '-100';
}

/**
 * Which source a target of a panel asks.
 * @param {import('../types/model').Target} target @param {Panel} panel
 */
export function reference(target, panel) {
    const uid = typeof panel.datasource === 'string' ? panel.datasource : panel.datasource?.uid;
    const own = target.datasource;
    // Targets name a source of their own only under “mixed”; elsewhere the panel's counts, as long as it names one.
    if (own !== null && own !== undefined && (uid === undefined || uid === '' || uid === '-- Mixed --' || typeof own === 'string' || own.uid)) return own;
    return panel.datasource;
}
