// Saving: where, under which title, with which words; and what to do when somebody else was faster.

import { html, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { useLoad } from '../ui/hooks.js';
import { Message } from '../ui/messages.js';
import { allFolders, heldBack, loadBoard, saveBoard } from './calls.js';
import { Changes } from './changes.js';
import { Sheet, openSheet } from './dialogs.js';

/** @typedef {import('./draft.js').Draft} Draft */
/** @typedef {{uid: string, url: string, version: number}} Saved */
/** @typedef {{draft: Draft, range?: import('../types/model').TimeRange, states?: import('../types/model').VariableState[], copy?: boolean, onSaved: () => void}} Saving */

/** @param {Saving} saving @returns {Promise<Saved | undefined>} */
export function openSave(saving) {
    return openSheet((close) => html`<${SaveSheet} ...${saving} close=${close} />`);
}

/**
 * The board with what stands in the head of the page as its own choice.
 * @param {any} model @param {{time: boolean, values: boolean}} wanted @param {import('../types/model').TimeRange | undefined} range
 * @param {import('../types/model').VariableState[]} states
 */
export function withChoices(model, wanted, range, states) {
    let made = model;
    if (wanted.time && range) made = { ...made, time: { from: range.raw.from, to: range.raw.to } };
    if (wanted.values) {
        const list = (made.templating?.list ?? []).map((/** @type {any} */ variable) => {
            const state = states.find((one) => one.variable.name === variable.name);
            if (!state || !['query', 'custom', 'interval', 'datasource', 'textbox'].includes(state.variable.type)) return variable;
            const { values, texts, isAll, multi } = state.value;
            const current = isAll ? { text: multi ? ['All'] : 'All', value: multi ? ['$__all'] : '$__all' } : multi && variable.multi ? { text: texts, value: values } : { text: texts[0] ?? '', value: values[0] ?? '' };
            return JSON.stringify({ text: variable.current?.text, value: variable.current?.value }) === JSON.stringify(current) ? variable : { ...variable, current };
        });
        if (list.some((/** @type {any} */ one, /** @type {number} */ index) => one !== made.templating.list[index])) made = { ...made, templating: { ...made.templating, list } };
    }
    return made;
}

/** @param {Saving & {close: (saved?: Saved) => void}} properties */
function SaveSheet({ draft, range, states = [], copy = false, onSaved, close }) {
    const { model, meta } = draft;
    const asCopy = copy || Boolean(meta.provisioned && model.uid);
    const isNew = asCopy || !model.uid;
    const [title, setTitle] = useState(asCopy ? `${model.title} copy` : model.title);
    const [folder, setFolder] = useState(meta.provisioned ? '' : meta.folderUid ?? '');
    const [message, setMessage] = useState('');
    const [wanted, setWanted] = useState({ time: false, values: false });
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    const [conflict, setConflict] = useState(/** @type {{status: string, body: any} | undefined} */ (undefined));
    const folders = useLoad((signal) => allFolders(signal), [], isNew);
    const shifted = range && (range.raw.from !== (model.time?.from ?? 'now-1h') || range.raw.to !== (model.time?.to ?? 'now'));
    const chosen = /[?&]var-/.test(window.location.search) && withChoices(model, { time: false, values: true }, range, states) !== model;
    const save = async (/** @type {{copy?: boolean, overwrite?: boolean}} */ { copy: apart = false, overwrite = false } = {}) => {
        if (title.trim() === '') return setError('A dashboard needs a title.');
        setBusy(true);
        setError('');
        const named = apart ? { ...model, title: `${title.replace(/ copy$/, '')} copy` } : isNew ? { ...model, title } : model;
        const sent = withChoices(named, wanted, range, states);
        const dashboard = isNew || apart ? { ...sent, id: null, uid: '', version: 0 } : { ...sent, version: draft.version };
        try {
            const answer = await saveBoard({ dashboard, message, overwrite, ...(isNew || apart ? { folderUid: folder } : {}) });
            if (isNew || apart) draft.discard();
            else {
                if (sent !== model) draft.change(sent, 'Save choices');
                draft.stored(sent, answer);
            }
            onSaved();
            return close(answer);
        } catch (failure) {
            const held = heldBack(failure);
            if (held) setConflict(held);
            else setError(messageOf(failure));
            return setBusy(false);
        }
    };
    if (conflict?.status === 'version-mismatch') return html`<${ConflictSheet} draft=${draft} sent=${model} conflict=${conflict.body} error=${error} busy=${busy} onOverwrite=${() => save({ overwrite: true })} onCopy=${() => save({ copy: true })} onClose=${() => close()} />`;
    return html`<${Sheet} title=${asCopy ? 'Save as a copy' : isNew ? 'Save the new dashboard' : 'Save'} onClose=${() => close()} onSubmit=${() => save({ overwrite: conflict?.status === 'name-exists' })}
        buttons=${html`<button class="button primary" type="submit" disabled=${busy}>${conflict ? 'Save it nevertheless' : 'Save'}</button><button class="button quiet" type="button" onClick=${() => close()}>Cancel</button>`}>
        ${error && html`<${Message}>${error}</${Message}>`}
        ${conflict && html`<${Message} tone="warn">${conflict.body?.message ?? 'A dashboard of this title is in this folder already.'} Choose another title or folder, or save it beside the other.</${Message}>`}
        ${meta.provisioned && model.uid && html`<${Message} tone="warn">This board comes from a file${meta.provisionedExternalId ? ` (${meta.provisionedExternalId})` : ''}, so it cannot be saved here: change the file, or save a copy.</${Message}>`}
        ${isNew && html`<label class="field">Title<input class="input" value=${title} onInput=${(/** @type {any} */ event) => { setTitle(event.target.value); setConflict(undefined); }} /></label>
            <label class="field">Folder<select class="select" onChange=${(/** @type {any} */ event) => { setFolder(event.target.value); setConflict(undefined); }}>
                <option value="" selected=${folder === ''}>Dashboards (top)</option>${(folders.value ?? []).map((one) => html`<option value=${one.uid} selected=${one.uid === folder}>${one.title}</option>`)}</select></label>
            ${folders.error && html`<${Message} tone="warn">${folders.error}</${Message}>`}`}
        <label class="field">What has changed<textarea class="input area" rows="2" placeholder="Optional; stands in the list of versions" value=${message} onInput=${(/** @type {any} */ event) => setMessage(event.target.value)}></textarea></label>
        ${shifted && html`<label class="check"><input type="checkbox" checked=${wanted.time} onChange=${(/** @type {any} */ event) => setWanted({ ...wanted, time: event.target.checked })} />Open it with this time range from now on</label>`}
        ${chosen && html`<label class="check"><input type="checkbox" checked=${wanted.values} onChange=${(/** @type {any} */ event) => setWanted({ ...wanted, values: event.target.checked })} />Open it with these values of the variables from now on</label>`}
        ${!isNew && html`<details class="save-diff"><summary>Changes</summary><${Changes} base=${{ uid: model.uid, version: draft.version }} next=${{ uid: model.uid, dashboard: withChoices(model, wanted, range, states) }} /></details>`}
    </${Sheet}>`;
}

/**
 * @param {{draft: Draft, sent: any, conflict: any, error: string, busy: boolean, onOverwrite: () => void, onCopy: () => void, onClose: () => void}} properties
 */
function ConflictSheet({ draft, sent, conflict, error, busy, onOverwrite, onCopy, onClose }) {
    const { uid } = sent;
    const [shown, setShown] = useState('');
    const current = useLoad(() => loadBoard(uid), [uid]);
    const meta = current.value?.meta;
    const who = conflict?.updatedBy ?? meta?.updatedBy;
    const when = conflict?.updated ?? meta?.updated;
    const tab = (/** @type {string} */ name, /** @type {string} */ text) => html`<button type="button" class="button small" aria-pressed=${shown === name ? 'true' : 'false'} onClick=${() => setShown(shown === name ? '' : name)}>${text}</button>`;
    return html`<${Sheet} title="Somebody else has saved this board" onClose=${onClose} wide=${true}
        buttons=${html`<button class="button primary" type="button" disabled=${busy} onClick=${onCopy}>Save mine as a copy</button><button class="button danger" type="button" disabled=${busy} onClick=${onOverwrite}>Overwrite</button><button class="button quiet" type="button" onClick=${onClose}>Back to editing</button>`}>
        ${error && html`<${Message}>${error}</${Message}>`}
        <p>${who ? `${who} saved` : 'There is'} version ${conflict?.version ?? meta?.version ?? '…'}${when ? ` at ${new Date(when).toLocaleString()}` : ''}, after the version ${draft.version} that yours began with. Nothing is lost: whatever you choose, both stay among the versions or on this page.</p>
        <div class="list-line">${tab('theirs', 'What they changed')}${tab('mine', 'What I changed')}${tab('both', 'What overwriting would do')}</div>
        ${shown === 'theirs' && html`<${Changes} base=${{ uid, version: draft.version }} next=${{ uid, version: 0 }} />`}
        ${shown === 'mine' && html`<${Changes} base=${{ uid, version: draft.version }} next=${{ uid, dashboard: sent }} />`}
        ${shown === 'both' && html`<${Changes} base=${{ uid, version: 0 }} next=${{ uid, dashboard: sent }} />`}
    </${Sheet}>`;
}
