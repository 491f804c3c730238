import './page.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.window = /** @type {any} */ ({ location: { origin: 'http://here', pathname: '/', search: '' } });
const { newRuleHref, nameOf } = await import('../../web/alerts/from-panel.js');
const { matcherText, matchesAll, parseMatchers } = await import('../../web/data/alertmanager.js');
const { integrationsOf, toldOf } = await import('../../web/data/notifications.js');
const { changesOf, draftOf, gapsOf, groupAt, nameAt, removalOf, ruleOf } = await import('../../web/data/rule-draft.js');

const sources = /** @type {any} */ ([{ uid: 'm', name: 'Metrics', type: 'prometheus', isDefault: true }, { uid: 'l', name: 'Logs', type: 'loki' }, { uid: 't', name: 'Traces', type: 'tempo' }]);
const scope = /** @type {any} */ ({ variables: { job: { values: ['api'], texts: ['api'], isAll: false, multi: false } }, range: { from: 0, to: 3_600_000, raw: { from: 'now-1h', to: 'now' } }, dashboard: { uid: 'b', title: 'Board' } });
const panel = (/** @type {any} */ more) => /** @type {any} */ ({ id: 7, type: 'timeseries', fieldConfig: { defaults: {}, overrides: [] }, options: {}, ...more });
const asked = (/** @type {string | undefined} */ href) => new URLSearchParams(href?.split('?')[1]);

test('a rule from a panel has its query, with windows that do not hang on a screen, and the threshold that it draws', () => {
    const steps = [{ value: null, color: 'green' }, { value: 0.5, color: 'orange' }, { value: 2, color: 'red' }];
    const drawn = panel({ targets: [{ refId: 'A', hide: true, expr: 'x' }, { refId: 'B', expr: 'rate(errors{job="$job"}[$__rate_interval])' }], fieldConfig: { defaults: { thresholds: { mode: 'absolute', steps }, custom: { thresholdsStyle: { mode: 'line' } } }, overrides: [] } });
    const found = asked(newRuleHref(drawn, 'Errors of $job (5m)', scope, sources));
    assert.deepEqual(Object.fromEntries(found), {
        view: 'edit', source: 'm', expr: 'rate(errors{job="api"}[5m]) > 2', name: 'ErrorsOf5m', for: '5m', summary: 'Errors of $job (5m)', dashboard_url: 'http://here/d/b?viewPanel=7',
    });
    drawn.fieldConfig.defaults.custom = {};
    assert.equal(asked(newRuleHref(drawn, '', scope, sources)).get('expr'), 'rate(errors{job="api"}[5m])');
    const joined = panel({ type: 'stat', targets: [{ expr: 'a or b' }], fieldConfig: { defaults: { thresholds: { mode: 'absolute', steps } }, overrides: [] } });
    assert.equal(asked(newRuleHref(joined, '', scope, sources)).get('expr'), '(a or b) > 2');
    joined.targets[0].expr = 'a > 9';
    assert.equal(asked(newRuleHref(joined, '', scope, sources)).get('expr'), 'a > 9');
});

test('lines are counted, and what is neither metric nor line makes no rule', () => {
    const lines = panel({ type: 'logs', datasource: { type: 'loki', uid: 'l' }, targets: [{ expr: '{app="x"} |= "e"' }] });
    assert.equal(asked(newRuleHref(lines, 'Errors', scope, sources)).get('expr'), 'sum(count_over_time({app="x"} |= "e" [5m])) > 0');
    assert.equal(asked(newRuleHref(lines, 'Errors', scope, sources)).get('source'), 'l');
    assert.equal(newRuleHref(panel({ datasource: { type: 'tempo', uid: 't' }, targets: [{ query: '{}' }] }), '', scope, sources), undefined);
    assert.equal(newRuleHref(panel({}), '', scope, sources), undefined);
    assert.equal(nameOf('${x} …'), 'Alert');
    assert.equal(nameOf('größe je Tag'), 'GrößeJeTag');
});

test('a draft becomes the rule that it came from, with the keys that no field shows', () => {
    const rule = { alert: 'A', expr: 'up == 0', for: '5m', labels: { n: 1 }, annotations: { s: 't' }, custom: ['x'] };
    const draft = draftOf(/** @type {any} */ (rule), { namespace: 'n', group: 'g' });
    assert.deepEqual([draft.kind, draft.name, draft.holds, draft.labels], ['alerting', 'A', '5m', [['n', '1']]]);
    assert.deepEqual(JSON.parse(JSON.stringify(ruleOf(draft))), { custom: ['x'], alert: 'A', expr: 'up == 0', for: '5m', keep_firing_for: '', labels: { n: '1' }, annotations: { s: 't' } });
    assert.deepEqual(JSON.parse(JSON.stringify(ruleOf({ ...draft, kind: 'recording', labels: [['', 'x'], [' a ', 'b']] }))), { custom: ['x'], record: 'A', expr: 'up == 0', labels: { a: 'b' } });
    assert.deepEqual(gapsOf(draft), {});
    assert.deepEqual(Object.keys(gapsOf(draftOf(undefined, { namespace: 'a/b' }))).sort(), ['expr', 'group', 'name', 'namespace']);
});

test('a rule is put into its group, moved to another, and taken out, and nobody’s change is lost', () => {
    const rules = (/** @type {string[]} */ ...names) => names.map((alert) => ({ alert, expr: 'x' }));
    const namespaces = { n: [{ name: 'g', interval: '1m', query_offset: '5s', rules: rules('A', 'B') }, { name: 'alone', rules: rules('C') }] };
    const names = (/** @type {any} */ changes) => changes.write.map((/** @type {any} */ one) => `${one.namespace}/${one.group.name}: ${one.group.rules.map((/** @type {any} */ rule) => rule.alert)}`);
    const draft = (/** @type {any} */ given) => ({ ...draftOf({ alert: 'New', expr: 'y' }, { namespace: 'n', group: 'g', interval: '1m' }), ...given });
    const added = changesOf(namespaces, draft({}), undefined);
    assert.deepEqual([names(added), added.index, added.write[0].group.query_offset], [['n/g: A,B,New'], 2, '5s']);
    assert.deepEqual(names(changesOf(namespaces, draft({ namespace: 'm', group: 'h' }), undefined)), ['m/h: New']);
    const changed = changesOf(namespaces, draft({ interval: '' }), { namespace: 'n', group: 'g', index: 0, name: 'A' });
    assert.deepEqual([names(changed), changed.index, changed.write[0].group.interval, changed.remove], [['n/g: New,B'], 0, undefined, []]);
    const moved = changesOf(namespaces, draft({ group: 'alone' }), { namespace: 'n', group: 'g', index: 0, name: 'A' });
    assert.deepEqual([names(moved), moved.remove, moved.index], [['n/alone: C,New', 'n/g: B'], [], 1]);
    const emptied = changesOf(namespaces, draft({}), { namespace: 'n', group: 'alone', index: 0, name: 'C' });
    assert.deepEqual([names(emptied), emptied.remove], [['n/g: A,B,New'], [{ namespace: 'n', group: 'alone' }]]);
    assert.throws(() => changesOf(namespaces, draft({}), { namespace: 'n', group: 'g', index: 0, name: 'Z' }), /changed meanwhile/);
    assert.throws(() => changesOf({}, draft({}), { namespace: 'n', group: 'g', index: 0, name: 'A' }), /changed meanwhile/);
    assert.deepEqual(names(removalOf(namespaces.n[0], { namespace: 'n', group: 'g', index: 1 })), ['n/g: A']);
    assert.equal(nameAt(groupAt(namespaces, { namespace: 'n', group: 'g' }), 1), 'B');
});

test('matchers of labels: a label that is missing is empty, an expression covers the whole value', () => {
    const all = (/** @type {string} */ text) => matchesAll({ job: 'api', two: 'a\nb' }, parseMatchers(text));
    assert.deepEqual([all('job=api'), all('job=~"ap"'), all('job=~"ap.*", x=""'), all('x!=""'), all('job!~"b.*"'), all('two=~"a.b"'), all('job=~"("'), all('job!~"("')], [true, false, true, false, true, true, false, false]);
    assert.equal(parseMatchers('job=~"a|b"').map(matcherText).join(), 'job=~"a|b"');
});

test('a group is told by the integrations of its receiver, whichever routes lead there', () => {
    const integration = (/** @type {any} */ more) => ({ name: 'webhook', index: 0, sendResolved: true, retrying: false, ...more });
    const group = (/** @type {any} */ labels, /** @type {string} */ receiver, /** @type {any} */ more) => ({ groupKey: '', labels, receiver, nextNotification: '', integrations: [integration(more)] });
    const told = { history: [], groups: [group({ a: '1' }, 'r', { lastNotified: '2026-01-01T00:00:00Z' }), group({ a: '1' }, 'r', { lastNotifyAttemptError: 'no' }), group({ a: '2' }, 'r', {}), group({ a: '1' }, 'other', {})] };
    const asks = /** @type {any} */ ({ labels: { a: '1' }, receiver: { name: 'r' }, alerts: [] });
    assert.equal(integrationsOf(told, asks).length, 2);
    assert.deepEqual(toldOf(told, asks), { at: Date.parse('2026-01-01'), error: 'no' });
    assert.equal(toldOf(undefined, asks), undefined);
    assert.equal(toldOf(told, { ...asks, labels: {} }), undefined);
});
