// A dashboard being edited: its draft, what the page shows of it, and the buttons in its head.

import { html, useCallback, useEffect, useMemo, useState } from '../vendor/preact.js';
import { loadOldTypes } from '../dashboard/upgrade-panel.js';
import { guards, navigate, setParams } from '../router.js';
import { Icon } from '../ui/icons.js';
import { Menu } from '../ui/menu.js';
import { Empty, Message } from '../ui/messages.js';
import { loadStyles } from '../ui/styles.js';
import { EditedCell } from './cell.js';
import { copiedPanel, copyPanel } from './clipboard.js';
import { ask, tell } from './dialogs.js';
import { draftOf, forgetDraft } from './draft.js';
import { addPanel, addRow, placeOf, removePanel } from './grid.js';
import './icons.js';
import { dropDraft, keepWhileChanged, keptDraft } from './kept-draft.js';
import { freeId, newPanel, panelOf, viewOf, viewOfPanel } from './model.js';
import { PanelEditor } from './panel-editor.js';
import { openSave } from './save.js';
import { SettingsPage } from './settings.js';

await Promise.all(['explore', 'edit'].map((name) => loadStyles(new URL(`../styles/${name}.css`, import.meta.url))));

/** @typedef {import('./draft.js').Draft} Draft */
/** @typedef {import('../types/model').Panel} Panel */
/**
 * What a board shows while it is edited: `placed` where its panels stand, `cell` around each of them, `body` in place of the grid, `head` among the buttons.
 * @typedef {{placed: import('../dashboard/layout.js').Placed[], menu: import('../dashboard/panel-menu.js').More, cell: (panel: Panel, shared: any) => any,
 *   head: (range: import('../types/model').TimeRange, states: import('../types/model').VariableState[] | undefined) => any,
 *   body: (shared: any, states: import('../types/model').VariableState[]) => any}} BoardEditor
 */

/**
 * @param {{raw: any, meta: any, sources: import('../types/model').DataSource[], params: URLSearchParams, user: any, Board: any, onSaved: () => void}} properties
 */
export function Editor({ raw, meta, sources, params, user, Board, onSaved }) {
    const key = raw.uid || 'new';
    const draft = useMemo(() => draftOf(key, raw, meta), [key]);
    const [, setCount] = useState(0);
    useEffect(() => {
        if (draft.dirty && !params.has('editPanel')) tell('These are your changes from before; they are not saved yet.');
        return draft.follow(() => setCount((count) => count + 1));
    }, [draft]);
    const [kept, setKept] = useState(() => (draft.dirty ? undefined : keptDraft(user.login, key)));
    useEffect(() => keepWhileChanged(draft, user.login, key), [draft]);
    useGuard(draft, key);
    useKeys(draft);
    const { model } = draft;
    const view = useMemo(() => viewOf(model), [model]);
    const shown = draft.trial ?? model.panels;
    const placed = useMemo(() => shown.map((panel) => ({ key: `panel-${panel.id}`, panel: viewOfPanel(panel, model), ...placeOf(panel), ...(panel.type === 'row' ? { x: 0, w: 24, h: 1 } : {}) })), [shown, model]);
    const cell = useCallback((/** @type {Panel} */ panel, /** @type {any} */ shared) => html`<${EditedCell} draft=${draft} panel=${panel} shared=${shared} />`, [draft]);
    const menu = useCallback(panelItems(draft), [draft]);
    const panelId = Number(params.get('editPanel'));
    const edited = panelId ? panelOf(model, panelId) : undefined;
    const settings = params.get('editview');
    const leave = () => leaveEditing(draft, key);
    const answerKept = (/** @type {boolean} */ restores) => {
        if (kept && restores) draft.restore(kept);
        // Changes that were made under the question are what is kept by now.
        else if (!draft.dirty) dropDraft(user.login, key);
        setKept(undefined);
    };
    const restored = () => {
        draft.discard();
        forgetDraft(key);
        onSaved();
        setParams({ edit: null, editPanel: null, editview: null });
        tell('Restored.');
    };
    const save = (/** @type {any} */ range, /** @type {any} */ states) => openSave({ draft, range, states, onSaved: () => { onSaved(); tell('Saved.'); } }).then((answer) => {
        if (!answer) return;
        // A new board, or a copy, lives at an address of its own.
        if (answer.uid !== raw.uid) {
            forgetDraft(key);
            navigate(answer.url, { replace: key === 'new' });
        }
    });
    /** @type {BoardEditor} */
    const editor = {
        placed, menu, cell,
        head: (range, states) => html`<${HeadButtons} draft=${draft} sources=${sources} inside=${Boolean(edited || settings)} onSave=${() => save(range, states)} onLeave=${leave} />`,
        body: (shared, states) => {
            if (edited) return html`<${PanelEditor} key=${panelId} draft=${draft} raw=${edited} shared=${shared} />`;
            if (settings) return html`<${SettingsPage} draft=${draft} section=${settings} shared=${shared} states=${states} onRestored=${restored} />`;
            return model.panels.length === 0 && html`<${Empty} title="This dashboard has no panels yet">
                <button class="button primary" onClick=${() => addNew(draft, sources)}><${Icon} name="plus" size="14" />Add a panel</button></${Empty}>`;
        },
    };
    return html`${kept && html`<${KeptNotice} kept=${kept} version=${draft.version} onAnswer=${answerKept} />`}<${Board} dashboard=${view} sources=${sources} params=${params} user=${user} meta=${draft.meta} editor=${editor} />`;
}

/** @param {{kept: import('./kept-draft.js').Kept, version: number, onAnswer: (restores: boolean) => void}} properties */
function KeptNotice({ kept, version, onAnswer }) {
    return html`<div class="kept-draft"><${Message} tone="warn">Changes that you made here on ${new Date(kept.at).toLocaleString()} were not saved.${kept.version !== version && ' The board has been saved since then; saving will ask what shall become of that.'}
        <button class="button small primary" onClick=${() => onAnswer(true)}>Restore</button><button class="button small" onClick=${() => onAnswer(false)}>Discard</button></${Message}></div>`;
}

/** @param {Draft} draft @param {import('../types/model').DataSource[]} sources */
function addNew(draft, sources) {
    const id = freeId(draft.model);
    draft.changePanels(addPanel(draft.model.panels, newPanel(id, sources)), 'Add panel');
    setParams({ editPanel: String(id), editview: null });
}

/** Presses “Save”, after what is being written was taken. */
function saveSoon() {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    setTimeout(() => document.querySelector('.save-button')?.dispatchEvent(new MouseEvent('click', { bubbles: true })), 50);
}

/** @param {Draft} draft @param {any} panel */
async function paste(draft, panel) {
    await loadOldTypes(panel);
    draft.changePanels(addPanel(draft.model.panels, { ...panel, id: freeId(draft.model) }), 'Paste panel');
}

/** @param {{draft: Draft, sources: import('../types/model').DataSource[], inside: boolean, onSave: () => void, onLeave: () => void}} properties */
function HeadButtons({ draft, sources, inside, onSave, onLeave }) {
    const { model, meta } = draft;
    const pasted = copiedPanel();
    const item = (/** @type {string} */ icon, /** @type {string} */ text, /** @type {() => void} */ run) => html`<button class="menu-item" role="menuitem" onClick=${run}><${Icon} name=${icon} size="14" />${text}</button>`;
    return html`<span class="edit-state" role="status">${draft.dirty && 'Not saved'}</span>
        <div class="joined">
            <button class="button icon" disabled=${!draft.undoes} title=${draft.undoes ? `Undo: ${draft.undoes}` : 'Nothing to undo'} aria-label="Undo" aria-keyshortcuts="Control+Z" onClick=${() => draft.undo()}><${Icon} name="undo" size="15" /></button>
            <button class="button icon" disabled=${!draft.redoes} title=${draft.redoes ? `Redo: ${draft.redoes}` : 'Nothing to redo'} aria-label="Redo" aria-keyshortcuts="Control+Y" onClick=${() => draft.redo()}><${Icon} name="redo" size="15" /></button>
        </div>
        ${inside ? html`<button class="button" onClick=${() => setParams({ edit: '1', editPanel: null, editview: null })}><${Icon} name="back" size="14" />Back to the board</button>`
            : html`<${Menu} title="Add" right=${true} label=${html`<${Icon} name="plus" size="14" />Add<${Icon} name="down" size="12" />`}>
                ${(/** @type {() => void} */ close) => html`
                    ${item('boards', 'Panel', () => { close(); addNew(draft, sources); })}
                    ${item('menu', 'Row', () => { close(); draft.changePanels(addRow(model.panels, freeId(model)), 'Add row'); })}
                    ${pasted && item('copy', `Paste “${pasted.title || pasted.type}”`, () => { close(); paste(draft, pasted); })}`}
            </${Menu}>
            <button class="button icon" title="Settings" aria-label="Settings" onClick=${() => setParams({ edit: '1', editview: 'settings' })}><${Icon} name="gear" size="15" /></button>`}
        <button class="button primary save-button" aria-keyshortcuts="Control+S" disabled=${!draft.dirty && Boolean(model.uid)} onClick=${onSave}>${meta.provisioned ? 'Save a copy' : 'Save'}</button>
        <button class="button quiet" onClick=${onLeave}>Exit</button>`;
}

/** @param {Draft} draft @returns {import('../dashboard/panel-menu.js').More} */
function panelItems(draft) {
    return (panel, item, close) => {
        const raw = panelOf(draft.model, panel.id);
        if (!raw) return null;
        const then = (/** @type {() => void} */ run) => () => { close(); run(); };
        return html`
            ${item('pencil', 'Edit', then(() => setParams({ editPanel: String(panel.id) })))}
            ${item('plus', 'Duplicate', then(() => draft.changePanels(addPanel(draft.model.panels, { ...structuredClone(raw), id: freeId(draft.model) }, raw.id), 'Duplicate panel')))}
            ${item('copy', 'Copy', then(() => { copyPanel(raw); tell('Copied: “Add” has it now, on any dashboard of this browser.'); draft.tell(); }))}
            ${item('trash', 'Remove', then(() => { draft.changePanels(removePanel(draft.model.panels, raw.id), 'Remove panel'); tell('Removed. Undo brings it back.'); }))}`;
    };
}

/**
 * Leaves the pages of editing, and asks before changes are lost.
 * @param {Draft} draft @param {string} key
 */
async function leaveEditing(draft, key) {
    if (draft.dirty) {
        const answer = await ask({ title: 'Changes are not saved', text: 'What shall become of them?', answers: [['keep', 'Keep editing', 'primary'], ['discard', 'Discard changes', 'danger']] });
        if (answer !== 'discard') return;
        draft.discard();
    }
    forgetDraft(key);
    if (key === 'new') navigate('/dashboards');
    else setParams({ edit: null, editPanel: null, editview: null });
}

/**
 * Another page is opened only when that was meant.
 * @param {Draft} draft @param {string} key
 */
function useGuard(draft, key) {
    useEffect(() => {
        const guard = (/** @type {string} */ href) => {
            if (!draft.dirty || href.split('?')[0] === window.location.pathname) return false;
            ask({ title: 'Changes are not saved', text: 'This page is left. The changes can be kept in this browser: they are there when the board is edited again.', answers: [['stay', 'Stay', 'primary'], ['keep', 'Leave, keep them'], ['discard', 'Leave, discard them', 'danger']] }).then((answer) => {
                if (answer !== 'keep' && answer !== 'discard') return;
                guards.delete(guard);
                if (answer === 'discard') {
                    draft.discard();
                    forgetDraft(key);
                }
                navigate(href);
            });
            return true;
        };
        guards.add(guard);
        return () => {
            guards.delete(guard);
            // The browser's own way back asks nobody.
            if (draft.dirty) tell('Your changes are not saved. “Edit” has them still.');
        };
    }, [draft, key]);
}

/**
 * Ctrl+S, and Ctrl+Z and Ctrl+Y unless something is being written, which has its own.
 * @param {Draft} draft
 */
function useKeys(draft) {
    useEffect(() => {
        const onKey = (/** @type {KeyboardEvent} */ event) => {
            if (!(event.ctrlKey || event.metaKey) || event.altKey || !(event.target instanceof Element) || event.target.closest('.backdrop')) return;
            const key = event.key.toLowerCase();
            if (key !== 's' && event.target.closest('input:not([type=checkbox]), textarea, select')) return;
            if (key === 'z' && !event.shiftKey) draft.undo();
            else if (key === 's') saveSoon();
            else if (key === 'y' || (key === 'z' && event.shiftKey)) draft.redo();
            else return;
            event.preventDefault();
        };
        document.addEventListener('keydown', onKey);
        return () => document.removeEventListener('keydown', onKey);
    }, [draft]);
}
