import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';
import { sidesOf, splitHref } from '../../web/explore/split.js';

/** @param {string} href */
function sides(href) {
    const url = new URL(href, 'http://x');
    return sidesOf(url.pathname, url.searchParams);
}

/** @param {{path: string, params: URLSearchParams}} query */
const text = ({ path, params }) => `${path}?${params}`;

test('an address has both sides: its own, and the one in “split”', () => {
    const found = sides('/explore/metrics?expr=up%7Ba%3D%22%26%22%7D&from=now-3h&split=%2Fexplore%2Flogs%3Fexpr%3D%257Ba%253D%2522b%2522%257D%26from%3Dnow-6h&side=right');
    assert.equal(found.side, 'right');
    assert.deepEqual([...found.here.params], [['expr', 'up{a="&"}'], ['from', 'now-3h']]);
    assert.equal(found.there.path, '/explore/logs');
    assert.deepEqual([...found.there.params], [['expr', '{a="b"}'], ['from', 'now-6h']]);
});

test('turning to the other side and back gives the same address', () => {
    const href = splitHref({ path: '/explore/metrics', params: new URLSearchParams({ expr: 'a & b', ds: 'm' }) }, { path: '/explore/traces', params: new URLSearchParams({ trace: '1', to: 'now' }) }, 'left', false);
    const first = sides(href);
    const turned = splitHref(first.there, first.here, 'right', first.synced);
    const second = sides(turned);
    assert.equal(turned.split('?')[0], '/explore/traces');
    assert.deepEqual([text(second.here), text(second.there), second.side], [text(first.there), text(first.here), 'right']);
    assert.equal(splitHref(second.there, second.here, 'left', second.synced), href);
});

test('with the same times the other side follows, also to none', () => {
    const found = sides('/explore/metrics?from=1&to=2&sync=1&split=%2Fexplore%2Flogs%3Ffrom%3D5%26expr%3Dx');
    assert.deepEqual([found.synced, found.there.params.get('from'), found.there.params.get('to'), found.there.params.get('expr')], [true, '1', '2', 'x']);
    assert.equal(sides('/explore/metrics?sync=1&split=%2Fexplore%2Flogs%3Ffrom%3D5').there.params.has('from'), false);
});

test('an address that is none of Explore is never opened, however it is written', () => {
    for (const bad of ['https://evil.example/', '//evil.example', 'javascript:alert(1)', '/login', '', '/explore/split', 'constructor', '/explore/logs/../../x']) {
        const found = sides(`/explore/logs?split=${encodeURIComponent(bad)}`);
        assert.equal(found.there.path, '/explore/metrics');
    }
    const nested = sides('/explore/logs?split=' + encodeURIComponent('/explore/logs?split=%2Fexplore%2Flogs&side=right&sync=1&expr=x'));
    assert.deepEqual([...nested.there.params], [['expr', 'x']]);
});
