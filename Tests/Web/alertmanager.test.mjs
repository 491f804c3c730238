import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchersOf, matcherText, parseMatchers, shownAlerts } from '../../web/data/alertmanager.js';

test('matchers are read with and without braces and quotes, and written so that they are read again', () => {
    const found = parseMatchers('{alertname="Down", severity=~warning|page,instance!="a \\"b\\", c", job !~ x.*}');
    assert.deepEqual(found, [
        { name: 'alertname', value: 'Down', isRegex: false, isEqual: true }, { name: 'severity', value: 'warning|page', isRegex: true, isEqual: true },
        { name: 'instance', value: 'a "b", c', isRegex: false, isEqual: false }, { name: 'job', value: 'x.*', isRegex: true, isEqual: false },
    ]);
    assert.deepEqual(parseMatchers(found.map(matcherText).join(', ')), found);
    const labels = matchersOf({ 'not a name': 'x', empty: '' });
    assert.equal(labels.map(matcherText).join(','), '"not a name"="x",empty=""');
    assert.deepEqual(parseMatchers(labels.map(matcherText).join(',')), labels);
    assert.deepEqual(parseMatchers('  '), []);
    assert.deepEqual(parseMatchers('{}'), []);
});

test('what is no matcher is named', () => {
    for (const text of ['down', 'a=b c=d', 'a=="b"', '="x"', 'a="b', 'a=b,,c=d']) assert.throws(() => parseMatchers(text), /is not a matcher/, text);
});

test('alerts that nobody is told of are left out and counted once, unless wanted', () => {
    const alert = (/** @type {string} */ fingerprint, silencedBy = [], inhibitedBy = []) => ({ fingerprint, status: { state: 'active', silencedBy, inhibitedBy } });
    const silent = alert('b', ['s1']);
    const groups = [
        { labels: {}, receiver: { name: 'one' }, alerts: [alert('a'), silent] }, { labels: {}, receiver: { name: 'two' }, alerts: [silent] },
        { labels: {}, receiver: { name: 'one' }, alerts: [alert('c', [], ['a'])] },
    ];
    const names = (/** @type {any} */ found) => found.groups.map((/** @type {any} */ group) => group.alerts.map((/** @type {any} */ one) => one.fingerprint).join(''));
    const usual = shownAlerts(groups, { silenced: false, inhibited: false });
    assert.deepEqual([names(usual), usual.hidden], [['a'], 2]);
    const silenced = shownAlerts(groups, { silenced: true, inhibited: false });
    assert.deepEqual([names(silenced), silenced.hidden], [['ab', 'b'], 1]);
    const all = shownAlerts(groups, { silenced: true, inhibited: true });
    assert.deepEqual([names(all), all.hidden], [['ab', 'b', 'c'], 0]);
});
