import './page.mjs';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { kindOf } from '../../web/data/sources.js';
import { loadTransformations, transform } from '../../web/data/transformations.js';
import { isKnown } from '../../web/dashboard/drawings.js';
import { placePanels } from '../../web/dashboard/layout.js';
import { resolveLink } from '../../web/dashboard/links.js';
import { upgradeDashboard } from '../../web/dashboard/upgrade.js';

const root = new URL('../../dashboards/', import.meta.url);
const paths = readdirSync(root, { recursive: true }).map(String).filter((path) => path.endsWith('.json'));
const files = paths.map((path) => ({ path, source: JSON.parse(readFileSync(new URL(path, root), 'utf8')) }));
const range = { from: 0, to: 3_600_000, raw: { from: 'now-1h', to: 'now' } };
const scope = /** @type {any} */ ({ range, variables: {} });
const variableTypes = new Set(['query', 'custom', 'datasource', 'textbox', 'interval', 'constant', 'adhoc']);

test('the bundled boards have uids of their own', () => {
    const uids = files.map(({ source }) => source.uid);
    assert.ok(uids.every((uid) => typeof uid === 'string' && uid.length > 0 && uid.length <= 40));
    assert.equal(new Set(uids).size, uids.length);
});

for (const { path, source } of files) {
    const board = upgradeDashboard(source);
    const all = board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
    const boards = new Set(files.map((file) => file.source.uid));

    test(`${path}: the panels have ids of their own, names, and places that do not overlap`, () => {
        assert.equal(new Set(all.map((panel) => panel.id)).size, all.length);
        const taken = new Set();
        for (const { x, y, w, h } of placePanels(board.panels, scope, () => false)) {
            assert.ok(x + w <= 24);
            for (let column = x; column < x + w; column++) {
                for (let line = y; line < y + h; line++) {
                    assert.ok(!taken.has(`${column},${line}`));
                    taken.add(`${column},${line}`);
                }
            }
        }
        for (const panel of all) assert.notEqual(panel.title, '');
    });

    test(`${path}: every panel, source, variable and transformation is one that is known`, async () => {
        for (const panel of all) {
            await loadTransformations(panel.transformations);
            assert.ok(panel.type === 'row' || isKnown(panel.type), panel.type);
            assert.deepEqual(transform([], panel.transformations).unknown, [], panel.title);
            for (const target of panel.targets ?? []) assert.ok(['prometheus', 'loki', 'tempo'].includes(kindOf(target.datasource?.type ?? '')), panel.title);
        }
        for (const variable of board.templating.list) assert.ok(variableTypes.has(variable.type), variable.name);
    });

    test(`${path}: what a query or a link refers to is a variable of the board, or built in`, () => {
        const names = new Set(board.templating.list.map(({ name }) => name));
        for (const [, name] of JSON.stringify(source).matchAll(/\$\{?(\w+)/g)) assert.ok(names.has(name) || /^(__\w+|1)$/.test(name), name);
    });

    test(`${path}: its links lead to pages of ours`, () => {
        const plain = board.links.filter((link) => link.type !== 'dashboards');
        const links = [...plain, ...all.flatMap((panel) => [...panel.fieldConfig.defaults.links ?? [], ...panel.fieldConfig.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'links').flatMap(({ value }) => value))])];
        for (const link of links) {
            const href = resolveLink(link, scope)?.href ?? '';
            assert.match(href, /^\/(explore\/(metrics|logs|traces)|d\/)/);
            const uid = /^\/d\/([\w-]+)/.exec(href)?.[1];
            assert.ok(uid === undefined || boards.has(uid), href);
        }
    });
}
