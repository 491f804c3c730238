// A part of the page as a PNG file: its elements are copied into a picture with the styles that they have at this moment.

import { save } from './save.js';

/** Elements of one picture; a table of a million rows is no picture. */
const mostElements = 6000;

/**
 * @param {string} title
 * @param {HTMLElement} element
 */
export async function downloadPng(title, element) {
    const blob = await pictureOf(element);
    save(title, 'png', blob);
}

/** @param {HTMLElement} element @returns {Promise<Blob>} */
async function pictureOf(element) {
    if (element.querySelectorAll('*').length > mostElements) throw new Error('This is too much for one picture; take the CSV.');
    const { width, height } = element.getBoundingClientRect();
    const ratio = Math.max(2, window.devicePixelRatio || 1);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${markupOf(element, `margin:0;width:${width}px;height:${height}px`)}</foreignObject></svg>`;
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.scale(ratio, ratio);
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0, width, height);
    return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser made no picture of it.'))), 'image/png'));
}

/** What is a tool of the page and no part of its content. */
const tools = '.button, .card-tools, .joined, .panel-progress, .panel-idle, .panel-hint, .menu';

/**
 * An element as text, with its styles. Text it is because the page itself lets no element have styles as an attribute.
 * @param {Element} element
 * @param {string} [more] styles
 * @returns {string}
 */
function markupOf(element, more = '') {
    const computed = getComputedStyle(element);
    let style = '';
    for (const name of computed) style += `${name}:${computed.getPropertyValue(name)};`;
    if (/auto|scroll/.test(computed.overflow)) style += 'overflow:hidden;';
    const styled = `style="${escaped(style + more)}"`;
    if (element instanceof HTMLCanvasElement) return `<img xmlns="http://www.w3.org/1999/xhtml" ${styled} src="${element.toDataURL()}" />`;
    let inner = '';
    for (const child of element.childNodes) {
        if (child instanceof Element) inner += child.matches(tools) ? '' : markupOf(child);
        else if (child.nodeType === Node.TEXT_NODE) inner += escaped(child.textContent ?? '');
    }
    if (element instanceof SVGElement) {
        const attributes = [...element.attributes].filter(({ name }) => !/^(?:class|id|style|on.*)$/.test(name)).map(({ name, value }) => `${name}="${escaped(value)}"`);
        return `<${element.localName} xmlns="http://www.w3.org/2000/svg" ${attributes.join(' ')} ${styled}>${inner}</${element.localName}>`;
    }
    // What an element is no longer matters, its styles say how it looks; only tables need their own.
    const name = /^(?:table|thead|tbody|tr|th|td)$/.test(element.localName) ? element.localName : 'div';
    return `<${name} xmlns="http://www.w3.org/1999/xhtml" ${styled}>${inner}</${name}>`;
}

/**
 * Fit for XML, which knows no control characters.
 * @param {string} text
 */
function escaped(text) {
    return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
