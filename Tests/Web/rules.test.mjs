import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differing, periodsOf, stateFrames } from '../../web/data/alert-history.js';
import { parseMatchers } from '../../web/data/alertmanager.js';
import { complaintsOf, groupOf, groupText } from '../../web/data/rule-files.js';
import { addressOf, choicesOf, filteredRules, groupedRules, namespaceOf, rulesNamed, rulesOf } from '../../web/data/rules.js';
import { constantOf, thresholdOf, thresholdSteps } from '../../web/data/threshold.js';

const source = /** @type {any} */ ({ uid: 'm', name: 'Metrics', type: 'prometheus' });
const body = {
    data: {
        groups: [{
            name: 'g', file: '/rules/team%20a.yml', interval: 60, rules: [
                {
                    type: 'alerting', name: 'Down', query: 'up == 0', duration: 300, labels: { severity: 'page' }, annotations: { summary: 'It is {{ $value }}' }, state: 'firing', health: 'ok',
                    lastEvaluation: '2026-01-01T00:00:00Z', evaluationTime: 0.01, alerts: [{ labels: { alertname: 'Down', job: 'api' }, state: 'firing', activeAt: '2026-01-01T00:00:00Z', value: '0e+00' }],
                },
                { type: 'alerting', name: 'Broken', query: 'x', labels: { severity: 'info' }, state: 'inactive', health: 'err', lastError: 'no', lastEvaluation: '0001-01-01T00:00:00Z', alerts: [] },
                { type: 'recording', name: 'a:b', query: 'sum(a)', health: 'ok' },
            ],
        }, { name: 'h', file: 'plain', rules: [{ type: 'alerting', name: 'Down', query: 'z', state: 'pending', health: 'ok' }] }],
    },
};

test('rules of an answer have one shape, whatever a server leaves out', () => {
    const rules = rulesOf(body, source);
    assert.deepEqual(rules.map(({ name, namespace, kind, state, holds, evaluatedAt }) => [name, namespace, kind, state, holds, evaluatedAt]), [
        ['Down', 'team a', 'alerting', 'firing', 300, Date.parse('2026-01-01')], ['Broken', 'team a', 'alerting', 'inactive', 0, 0], ['a:b', 'team a', 'recording', 'recording', 0, 0], ['Down', 'plain', 'alerting', 'pending', 0, 0],
    ]);
    assert.equal(namespaceOf('/x/%zz.yaml'), '%zz');
    assert.throws(() => rulesOf({ data: {} }, source), /something else/);
});

test('rules are found by what is asked of them', () => {
    const rules = rulesOf(body, source);
    const names = (/** @type {any} */ filter) => filteredRules(rules, filter).map((rule) => `${rule.name}/${rule.group}`).join(' ');
    assert.equal(names({ text: 'DOWN up' }), 'Down/g');
    assert.equal(names({ state: 'error' }), 'Broken/g');
    assert.equal(names({ state: 'recording' }), 'a:b/g');
    assert.equal(names({ severity: 'page' }), 'Down/g');
    assert.equal(names({ namespace: 'plain', state: 'pending' }), 'Down/h');
    assert.equal(names({ matchers: parseMatchers('job="api"') }), 'Down/g');
    assert.equal(names({ matchers: parseMatchers('alertname=~"Do.*"') }), 'Down/g Down/h');
    assert.deepEqual(groupedRules(rules).map((item) => item.rule?.name ?? item.group?.group), ['g', 'Down', 'Broken', 'a:b', 'h', 'Down']);
    assert.equal(rulesNamed(rules, new URLSearchParams('rule=Down')).length, 2);
    assert.deepEqual(rulesNamed(rules, new URLSearchParams(addressOf(rules[3]))), [rules[3]]);
    assert.deepEqual(choicesOf(rules, (rule) => rule.labels.severity), ['info', 'page']);
});

test('an expression is taken apart at the comparison that makes it an alert', () => {
    const cases = /** @type {[string, any][]} */ ([
        ['up == 0', { expr: 'up', operator: '==', value: 0 }],
        ['sum by (job) (rate(x{a=">5"}[5m])) / 2 >= 0.5 * 100', { expr: 'sum by (job) (rate(x{a=">5"}[5m])) / 2', operator: '>=', value: 50 }],
        ['  ( (a > -1e3) and b < 2 )', { expr: 'a', operator: '>', value: -1000 }],
        ['x >-5', { expr: 'x', operator: '>', value: -5 }],
        ['15 * 60 < time() - last', { expr: 'time() - last', operator: '>', value: 900 }],
        ['time() - last > 1h30m', { expr: 'time() - last', operator: '>', value: 5400 }],
        ['a > on (job) group_left () b * 2', { expr: 'a', operator: '>', against: 'b * 2' }],
        ['a > bool 1', { expr: 'a', operator: '>', value: 1 }],
        ['absent(up)', undefined], ['1 > 2', undefined], ['sum(a > 5)', undefined], ['', undefined], ['a >', undefined],
        ['a > 5 unless b', { expr: 'a', operator: '>', value: 5 }],
        ['# why\na\n> 5', { expr: '# why\na', operator: '>', value: 5 }],
    ]);
    for (const [text, wanted] of cases) assert.deepEqual(thresholdOf('promql', text), wanted, text);
    assert.deepEqual(thresholdOf('logql', 'sum(rate({app="x"} |= "a > 5" | level="error" [5m])) > 0.1'), { expr: 'sum(rate({app="x"} |= "a > 5" | level="error" [5m]))', operator: '>', value: 0.1 });
    assert.equal(constantOf('(1 + 2) * -3'), -9);
    assert.equal(constantOf('1 +'), undefined);
    assert.equal(constantOf('1 2'), undefined);
    assert.deepEqual(thresholdSteps({ expr: '', operator: '<', value: 3 }).steps, [{ value: null, color: 'red' }, { value: 3, color: 'transparent' }]);
});

test('periods end where samples end, and lanes fire where anything of their name fires', () => {
    const alerts = (/** @type {Record<string, string>} */ labels, /** @type {number[]} */ times) => ({ metric: { __name__: 'ALERTS', alertname: 'A', ...labels }, values: times.map((time) => /** @type {[number, string]} */ ([time, '1'])) });
    const answer = { start: 0, end: 90, step: 10, series: [alerts({ alertstate: 'pending', job: 'x' }, [0, 10]), alerts({ alertstate: 'firing', job: 'x' }, [20, 30, 70]), alerts({ alertstate: 'firing', job: 'y' }, [80, 90])] };
    assert.deepEqual(periodsOf(answer).map(({ labels, state, from, to, open }) => [labels.job, state, from / 1000, to / 1000, open]), [
        ['y', 'firing', 80, 90, true], ['x', 'firing', 70, 80, false], ['x', 'firing', 20, 40, false], ['x', 'pending', 0, 20, false],
    ]);
    const [lane, ...others] = stateFrames(answer, ({ alertname }) => alertname);
    assert.deepEqual([others.length, lane.fields[1].values], [0, ['pending', 'pending', 'firing', 'firing', null, null, null, 'firing', 'firing', 'firing']]);
    const named = differing([{ alertname: 'A', job: 'x', zone: 'z' }, { alertname: 'A', job: 'y', zone: 'z' }]);
    assert.equal(named({ alertname: 'A', job: 'x', zone: 'z' }), 'job=x');
    assert.equal(differing([])({ alertname: 'A' }), 'A');
});

test('a group is written with its keys in order, and complaints find their place', () => {
    const group = groupOf({ name: 'g', query_offset: '1m', interval: '', rules: [{ expr: 'up == 0', annotations: {}, alert: 'A', for: '' }, 'x'] });
    assert.equal(groupText(group), 'name: g\nquery_offset: 1m\nrules:\n  - alert: A\n    expr: up == 0\n');
    assert.throws(() => groupOf([]), /mapping/);
    assert.deepEqual(complaintsOf('3:9: group "g", rule 2, "A": could not parse expression: 1:5: parse error: unexpected end'), [{ rule: 1, field: 'expr', text: 'could not parse expression: 1:5: parse error: unexpected end' }]);
    assert.deepEqual(complaintsOf('1:1: Groupname must not be empty\n2:3: group "", rule 1, "": one of \'record\' or \'alert\' must be set').map(({ rule, field }) => [rule, field]), [[undefined, 'group'], [0, 'name']]);
    assert.deepEqual(complaintsOf('group "g", rule 1, "A": annotation "summary": template: bad').map(({ rule, field }) => [rule, field]), [[0, 'annotations']]);
});
