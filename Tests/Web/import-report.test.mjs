// `martlet dashboards import` says what the pages do not have: its lists are those of the pages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { transformationIds } from '../../web/data/transformations.js';
import { upgradeDashboard } from '../../web/dashboard/upgrade.js';
import { loadOldTypes } from '../../web/dashboard/upgrade-panel.js';

const swift = readFileSync(new URL('../../Sources/Moving/Dashboards/BoardSupport.swift', import.meta.url), 'utf8');

/** @param {string} name @returns {string[]} */
function listed(name) {
    const list = swift.match(new RegExp(`let ${name}: Set<String> = \\[([^\\]]*)\\]`))?.[1] ?? '';
    return [...list.matchAll(/"([^"]*)"/g)].map((match) => match[1]).sort();
}

test('transformations', async () => {
    assert.deepEqual(listed('transformations'), (await transformationIds()).sort());
});

test('panels: every type that is drawn, and every one that becomes one', async () => {
    const drawings = readFileSync(new URL('../../web/dashboard/drawings.js', import.meta.url), 'utf8');
    const tables = [...drawings.matchAll(/const (?:ready|loaders) = \{(.*?)\};?\n/gs)].map((match) => match[1]).join('\n');
    const drawn = [...tables.matchAll(/(?:^|[{,]\s*)\s*(?:'([\w-]+)'|(\w+))\s*(?::|,)/gm)].map((match) => match[1] ?? match[2]);
    const known = new Set([...drawn, 'row']);
    assert.ok(known.has('state-timeline') && known.has('timeseries') && known.has('table'), [...known].join());
    const panels = listed('panels');
    await loadOldTypes({ panels: panels.map((type) => ({ type })) });
    for (const type of panels) {
        const upgraded = upgradeDashboard({ title: 'T', panels: [{ type }] }).panels[0];
        assert.ok(known.has(upgraded.type), `${type} becomes ${upgraded.type}, which is not drawn`);
    }
    for (const type of known) assert.ok(panels.includes(type), `${type} is drawn and not in the list`);
});
