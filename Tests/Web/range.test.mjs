import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRange, formatDuration, intervalFor, parseDuration, parseTime, resolveRange } from '../../web/time/range.js';

const now = Date.UTC(2026, 10, 21, 14, 30, 15, 500);
const at = (/** @type {string} */ text) => Date.parse(text);

/** @type {[string, boolean, number][]} */
const times = [
    ['now', false, now], ['now-5m', false, now - 300_000], ['now-1d/d', false, at('2026-11-20T00:00:00Z')], ['now-1d/d', true, at('2026-11-21T00:00:00Z') - 1],
    ['now/h', false, at('2026-11-21T14:00:00Z')], ['now/w', false, at('2026-11-15T00:00:00Z')], ['now/M', true, at('2026-12-01T00:00:00Z') - 1],
    ['now/d+8h', false, at('2026-11-21T08:00:00Z')], ['now-1y', false, at('2025-11-21T14:30:15.500Z')], ['1700000000000', false, 1700000000000],
    ['2026-11-21', false, at('2026-11-21T00:00:00Z')], ['2026-11-21', true, at('2026-11-21T23:59:59.999Z')], ['2026-11-21 08:30', false, at('2026-11-21T08:30:00Z')],
    ['2026-11-21T08:30:00+02:00', false, at('2026-11-21T06:30:00Z')],
];
for (const [text, up, expected] of times) {
    test(`${text} ${up ? 'as an end' : 'as a start'} is ${new Date(expected).toISOString()}`, () => assert.equal(parseTime(text, up, now, 'utc'), expected));
}

for (const text of ['', 'now-', 'now-5x', 'yesterday', '2026-13-45', 'now5m', '12']) {
    test(`“${text}” is no time`, () => assert.ok(Number.isNaN(parseTime(text, false, now, 'utc'))));
}

test('a range whose end lies before its start falls back', () => {
    const range = resolveRange('now', 'now-1h', { now, fallback: { from: 'now-2h', to: 'now' } });
    assert.deepEqual([range.from, range.to], [now - 7_200_000, now]);
});

test('ranges are described in words', () => {
    const format = (/** @type {number} */ ms) => `at ${ms}`;
    assert.equal(describeRange({ from: 'now-1h', to: 'now' }, format), 'Last hour');
    assert.equal(describeRange({ from: 'now-90m', to: 'now' }, format), 'Last 90 minutes');
    assert.equal(describeRange({ from: '1700000000000', to: '1700000060000' }, format), 'at 1700000000000 to at 1700000060000');
});

test('durations go there and back', () => {
    for (const [text, ms] of /** @type {[string, number][]} */ ([['15s', 15_000], ['1m30s', 90_000], ['1d', 86_400_000], ['500ms', 500]])) {
        assert.equal(parseDuration(text), ms);
        assert.equal(formatDuration(ms), text);
    }
    for (const text of ['', 'x', '1h x', '-5m']) assert.ok(Number.isNaN(parseDuration(text)), text);
    assert.equal(parseDuration('>10s'), 10_000);
    assert.equal(parseDuration('5'), 5000);
});

test('the step of a query is a usual length and never below the least', () => {
    const range = { from: 0, to: 3_600_000, raw: { from: '', to: '' } };
    assert.equal(intervalFor(range, 1000, 15_000), 15_000);
    assert.equal(intervalFor(range, 100, 1000), 30_000);
    assert.equal(intervalFor({ ...range, to: 30 * 86_400_000 }, 1000, 15_000), 1_800_000);
});

test('days begin where the zone says, also when the clocks change', () => {
    assert.equal(parseTime('now/d', false, now, 'Asia/Tokyo'), at('2026-11-20T15:00:00Z'));
    assert.equal(parseTime('now/d', true, now, 'America/New_York'), at('2026-11-22T05:00:00Z') - 1);
    assert.equal(parseTime('2026-03-29', false, now, 'Europe/Berlin'), at('2026-03-28T23:00:00Z'));
    assert.equal(parseTime('2026-03-29', true, now, 'Europe/Berlin'), at('2026-03-29T22:00:00Z') - 1);
    assert.equal(parseTime('2026-07-01 08:30', false, now, 'Asia/Kolkata'), at('2026-07-01T03:00:00Z'));
    assert.equal(parseTime('now-1M/M', false, now, 'Europe/Berlin'), at('2026-09-30T22:00:00Z'));
    assert.equal(parseTime('now/d', false, now, 'No/Where'), parseTime('now/d', false, now, 'browser'));
});
