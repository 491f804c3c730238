import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortened } from '../../web/format/display.js';
import { formatValue, joined } from '../../web/format/units.js';

/** @type {[number, string, number | null, string][]} */
const cases = [
    [0, 'bytes', null, '0 B'], [1023, 'bytes', null, '1023 B'], [1536, 'bytes', null, '1.5 KiB'], [1048576, 'bytes', null, '1 MiB'],
    [1048575.9, 'bytes', null, '1 MiB'], [2.5, 'gbytes', null, '2.5 GiB'], [1500, 'decbytes', null, '1.5 kB'], [1e6, 'bps', null, '1 Mb/s'],
    [0.1234, 'percentunit', null, '12.3%'], [12.34, 'percent', 1, '12.3%'], [999950, 'short', null, '1 Mil'], [1234, 'short', 2, '1.23 K'],
    [-1500, 'short', null, '-1.5 K'], [0.000012, 's', null, '12 µs'], [90, 's', null, '1.5 mins'], [3600, 's', null, '1 hour'], [0, 's', null, '0 s'],
    [1500, 'ms', null, '1.5 s'], [250, 'reqps', null, '250 req/s'], [1234, 'none', null, '1234'], [1234567, 'locale', null, '1,234,567'],
    [3723, 'dtdurations', 1, '1 hour, 2 minutes'], [12, 'suffix: cores', null, '12 cores'], [5, 'cores', null, '5 cores'], [5, 'currencyEUR', 2, '€5.00'],
    [1, 'bool_yes_no', null, 'Yes'], [255, 'hex0x', null, '0xFF'], [Infinity, 'bytes', null, '+Inf'],
    [93784.5, 'clocks', null, '26h:03m:04s:500ms'], [65, 'clocks', 0, '01m'], [3723, 'dthms', null, '01:02:03'], [90061, 'dtdhms', null, '1 d 01:01:01'], [9000, 'timeticks', null, '1.5 mins'],
    [0, 'time: YYYY/MM/DD', null, '1970/01/01'], [1500, 'mvolt', null, '1.5 V'], [2500, 'pressurehpa', null, '2500 hPa'], [12, 'currencySEK', null, 'kr 12'], [5, 'constructor', null, '5 constructor'], [5, 'toString', 1, '5.0 toString'], [1.5, 'Gibits', null, '1.5 Gib/s'], [NaN, 's', null, 'NaN'],
];
for (const [value, unit, decimals, expected] of cases) {
    test(`${value} as ${unit} is ${expected}`, () => assert.equal(joined(formatValue(value, unit, decimals)), expected));
}

test('texts are cut where nobody reads on: long ones, and letters under thousands of marks, whose layout takes half a minute', () => {
    assert.equal(shortened('x'.repeat(3000)).length, 2001);
    assert.equal(shortened(`a${'\u0301'.repeat(20_000)}b`, 50_000), `a${'\u0301'.repeat(9)}b`);
    const hindi = 'क्षत्रियों के लिए एक लंबा वाक्य जो वैसा ही रहता है जैसा वह लिखा गया था';
    assert.equal(shortened(hindi), hindi);
});
