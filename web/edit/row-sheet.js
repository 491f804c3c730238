// The title of a row, and the variable that repeats it.

import { html } from '../vendor/preact.js';
import { Sheet, openSheet } from './dialogs.js';
import { changePanel } from './model.js';

/** @param {import('./draft.js').Draft} draft @param {import('./grid.js').RawPanel} row */
export async function openRowSheet(draft, row) {
    const variables = (draft.model.templating?.list ?? []).map((/** @type {any} */ one) => String(one.name));
    let { title = '', repeat = '' } = row;
    const done = await openSheet((close) => html`<${Sheet} title="Row" onClose=${() => close()} onSubmit=${() => close(true)} buttons=${html`<button class="button primary" type="submit">Apply</button><button class="button quiet" type="button" onClick=${() => close()}>Cancel</button>`}>
        <label class="field">Title<input class="input" value=${title} onInput=${(/** @type {any} */ event) => { title = event.target.value; }} /></label>
        <label class="field">Repeat for each value of<select class="select" onChange=${(/** @type {any} */ event) => { repeat = event.target.value; }}>
            <option value="" selected=${!repeat}>no variable</option>${variables.map((/** @type {string} */ name) => html`<option value=${name} selected=${name === repeat}>${name}</option>`)}</select></label>
    </${Sheet}>`);
    if (!done) return;
    draft.change(changePanel(draft.model, row.id, (panel) => {
        const { repeat: _, ...rest } = panel;
        return { ...rest, title, ...(repeat ? { repeat } : {}) };
    }), 'Change row');
}
