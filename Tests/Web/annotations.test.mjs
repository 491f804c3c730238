import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotationsOf, isStored, runnable } from '../../web/dashboard/annotations.js';
import { annotationBody, storedAt, storedMark, storedSearch } from '../../web/dashboard/stored-annotations.js';
import { withAlpha } from '../../web/format/colors.js';

const range = { from: 1000.4, to: 2000.2, raw: { from: 'now-1h', to: 'now' } };
const scope = /** @type {any} */ ({ range, dashboard: { uid: 'shop', title: 'Shop' }, variables: { env: { values: ['live', 'test'], texts: ['live', 'test'], multi: true } } });
const asked = (/** @type {any} */ one, /** @type {any} */ within = scope) => storedSearch(one, within)?.toString();

test('what the server keeps is known by its source, however Grafana has written that', () => {
    for (const datasource of ['-- Grafana --', 'grafana', { type: 'grafana', uid: '-- Grafana --' }, { type: 'datasource', uid: 'grafana' }]) assert.ok(isStored({ datasource }), JSON.stringify(datasource));
    assert.ok(isStored({ builtIn: 1 }));
    for (const datasource of [undefined, null, 'metrics', { type: 'prometheus', uid: 'grafana-metrics' }]) assert.ok(!isStored({ datasource }), JSON.stringify(datasource));
});

test('a board with annotations of its own shows them, listed or not', () => {
    assert.deepEqual(runnable([], false), []);
    assert.deepEqual(runnable([], true).map((one) => [one.builtIn, one.hide]), [[1, true]]);
    const listed = { builtIn: 1, name: 'Annotations & Alerts', enable: false };
    assert.deepEqual(runnable([null, listed], true), [listed]);
});

test('queries ask for those of the board, or for tags with their variables', () => {
    assert.equal(asked({ builtIn: 1, type: 'dashboard' }), 'from=1000&to=2001&limit=100&dashboardUID=shop');
    assert.equal(asked({ builtIn: 1 }, { ...scope, dashboard: { uid: '', title: 'New' } }), undefined);
    assert.equal(asked({ target: { type: 'tags', tags: ['deploy', 'env:$env'], matchAny: true, limit: 5 } }), 'from=1000&to=2001&limit=5&tags=deploy&tags=env%3Alive&tags=test&matchAny=true');
    assert.equal(asked({ target: { type: 'tags', tags: [] } }), undefined);
    assert.equal(asked({ type: 'tags', tags: ['a', 'a'], limit: 1e9 }), 'from=1000&to=2001&limit=1000&tags=a');
});

test('one of a panel is drawn there alone, unless its tags are looked for', () => {
    const stored = { id: 7, time: 1500, timeEnd: 1600, panelId: 2, text: 'Deployed 1.2\nby the pipeline', tags: ['deploy'], login: 'robot' };
    const mark = storedMark(stored, { builtIn: 1 }, null);
    assert.deepEqual([mark.id, mark.from, mark.to, mark.title, mark.text, mark.tags], [7, 1500, 1600, 'Deployed 1.2', 'by the pipeline · robot', ['deploy']]);
    assert.deepEqual([annotationsOf([mark], 2).length, annotationsOf([mark], 3).length], [1, 0]);
    const tagged = storedMark(stored, { target: { type: 'tags' } }, null);
    assert.equal(annotationsOf([tagged], 3).length, 1);
    assert.deepEqual([storedMark({ id: 1, time: 5, text: ' ' }, {}, null)].map(({ to, title }) => [to, title]), [[5, 'Annotation']]);
    assert.equal(withAlpha(mark.color, 0.5), 'rgba(0, 211, 255, 0.5)');
});

test('what is typed is checked before it is sent', () => {
    assert.deepEqual(annotationBody({ text: ' Deployed ', tags: 'a, b,,a ', from: 20, to: 10.4 }), { body: { text: 'Deployed', tags: ['a', 'b'], time: 10, timeEnd: 20 } });
    assert.ok('problem' in annotationBody({ text: ' ', tags: '', from: 1, to: 1 }));
    assert.ok('problem' in annotationBody({ text: 'x', tags: '', from: NaN, to: 1 }));
});

test('a click means the nearest line of a kept annotation, if one is near', () => {
    const marks = [{ from: 100, to: 100 }, { id: 1, from: 104, to: 104 }, { id: 2, from: 50, to: 107 }];
    const at = (/** @type {number} */ left) => storedAt(marks, (time) => time, left)?.id;
    assert.deepEqual([at(103), at(106), at(51), at(75)], [1, 2, 2, undefined]);
});
