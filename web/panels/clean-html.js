// HTML of a dashboard → elements of ours: known tags, known attributes, harmless styles; everything else is dropped.

import { html } from '../vendor/preact.js';
import { isSafe } from '../dashboard/links.js';

const tags = new Set(['a', 'abbr', 'b', 'blockquote', 'br', 'center', 'code', 'dd', 'del', 'details', 'div', 'dl', 'dt', 'em', 'font', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i',
    'img', 'kbd', 'li', 'mark', 'ol', 'p', 'pre', 's', 'small', 'span', 'strong', 'sub', 'summary', 'sup', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr', 'u', 'ul']);
/** Their content is no text for people. */
const dropped = new Set(['script', 'style', 'iframe', 'object', 'embed', 'template', 'noscript', 'svg', 'math', 'title', 'head', 'link', 'meta', 'base', 'textarea', 'select', 'form']);
const styles = /^(color|background(-color)?|font-(size|weight|style|family)|text-(align|decoration|transform)|line-height|letter-spacing|white-space|vertical-align|(min-|max-)?(width|height)|(margin|padding|border)(-(top|right|bottom|left))?|border-(radius|color|width|style|collapse)|display|flex(-(direction|wrap|grow))?|justify-content|align-items|gap|opacity|list-style(-type)?)$/;

/**
 * @param {string} text a `style` attribute
 * @returns {Record<string, string>} without what loads something, moves out of its place, or covers the page
 */
export function safeStyle(text) {
    /** @type {Record<string, string>} */
    const made = {};
    for (const part of text.split(';').slice(0, 40)) {
        const at = part.indexOf(':');
        const name = part.slice(0, at).trim().toLowerCase();
        const value = part.slice(at + 1).trim().replace(/\s*!important$/i, '');
        if (at > 0 && styles.test(name) && value.length < 120 && !/url\(|expression|image-set|\\|\/\*|fixed|sticky/i.test(value) && !/-\d/.test(name.startsWith('margin') ? value : '')) {
            made[name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = value;
        }
    }
    return made;
}

/** @param {string} source @returns {any[]} */
export function cleanHtml(source) {
    // Styles and handlers are set aside before the parser sees them: the page's policy would report each one.
    const quiet = source.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, ' data-style=').replace(/\son\w+\s*=/gi, ' data-on='));
    const parsed = new DOMParser().parseFromString(quiet, 'text/html');
    let left = 5000;
    /** @param {Node} node @param {number} depth @returns {any} */
    const clean = (node, depth) => {
        left -= 1;
        if (left < 0 || depth > 60) return null;
        if (node.nodeType === Node.TEXT_NODE) return node.nodeValue;
        if (!(node instanceof Element)) return null;
        const tag = node.localName;
        if (dropped.has(tag)) return null;
        const children = [...node.childNodes].map((child) => clean(child, depth + 1));
        if (!tags.has(tag)) return children;
        const attributes = attributesOf(node, tag);
        if (tag === 'img' && !attributes.src) return node.getAttribute('alt') ?? null;
        return html`<${tag} ...${attributes}>${['br', 'hr', 'img'].includes(tag) ? null : children}</${tag}>`;
    };
    return [...parsed.body.childNodes].map((child) => clean(child, 0));
}

/** @param {Element} element @param {string} tag */
function attributesOf(element, tag) {
    /** @type {Record<string, any>} */
    const made = {};
    const value = (/** @type {string} */ name) => element.getAttribute(name) ?? '';
    for (const name of ['title', 'colspan', 'rowspan', 'align', 'valign', 'width', 'height', 'alt', 'open', 'start']) if (element.hasAttribute(name)) made[name] = value(name).slice(0, 200);
    const style = { ...safeStyle(value('data-style')), ...(tag === 'font' && element.hasAttribute('color') ? safeStyle(`color: ${value('color')}`) : {}) };
    if (Object.keys(style).length > 0) made.style = style;
    if (tag === 'a' && isSafe(value('href').trim())) {
        made.href = value('href').trim();
        made.rel = 'noreferrer';
        if (/^https?:/i.test(made.href)) made.target = '_blank';
    }
    // Pictures of other servers would tell them who looks; the page's policy forbids them as well.
    if (tag === 'img' && /^(data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]|\/(?![/\\]))/i.test(value('src'))) made.src = value('src');
    return made;
}
