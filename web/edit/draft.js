// A dashboard that somebody is editing. It outlives the page that shows it, so that going back and forth loses nothing.

import { begin, record, redo, undo } from './history.js';
import { editable, sameButPlaced } from './model.js';

/** @typedef {import('./model.js').Model} Model */

export class Draft {
    /** @param {any} raw as it was loaded @param {any} meta of the server: `folderUid`, `provisioned`, … */
    constructor(raw, meta) {
        /** The version that our changes begin with. */
        this.version = Number(raw?.version) || 0;
        this.meta = meta;
        /**
         * Another layout that is being tried by the pointer.
         * @type {import('./grid.js').RawPanel[] | null}
         */
        this.trial = null;
        /** @type {Model} */
        this.saved = editable(raw);
        this.history = begin(this.saved);
        /** @type {Set<() => void>} */
        this.listeners = new Set();
    }

    get model() {
        return this.history.present;
    }

    get dirty() {
        return this.history.present !== this.saved;
    }

    get undoes() {
        return this.history.past[this.history.past.length - 1]?.label;
    }

    get redoes() {
        return this.history.future[0]?.label;
    }

    /**
     * @param {Model} model @param {string} label what was done, as the button that takes it back says
     * @param {string} [key] changes with the same key that follow each other at once are one
     */
    change(model, label, key) {
        sameButPlaced(this.model.panels, model.panels);
        this.trial = null;
        this.history = record(this.history, model, label, { key });
        this.tell();
    }

    /** @param {import('./grid.js').RawPanel[]} panels @param {string} label */
    changePanels(panels, label) {
        if (panels.length !== this.model.panels.length || panels.some((panel, index) => panel !== this.model.panels[index])) this.change({ ...this.model, panels }, label);
    }

    /** @param {import('./grid.js').RawPanel[] | null} panels */
    attempt(panels) {
        if (panels) sameButPlaced(this.model.panels, panels);
        this.trial = panels;
        this.tell();
    }

    undo() {
        this.history = undo(this.history);
        this.tell();
    }

    redo() {
        this.history = redo(this.history);
        this.tell();
    }

    /**
     * Takes up changes that were kept, with the version that they began with: whoever has saved since is not overwritten unasked.
     * @param {{version: number, model: Model}} kept
     */
    restore({ version, model }) {
        this.version = version;
        this.change({ ...model, version: this.model.version }, 'Restore changes');
    }

    /** Gives up all changes. */
    discard() {
        this.history = begin(this.saved);
        this.tell();
    }

    /**
     * The server has it.
     * @param {Model} model what was sent @param {{uid: string, version: number}} answer @param {any} [meta]
     */
    stored(model, answer, meta) {
        this.version = answer.version;
        const made = { ...this.model, uid: answer.uid, version: answer.version };
        // What was written while the server was at work is still to be saved.
        this.saved = model === this.model ? made : { ...model, uid: answer.uid, version: answer.version };
        this.history = { ...this.history, present: made, key: '' };
        if (meta) this.meta = { ...this.meta, ...meta };
        this.tell();
    }

    /** @param {() => void} listener */
    follow(listener) {
        this.listeners.add(listener);
        return () => {
            this.listeners.delete(listener);
        };
    }

    tell() {
        for (const listener of this.listeners) listener();
    }
}

/** @type {Map<string, Draft>} */
const drafts = new Map();

/**
 * The draft of a board: the one with changes that are not saved yet, or a new one.
 * @param {string} key @param {any} raw @param {any} meta
 */
export function draftOf(key, raw, meta) {
    const known = drafts.get(key);
    if (known?.dirty || (known && known.version === (Number(raw?.version) || 0) && known.listeners.size > 0)) return known;
    const draft = new Draft(raw, meta);
    drafts.set(key, draft);
    return draft;
}

/** @param {string} key */
export function forgetDraft(key) {
    drafts.delete(key);
}

export function anyDirty() {
    return [...drafts.values()].some((draft) => draft.dirty);
}

if (typeof window !== 'undefined') {
    window.addEventListener('beforeunload', (event) => {
        if (anyDirty()) event.preventDefault();
    });
}
