// As much of YAML as rule files are written in: mappings and lists in blocks, texts plain, quoted or in blocks. Every scalar is
// a text, since that is what the fields of rules are.

/** @typedef {string | YamlList | YamlMap} Yaml */
/** @typedef {Yaml[]} YamlList */
/** @typedef {{[key: string]: Yaml}} YamlMap */

const keyPattern = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^\s:"'#[\]{}&*!|>%@`,]|:(?=\S))(?:[^:]|:(?=\S))*?)\s*:(?:[ \t]+|$)/;

/**
 * @param {string} text
 * @returns {Yaml} an empty text where there is nothing
 * @throws {Error} that names the line which is not understood
 */
export function parseYaml(text) {
    const reader = new Reader(text.replace(/^---[ \t]*\n/, '').split(/\r?\n/));
    const value = reader.node(0);
    reader.skipBlank();
    if (!reader.atEnd) throw reader.error();
    return value;
}

class Reader {
    /** @param {string[]} lines */
    constructor(lines) {
        this.lines = lines;
        this.at = 0;
    }

    get atEnd() {
        return this.at >= this.lines.length;
    }

    error() {
        return new Error(`line ${this.at + 1} is not understood: ${this.lines[this.at]?.trim() ?? ''}`);
    }

    skipBlank() {
        while (!this.atEnd && /^\s*(?:#.*)?$/.test(this.lines[this.at])) this.at += 1;
    }

    indent() {
        return this.atEnd ? -1 : /^ */.exec(this.lines[this.at])?.[0].length ?? 0;
    }

    /** @param {number} least spaces before it @returns {Yaml} */
    node(least) {
        this.skipBlank();
        const indent = this.indent();
        if (indent < least) return '';
        const content = this.lines[this.at].slice(indent);
        if (/^-(?:\s|$)/.test(content)) return this.list(indent);
        if (keyPattern.test(content)) return this.map(indent);
        this.at += 1;
        return this.scalar(content, indent - 1);
    }

    /** @param {number} indent */
    list(indent) {
        /** @type {YamlList} */
        const items = [];
        for (this.skipBlank(); this.indent() === indent; this.skipBlank()) {
            const item = /^-(\s*)(.*)$/.exec(this.lines[this.at].slice(indent));
            if (!item || (item[1] === '' && item[2] !== '')) break;
            if (item[2] === '' || item[2].startsWith('#')) {
                this.at += 1;
                items.push(this.node(indent + 1));
            } else {
                // What follows the dash is a node of its own, as if the dash were a space.
                this.lines[this.at] = ' '.repeat(indent + 1 + item[1].length) + item[2];
                items.push(/^[|>]/.test(item[2]) ? this.inline(item[2], indent) : this.node(indent + 1));
            }
        }
        return items;
    }

    /** @param {number} indent */
    map(indent) {
        /** @type {YamlMap} */
        const map = Object.create(null);
        for (this.skipBlank(); this.indent() === indent; this.skipBlank()) {
            const content = this.lines[this.at].slice(indent);
            const key = keyPattern.exec(content);
            if (!key) throw this.error();
            const name = unquoted(key[1]);
            const rest = content.slice(key[0].length);
            if (rest === '' || rest.startsWith('#')) {
                this.at += 1;
                this.skipBlank();
                // A list may begin under its key.
                const isList = this.indent() === indent && /^-(?:\s|$)/.test(this.lines[this.at].slice(indent));
                map[name] = isList ? this.list(indent) : this.node(indent + 1);
            } else {
                map[name] = this.inline(rest, indent);
            }
        }
        return { ...map };
    }

    /** @param {string} text behind a key or a dash @param {number} indent of that */
    inline(text, indent) {
        this.at += 1;
        const block = /^([|>])([-+]?)(\d?)([-+]?)\s*(?:#.*)?$/.exec(text);
        if (block) return this.block(block[1] === '|', block[2] || block[4], indent, Number(block[3]) || 0);
        return this.scalar(text, indent);
    }

    /** @param {string} text that begins on the line before @param {number} indent that further lines exceed @returns {Yaml} */
    scalar(text, indent) {
        const quote = text[0];
        if (quote === '"' || quote === "'") {
            const whole = quote === '"' ? /^"(?:[^"\\]|\\[^])*"/ : /^'(?:[^']|'')*'/;
            let all = text;
            while (!whole.test(all) && !this.atEnd) all += `\n${this.lines[this.at++]}`;
            const found = whole.exec(all);
            if (!found || !/^\s*(?:#.*)?$/.test(all.slice(found[0].length))) {
                this.at -= 1;
                throw this.error();
            }
            return unquoted(folded(found[0]));
        }
        if (/^\[\s*\]/.test(text)) return [];
        if (/^\{\s*\}/.test(text)) return {};
        if (/^[[{&*!|>%@`]/.test(text)) {
            this.at -= 1;
            throw this.error();
        }
        let all = text.replace(/\s+#.*$/, '').trim();
        while (!this.atEnd && (this.indent() > indent || this.lines[this.at].trim() === '') && !this.endsHere(indent)) {
            all += `\n${this.lines[this.at++].replace(/\s+#.*$/, '')}`;
        }
        const value = folded(all);
        return value === '~' || value === 'null' ? '' : value;
    }

    /**
     * Whether only blank lines follow before something that is not deeper.
     * @param {number} indent
     */
    endsHere(indent) {
        const next = this.lines.findIndex((line, index) => index >= this.at && line.trim() !== '');
        return next < 0 || (/^ */.exec(this.lines[next])?.[0].length ?? 0) <= indent;
    }

    /** @param {boolean} literal @param {string} chomp @param {number} indent @param {number} given */
    block(literal, chomp, indent, given) {
        /** @type {string[]} */
        const lines = [];
        let own = given > 0 ? Math.max(0, indent) + given : 0;
        for (; !this.atEnd; this.at++) {
            const line = this.lines[this.at];
            if (line.trim() === '') {
                lines.push(own > 0 ? line.slice(own) : '');
                continue;
            }
            if (own === 0) own = this.indent();
            if (own <= indent || this.indent() < own) break;
            lines.push(line.slice(own));
        }
        const end = lines.length - [...lines].reverse().findIndex((line) => line !== '');
        const kept = lines.some((line) => line !== '') ? lines.slice(0, end) : [];
        const body = literal ? kept.join('\n') : foldedBlock(kept);
        if (chomp === '-' || kept.length === 0) return body;
        return chomp === '+' ? `${body}\n${'\n'.repeat(Math.max(0, lines.length - kept.length - (this.atEnd ? 1 : 0)))}` : `${body}\n`;
    }
}

/**
 * Lines of a flow scalar: one break is a space, more are one less.
 * @param {string} text
 */
function folded(text) {
    if (!text.includes('\n')) return text;
    return text.replace(/\\\n[ \t]*/g, '').replace(/[ \t]*\n((?:[ \t]*\n)*)[ \t]*/g, (_, blank) => (blank === '' ? ' ' : '\n'.repeat(blank.split('\n').length - 1)));
}

/** @param {string[]} lines */
function foldedBlock(lines) {
    let text = '';
    lines.forEach((line, index) => {
        const before = lines[index - 1] ?? '';
        const keeps = /^\s/.test(line) || /^\s/.test(before);
        if (index > 0) text += line === '' || (before !== '' && keeps) ? '\n' : before === '' ? '' : ' ';
        text += line;
    });
    return text;
}

/** @type {Record<string, string>} */
const escapes = { n: '\n', t: '\t', r: '\r', 0: '\0', a: '\x07', b: '\b', e: '\x1b', f: '\f', v: '\v', N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029' };

/** @param {string} text */
function unquoted(text) {
    if (text.startsWith("'")) return text.slice(1, -1).replace(/''/g, "'");
    if (!text.startsWith('"')) return text.trim();
    return text.slice(1, -1).replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/g, (_, two, four, eight, one) => (one !== undefined ? escapes[one] ?? one : String.fromCodePoint(parseInt(two ?? four ?? eight, 16))));
}

/**
 * @param {any} value mappings, lists, texts, numbers; what is undefined is left out
 * @returns {string} in blocks, with a line break at the end
 */
export function writeYaml(value) {
    return `${blockOf(value, '')}\n`.replace(/^\n/, '');
}

/** @param {any} value @param {string} indent @returns {string} begins with a line break where it is more than a scalar */
function blockOf(value, indent) {
    if (Array.isArray(value)) {
        if (value.length === 0) return '[]';
        return value.map((item) => `\n${indent}- ${blockOf(item, `${indent}  `).replace(/^\n\s*/, '')}`).join('');
    }
    if (value && typeof value === 'object') {
        const entries = Object.entries(value).filter(([, one]) => one !== undefined);
        if (entries.length === 0) return '{}';
        return entries.map(([name, one]) => {
            const text = blockOf(one, `${indent}  `);
            return `\n${indent}${scalarOf(name, '')}:${text.startsWith('\n') ? text : ` ${text}`}`;
        }).join('');
    }
    return scalarOf(typeof value === 'number' ? value : String(value ?? ''), indent);
}

/** @param {string | number} value @param {string} indent */
function scalarOf(value, indent) {
    if (typeof value === 'number') return String(value);
    const isPlain = /^[A-Za-z_/][\w ./%$()+*=-]*$/.test(value) && !/ $/.test(value) && !/^(?:true|false|yes|no|on|off|y|n|null)$/i.test(value);
    const isDuration = /^(?:\d+(?:ms|[smhdwy]))+$/.test(value);
    if (isPlain || isDuration) return value;
    // Lines are easier to read as lines; a text that begins or ends with space would not stay what it is.
    const lines = value.split('\n');
    const isBlock = indent !== '' && lines.length > 1 && !/[\t\r\x00-\x08\x0b-\x1f\x7f]/.test(value) && lines[0] !== '' && !/^\s/.test(lines[0]) && lines.every((line) => !/\s$/.test(line)) && !value.endsWith('\n\n');
    if (!isBlock) return JSON.stringify(value);
    const ends = value.endsWith('\n');
    return `|${ends ? '' : '-'}\n${(ends ? lines.slice(0, -1) : lines).map((line) => (line === '' ? '' : indent + line)).join('\n')}`;
}
