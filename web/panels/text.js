// Markdown and plain text. HTML is never inserted: tags are dropped, their text stays.

import { html } from '../vendor/preact.js';
import { interpolate } from '../dashboard/interpolate.js';

/** @param {{panel: import('../types/model').Panel, scope: import('../types/model').Scope}} properties */
export function TextPanel({ panel, scope }) {
    const content = interpolate(String(panel.options.content ?? ''), scope, 'text');
    if (panel.options.mode === 'code') return html`<div class="prose"><pre><code>${content}</code></pre></div>`;
    const text = panel.options.mode === 'html' ? withoutTags(content) : content;
    return html`<div class="prose">${blocks(text)}</div>`;
}

/** @param {string} text */
function withoutTags(text) {
    const parsed = new DOMParser().parseFromString(text, 'text/html');
    parsed.querySelectorAll('script, style').forEach((element) => element.remove());
    parsed.querySelectorAll('br, p, div, li, h1, h2, h3, tr').forEach((element) => element.append('\n'));
    return parsed.body.textContent ?? '';
}

/** @param {string} source @returns {any[]} */
function blocks(source) {
    const lines = source.replace(/\r/g, '').split('\n');
    /** @type {any[]} */
    const made = [];
    for (let at = 0; at < lines.length;) {
        const line = lines[at];
        const heading = /^(#{1,4})\s+(.*)$/.exec(line);
        if (line.startsWith('```')) {
            const end = lines.findIndex((other, index) => index > at && other.startsWith('```'));
            const last = end < 0 ? lines.length : end;
            made.push(html`<pre><code>${lines.slice(at + 1, last).join('\n')}</code></pre>`);
            at = last + 1;
        } else if (heading) {
            const content = inline(heading[2]);
            made.push([html`<h1>${content}</h1>`, html`<h2>${content}</h2>`, html`<h3>${content}</h3>`, html`<h4>${content}</h4>`][heading[1].length - 1]);
            at += 1;
        } else if (/^\s*([-*+]|\d+[.)])\s+/.test(line)) {
            const items = [];
            const ordered = /^\s*\d/.test(line);
            for (; at < lines.length && /^\s*([-*+]|\d+[.)])\s+/.test(lines[at]); at++) {
                items.push(html`<li>${inline(lines[at].replace(/^\s*([-*+]|\d+[.)])\s+/, ''))}</li>`);
            }
            made.push(ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`);
        } else if (line.trim() === '') {
            at += 1;
        } else {
            const paragraph = [];
            for (; at < lines.length && lines[at].trim() !== '' && !/^(#{1,4}\s|```|\s*[-*+]\s|\s*\d+[.)]\s)/.test(lines[at]); at++) paragraph.push(lines[at]);
            if (paragraph.length === 0) paragraph.push(lines[at++]);
            made.push(html`<p>${inline(paragraph.join(' '))}</p>`);
        }
    }
    return made;
}

const marks = /`([^`]+)`|\*\*(.+?)\*\*|__(.+?)__|\*([^*\s][^*]*)\*|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)|(https?:\/\/[^\s<>()]+)/g;

/** @param {string} text @returns {any[]} */
function inline(text) {
    const plain = text.replace(/<\/?[a-zA-Z][^>]*>/g, '');
    /** @type {any[]} */
    const made = [];
    let last = 0;
    for (const match of plain.matchAll(marks)) {
        const [whole, code, strong, strong2, emphasis, label, target, bare] = match;
        made.push(plain.slice(last, match.index));
        if (code !== undefined) made.push(html`<code>${code}</code>`);
        else if (strong ?? strong2) made.push(html`<strong>${strong ?? strong2}</strong>`);
        else if (emphasis) made.push(html`<em>${emphasis}</em>`);
        else made.push(anchor(target ?? bare, label ?? bare));
        last = (match.index ?? 0) + whole.length;
    }
    made.push(plain.slice(last));
    return made;
}

/** @param {string} href @param {string} label */
function anchor(href, label) {
    if (!/^(https?:\/\/|\/(?!\/)|#)/.test(href)) return label;
    const away = /^https?:/.test(href);
    return html`<a href=${href} target=${away ? '_blank' : undefined} rel="noreferrer">${label}</a>`;
}
