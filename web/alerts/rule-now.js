// What an expression finds now: the alerts that there would be, or the series that would be written.

import { html } from '../vendor/preact.js';
import * as loki from '../data/loki.js';
import * as prometheus from '../data/prometheus.js';
import { useLoad } from '../ui/hooks.js';
import { Message } from '../ui/messages.js';
import { languageOf } from './expression.js';
import { Labels } from './labels.js';

/** Series that are written out. */
const most = 20;

/** @param {{source: import('../types/model').DataSource, expr: string, isAlert: boolean, compares: boolean}} properties `compares`: whether the expression leaves out what is well */
export function RuleNow({ source, expr, isAlert, compares }) {
    const found = useLoad((signal) => {
        const query = { uid: source.uid, expr, timeMs: Date.now(), signal };
        return languageOf(source) === 'logql' ? loki.queryMetricInstant(query) : prometheus.queryInstant(query);
    }, [source.uid, expr], expr !== '');
    const series = (expr === '' ? undefined : found.value?.series) ?? [];
    const isLines = found.value?.kind === 'streams';
    const count = series.length.toLocaleString('en-US');
    const says = expr === '' ? 'Nothing to evaluate yet' : found.error ? 'It cannot be evaluated' : !found.value ? '' : isLines ? 'A rule needs a number: this query finds lines'
        : series.length === 0 ? (isAlert ? 'Nothing would fire' : 'Nothing would be written') : isAlert ? `${count} ${series.length === 1 ? 'alert' : 'alerts'} would be active` : `${count} ${series.length === 1 ? 'series' : 'series'} would be written`;
    return html`<section class="explore-card rule-now" aria-live="polite"><header><h2>Now</h2><span class="muted">${says}</span></header>
        ${found.error && expr !== '' && html`<${Message}>${found.error}</${Message}>`}
        ${expr !== '' && !found.error && isAlert && !compares && html`<${Message} tone="warn">The expression compares nothing: every series that it finds is an alert. Such as: … > 0.</${Message}>`}
        ${!found.error && !isLines && series.slice(0, most).map((/** @type {any} */ one) => html`<div class="preview-alert" key=${JSON.stringify(one.metric)}><b>${Number(one.value?.[1] ?? NaN).toLocaleString('en-US', { maximumSignificantDigits: 6 })}</b>
            <span class="alert-labels"><${Labels} labels=${one.metric ?? {}} /></span></div>`)}
        ${!found.error && series.length > most && html`<p class="muted">and ${(series.length - most).toLocaleString('en-US')} more</p>`}
    </section>`;
}
