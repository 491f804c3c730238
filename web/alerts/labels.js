// Labels in one line, and the colour of a severity.

import { html } from '../vendor/preact.js';
import { shortened } from '../format/display.js';

/** @param {{labels: Record<string, string>, hide?: string[]}} properties */
export function Labels({ labels, hide = [] }) {
    return html`${Object.entries(labels).filter(([name]) => !hide.includes(name)).map(([name, value]) => html`<span class="tag" title=${`${name}=${value}`}>${name}=${shortened(value, 120)}</span>`)}`;
}

/** @param {{severity?: string}} properties */
export function Severity({ severity }) {
    if (!severity) return null;
    const level = /^(?:crit|page|fatal|emerg|p1|high|disaster)/i.test(severity) ? 'critical' : /^(?:err|major|p2)/i.test(severity) ? 'error' : /^(?:warn|minor|p3|medium)/i.test(severity) ? 'warning' : /^(?:info|low|none|p[45]|ticket|notice)/i.test(severity) ? 'info' : 'unknown';
    return html`<span class="level-badge level-${level}">${severity}</span>`;
}

/**
 * Annotations that are addresses are links, those that say how to help first.
 * @param {Record<string, string>} annotations
 * @returns {[string, string][]} names and addresses
 */
export function linksOf(annotations) {
    const found = Object.entries(annotations).filter(([, text]) => /^https?:\/\/\S+$/.test(text.trim()));
    return found.sort(([a], [b]) => Number(/runbook/i.test(b)) - Number(/runbook/i.test(a))).map(([name, text]) => [name.replace(/_?url$/i, '').replace(/_/g, ' ').replace(/^./, (letter) => letter.toUpperCase()) || name, text.trim()]);
}

/**
 * What an alert says first.
 * @param {Record<string, string>} annotations
 */
export function summaryOf(annotations) {
    return annotations.summary ?? annotations.message ?? annotations.description ?? '';
}
