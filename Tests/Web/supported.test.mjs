import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import './page.mjs';
import { loaders, ready } from '../../web/dashboard/drawings.js';
import { kinds } from '../../web/data/sources.js';
import { loadTransformations, transformations } from '../../web/data/transformations.js';
import { upgradeDashboard } from '../../web/dashboard/upgrade.js';
import { loadOldTypes } from '../../web/dashboard/upgrade-panel.js';

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../web/${path}`, import.meta.url), 'utf8');
const supported = JSON.parse(read('dashboard/supported.json'));

test('what the server calls supported is what the pages draw', async () => {
    await loadOldTypes({ type: 'graph' });
    const known = new Set([...Object.keys(ready), ...Object.keys(loaders)]);
    for (const type of known) assert.ok(supported.panels.includes(type), `${type} is missing in supported.json`);
    for (const type of supported.panels) {
        const { panels } = upgradeDashboard({ title: 'T', panels: [{ type }] });
        assert.ok(known.has(panels[0].type), `${type} is not drawn`);
    }
});

test('the same for transformations, kinds of sources and kinds of variables', async () => {
    await loadTransformations([{ id: 'reduce' }]);
    assert.deepEqual([...supported.transformations].sort(), [...transformations.keys()].sort());
    assert.deepEqual(supported.datasources, { ...kinds });
    const handled = new Set([...read('dashboard/variables.js').matchAll(/variable\.type === '(\w+)'/g)].map((match) => match[1]));
    assert.deepEqual([...supported.variables].sort(), [...handled].sort());
});

test('the same for units: the ids of the list are those that are written in a way of their own', () => {
    const source = read('format/units.js');
    const known = new Set(['none', 'string', 'short', 'percentunit', ...[...source.matchAll(/case '([^']+)'/g)].map((match) => match[1])]);
    for (const table of ['scaled', 'counted', 'fixed', 'currencies', 'durationUnits']) {
        const body = new RegExp(`const ${table} = \\{([^}]*)\\}`, 's').exec(source)?.[1] ?? '';
        for (const [, id] of body.matchAll(/(?:^|[{,\s])'?([\wµμ]+)'?: /g)) known.add(id);
    }
    assert.deepEqual([...supported.units].sort(), [...known].sort());
    assert.ok(known.size > 150);
});
