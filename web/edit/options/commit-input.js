// An input whose text is taken when it is left or Enter is pressed: what is half written is nobody's value, and no drawing of the page undoes it.

import { html, useEffect, useState } from '../../vendor/preact.js';

/**
 * @param {{value: any, onCommit: (text: string) => void, area?: boolean, class?: string, [attribute: string]: any}} properties
 */
export function CommitInput({ value, onCommit, area, ...rest }) {
    const written = String(value ?? '');
    const [text, setText] = useState(written);
    useEffect(() => setText(written), [written]);
    const take = () => {
        if (text !== written) onCommit(text);
    };
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== 'Enter' || event.shiftKey) return;
        if (area) event.preventDefault();
        take();
    };
    const shared = { class: 'input', ...rest, value: text, onInput: (/** @type {any} */ event) => setText(event.target.value), onBlur: take, onKeyDown };
    return area ? html`<textarea ...${shared}></textarea>` : html`<input ...${shared} />`;
}
