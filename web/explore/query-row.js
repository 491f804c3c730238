// The line with the query: its editor, its history, and the button that runs it.

import { html, useEffect } from '../vendor/preact.js';
import { Icon } from '../ui/icons.js';
import { QueryEditor } from './editor/query-editor.js';
import { History, remember } from './history.js';

/**
 * @param {{page: string, expr: string, text: string, placeholder: string, label: string, language: import('./editor/languages.js').QueryLanguage, error?: string,
 *   onText: (text: string) => void, onRun: (text: string) => void, children?: any}} properties `expr`: what was run last, `text`: what stands in the editor
 */
export function QueryRow({ page, expr, text, placeholder, label, language, error, onText, onRun, children }) {
    useEffect(() => remember(page, expr), [page, expr]);
    const { format } = language;
    const layOut = () => format?.(text).then(onText, () => {});
    return html`<div class="query-row">
        <${QueryEditor} value=${text} placeholder=${placeholder} label=${label} language=${language} error=${error} onInput=${onText} onRun=${onRun} />
        <div class="query-buttons">
            ${format && html`<button class="button icon" title="Lay the query out over lines" aria-label="Format" onClick=${layOut}><${Icon} name="format" size="15" /></button>`}
            <${History} page=${page} onPick=${onRun} />
            ${children}
            <button class="button primary" onClick=${() => onRun(text)}><${Icon} name="play" size="13" />Run</button>
        </div>
    </div>`;
}
