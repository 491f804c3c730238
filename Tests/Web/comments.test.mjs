import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

/** The library of the `tsc` that `make lint` runs. @type {any} */
const typescript = createRequire(realpathSync(execFileSync('sh', ['-c', 'command -v tsc'], { encoding: 'utf8' }).trim()))('../lib/typescript.js');
const root = new URL('../../web/', import.meta.url);
const files = readdirSync(root, { recursive: true }).map(String).filter((name) => name.endsWith('.js') && !name.startsWith('vendor'));
/** As `web/preload` and `SourceText` of the server have it. */
const comment = /^[ \t]*(?:\/\/[^\n]*|\/\*(?:(?!\*\/).)*\*\/[ \t]*)$/gms;

/**
 * Where texts and patterns of a script are: all that may have lines of any kind.
 * @param {string} text @returns {[number, number][]}
 */
function literals(text) {
    const source = typescript.createSourceFile('script.ts', text, typescript.ScriptTarget.ESNext);
    /** @type {[number, number][]} */
    const found = [];
    const visit = (/** @type {any} */ node) => {
        const isText = typescript.isLiteralExpression(node) || typescript.isTemplateHead(node) || typescript.isTemplateMiddleOrTemplateTail(node);
        if (isText) found.push([node.getStart(source), node.end]);
        typescript.forEachChild(node, visit);
    };
    visit(source);
    return found;
}

test('what is left out of the scripts that are sent is comments and nothing else', () => {
    assert.ok(files.length > 100, `${files.length} scripts`);
    for (const name of files) {
        const text = readFileSync(new URL(name, root), 'utf8');
        const texts = literals(text);
        for (const match of text.matchAll(comment)) {
            const inside = texts.find(([from, to]) => from < match.index + match[0].length && to > match.index);
            assert.equal(inside, undefined, `${name}: “${match[0].slice(0, 80)}” is no comment`);
        }
    }
});

test('a text that has such a line would be seen', () => {
    const text = 'const a = `${1}\n// no comment\n`;';
    const [match] = text.matchAll(comment);
    assert.ok(literals(text).some(([from, to]) => from < match.index && to > match.index + match[0].length));
});
