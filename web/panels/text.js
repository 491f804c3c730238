// Markdown, HTML and plain text. HTML passes the cleaner; nothing is inserted as it is.

import { html, useMemo } from '../vendor/preact.js';
import { interpolate } from '../dashboard/interpolate.js';
import { cleanHtml } from './clean-html.js';
import { markdownToHtml } from './markdown.js';

/** @param {{panel: import('../types/model').Panel, scope: import('../types/model').Scope}} properties */
export function TextPanel({ panel, scope }) {
    const { mode = 'markdown', content = '' } = panel.options;
    const text = interpolate(String(content ?? ''), scope, 'text').slice(0, 500_000);
    const body = useMemo(() => (mode === 'code' ? null : cleanHtml(mode === 'html' ? text : markdownToHtml(text))), [mode, text]);
    return html`<div class="prose">${mode === 'code' ? html`<pre><code>${text}</code></pre>` : body}</div>`;
}
