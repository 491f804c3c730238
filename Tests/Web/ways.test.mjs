// What the login page shows besides its form.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import './page.mjs';

const { ways } = await import('../../web/pages/ways.js');

/** All elements below a virtual node. @param {any} node @returns {any[]} */
const elements = (node) => (Array.isArray(node) ? node.flatMap(elements) : node?.props ? [node, ...elements(node.props.children)] : []);
const providers = [{ id: 'github', name: 'GitHub', url: '/login/github' }];

test('a button leads to the provider and from there to the page that was wanted', () => {
    const { password, view } = ways({ password: true, providers }, { pathname: '/d/one', search: '?from=now-1h&to=now' });
    const [link] = elements(view);
    assert.equal(password, true);
    assert.equal(link.props.href, '/login/github?to=%2Fd%2Fone%3Ffrom%3Dnow-1h%26to%3Dnow');
    assert.equal(link.props.target, '_self');
    assert.equal([link.props.children].flat().join(''), 'Sign in with GitHub');
});

test('from the login page a button leads to the beginning, and a failure is said before it', () => {
    const { password, view } = ways({ password: false, providers, error: 'Try again.' }, { pathname: '/login', search: '?failed=code' });
    const [message, link] = elements(view);
    assert.equal(password, false);
    assert.equal(message.props.children, 'Try again.');
    assert.equal(link.props.href, '/login/github');
});
