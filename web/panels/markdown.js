// Markdown → HTML, which is cleaned before it is shown. The common part of GitHub's dialect.

/** @param {string} text */
export function escapeHtml(text) {
    return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** @param {string} source @returns {string} */
export function markdownToHtml(source) {
    return blocks(source.slice(0, 200_000).replace(/\r\n?/g, '\n').split('\n'), 0);
}

const listItem = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const starts = /^(#{1,6}\s|```|~~~|>|\s*([-*+]|\d{1,9}[.)])\s+|\s*([-*_])(\s*\3){2,}\s*$)/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** @param {string[]} lines @param {number} depth @returns {string} */
function blocks(lines, depth) {
    let made = '';
    for (let at = 0; at < lines.length;) {
        const line = lines[at];
        const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
        const fence = /^(```|~~~)/.exec(line)?.[1];
        if (line.trim() === '') {
            at += 1;
        } else if (fence) {
            let end = at + 1;
            while (end < lines.length && !lines[end].startsWith(fence)) end += 1;
            made += `<pre><code>${escapeHtml(lines.slice(at + 1, end).join('\n'))}</code></pre>`;
            at = end + 1;
        } else if (heading) {
            made += `<h${heading[1].length}>${inline(heading[2])}</h${heading[1].length}>`;
            at += 1;
        } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
            made += '<hr>';
            at += 1;
        } else if (line.startsWith('>') && depth < 8) {
            const quoted = [];
            for (; at < lines.length && lines[at].startsWith('>'); at++) quoted.push(lines[at].replace(/^>\s?/, ''));
            made += `<blockquote>${blocks(quoted, depth + 1)}</blockquote>`;
        } else if (listItem.test(line) && depth < 8) {
            const end = listEnd(lines, at);
            made += list(lines.slice(at, end), depth);
            at = end;
        } else if (line.includes('|') && tableRule.test(lines[at + 1] ?? '')) {
            let end = at + 2;
            while (end < lines.length && lines[end].includes('|') && lines[end].trim() !== '') end += 1;
            made += table(lines.slice(at, end));
            at = end;
        } else {
            const paragraph = [line];
            for (at += 1; at < lines.length && lines[at].trim() !== '' && !starts.test(lines[at]); at++) paragraph.push(lines[at]);
            const text = paragraph.map((one) => inline(one.trimStart().replace(/ {2,}$/, '<br>'))).join('\n');
            made += /^\s*<(div|p|h[1-6]|ul|ol|table|center|details|pre|img|br|hr)\b/i.test(line) ? text : `<p>${text}</p>`;
        }
    }
    return made;
}

/** @param {string[]} lines @param {number} from */
function listEnd(lines, from) {
    let end = from + 1;
    while (end < lines.length) {
        const blank = lines[end].trim() === '';
        const next = blank ? lines[end + 1] ?? '' : lines[end];
        if (!listItem.test(next) && !/^\s{2,}\S/.test(next) && (blank || starts.test(next))) break;
        if (blank && next === '') break;
        end += 1;
    }
    return end;
}

/** @param {string[]} lines @param {number} depth */
function list(lines, depth) {
    const first = listItem.exec(lines[0]);
    const indent = first?.[1].length ?? 0;
    const tag = /\d/.test(first?.[2] ?? '') ? 'ol' : 'ul';
    /** @type {string[][]} */
    const items = [];
    for (const line of lines) {
        const item = listItem.exec(line);
        if (item && item[1].length <= indent + 1) items.push([item[3]]);
        else items[items.length - 1]?.push(line.replace(/^\s{1,4}/, ''));
    }
    const body = items.map(([head, ...rest]) => {
        const box = /^\[([ xX])\]\s+(.*)$/.exec(head);
        return `<li>${box ? `${box[1] === ' ' ? '☐' : '☑'} ${inline(box[2])}` : inline(head)}${rest.some((line) => line.trim() !== '') ? blocks(rest, depth + 1) : ''}</li>`;
    });
    return `<${tag}>${body.join('')}</${tag}>`;
}

/** @param {string[]} lines */
function table(lines) {
    const cells = (/** @type {string} */ line) => line.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, '|'));
    const aligns = cells(lines[1]).map((rule) => (/^:.*:$/.test(rule) ? 'center' : rule.endsWith(':') ? 'right' : 'left'));
    const row = (/** @type {string} */ line, /** @type {string} */ tag) => `<tr>${cells(line).map((cell, index) => `<${tag} align="${aligns[index] ?? 'left'}">${inline(cell)}</${tag}>`).join('')}</tr>`;
    return `<table><thead>${row(lines[0], 'th')}</thead><tbody>${lines.slice(2).map((line) => row(line, 'td')).join('')}</tbody></table>`;
}

/**
 * Tags which the text itself has stay for the cleaner to judge.
 * @param {string} text @returns {string}
 */
function inline(text) {
    /** @type {string[]} */
    const kept = [];
    const keep = (/** @type {string} */ html) => `\u0001${kept.push(html) - 1}\u0002`;
    const made = text.replace(/[\u0001\u0002]/g, '')
        .replace(/(`+)(.+?)\1/g, (_, __, code) => keep(`<code>${escapeHtml(code.trim())}</code>`))
        .replace(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, (_, char) => keep(escapeHtml(char)))
        .replace(/!\[([^\]]{0,500})\]\(\s*<?([^)\s>]+)>?[^)]*\)/g, (_, alt, source) => keep(`<img alt="${escapeHtml(alt)}" src="${escapeHtml(source)}">`))
        .replace(/\[((?:[^[\]]|\[[^\]]{0,200}\]){0,500})\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*["'])?\s*\)/g, (_, label, target) => keep(`<a href="${escapeHtml(target)}">${emphasis(label)}</a>`))
        .replace(/<(https?:\/\/[^\s<>]+)>/g, (_, url) => keep(`<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`))
        .replace(/<\/?[a-z][^<>]*>/gi, (tag) => keep(tag))
        .replace(/https?:\/\/[^\s<>()"\u0001]+[^\s<>()"\u0001.,;:!?]/g, (url) => keep(`<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`));
    let whole = emphasis(made);
    // A kept part may hold kept parts itself, such as code in the text of a link.
    for (let round = 0; round < 4 && whole.includes('\u0001'); round++) whole = whole.replace(/\u0001(\d+)\u0002/g, (_, at) => kept[Number(at)] ?? '');
    return whole;
}

/** @param {string} text */
function emphasis(text) {
    return text.replace(/&(?![a-z]+;|#\d+;)/gi, '&amp;').replace(/</g, '&lt;')
        .replace(/\*\*(?=\S)(.+?)(?<=\S)\*\*/g, '<strong>$1</strong>').replace(/(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)/g, '<strong>$1</strong>')
        .replace(/\*(?=\S)([^*]+?)(?<=\S)\*/g, '<em>$1</em>').replace(/(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)/g, '<em>$1</em>').replace(/~~(.+?)~~/g, '<s>$1</s>');
}
