// Adds, changes and removes annotations of a board: loaded when somebody asks for it.

import { html, useState } from '../vendor/preact.js';
import { messageOf, request } from '../api.js';
import { Sheet, ask, openSheet } from '../edit/dialogs.js';
import { dateTime } from '../time/format.js';
import { parseTime } from '../time/range.js';
import { useLoad } from '../ui/hooks.js';
import { Message } from '../ui/messages.js';
import { loadStyles } from '../ui/styles.js';
import { annotationBody, storedAt, storedMark } from './stored-annotations.js';

await loadStyles(new URL('../styles/edit.css', import.meta.url));

/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('./stored-annotations.js').Stored} Stored */
/**
 * Where: on a panel, and there a click on its plot (`left` in pixels), a span of time, or neither.
 * @typedef {{panel: import('../types/model').Panel, plot?: any, left?: number, marks?: import('./annotations.js').Annotation[], from?: number, to?: number}} Place
 */

/**
 * A click on the line of a kept annotation changes it, one with Ctrl or Cmd elsewhere adds one.
 * @param {Place} place @param {Scope} scope @param {(change: number) => void} onChange called with another number after each change
 */
export async function annotate({ panel, plot, left = 0, marks = [], from, to }, scope, onChange) {
    const near = plot && storedAt(marks, (time) => plot.valToPos(time / 1000, 'x'), left);
    if (plot && !near && !plot.marking) return;
    const time = plot ? plot.posToVal(left, 'x') * 1000 : Math.min(Date.now(), scope.range.to);
    try {
        const stored = near ? await request(`/api/annotations/${near.id}`) : undefined;
        const changed = await openSheet((close) => html`<${AnnotationSheet} panel=${panel} scope=${scope} stored=${stored} from=${from ?? time} to=${to ?? time} list=${!plot && from === undefined} close=${close} />`);
        if (changed) onChange(Date.now());
    } catch (error) {
        await ask({ title: 'Annotation', text: messageOf(error), answers: [['close', 'Close']] });
        onChange(Date.now());
    }
}

/**
 * @param {{panel: import('../types/model').Panel, scope: Scope, stored?: Stored, from: number, to: number, list: boolean, close: (changed?: boolean) => void}} properties
 *   `list`: with those that there are, for who has no pointer
 */
function AnnotationSheet({ panel, scope, stored: first, from, to, list, close }) {
    const { zone } = scope;
    const [stored, setStored] = useState(first);
    const written = (/** @type {Stored | undefined} */ one) => ({
        text: one?.text ?? '', tags: (one?.tags ?? []).join(', '), from: exact(one?.time ?? from, zone), to: exact(one ? Math.max(one.time, one.timeEnd ?? 0) : to, zone),
        everywhere: false,
    });
    const [fields, setFields] = useState(() => written(first));
    const [problem, setProblem] = useState('');
    const [busy, setBusy] = useState(false);
    const uid = scope.dashboard?.uid ?? '';
    const known = useLoad((signal) => request(`/api/annotations?${new URLSearchParams({ dashboardUID: uid, from: String(Math.floor(scope.range.from)), to: String(Math.ceil(scope.range.to)), limit: '100' })}`, { signal }), [], list);
    const those = (known.value ?? []).filter((/** @type {Stored} */ one) => !one.panelId || one.panelId === panel.id);
    const field = (/** @type {'text' | 'tags' | 'from' | 'to'} */ name) => (/** @type {any} */ event) => setFields({ ...fields, [name]: event.target.value });
    const send = async (/** @type {() => Promise<any>} */ call) => {
        setBusy(true);
        try {
            await call();
            close(true);
        } catch (error) {
            setProblem(messageOf(error));
            setBusy(false);
        }
    };
    const save = () => {
        const now = Date.now();
        const time = (/** @type {string} */ text) => parseTime(text, false, now, zone);
        const start = time(fields.from);
        const made = annotationBody({ text: fields.text, tags: fields.tags, from: start, to: fields.to.trim() === '' ? start : time(fields.to) });
        if ('problem' in made) return setProblem(made.problem);
        return send(() => (stored ? request(`/api/annotations/${stored.id}`, { method: 'PUT', json: made.body })
            : request('/api/annotations', { json: { ...made.body, dashboardUID: uid, panelId: fields.everywhere ? 0 : panel.id } })));
    };
    const remove = async () => {
        const answer = await ask({ title: 'Delete the annotation', text: `“${String(stored?.text).slice(0, 200)}” is deleted for everybody.`, answers: [['delete', 'Delete', 'danger'], ['keep', 'Keep it', 'quiet']] });
        if (answer === 'delete') await send(() => request(`/api/annotations/${stored?.id}`, { method: 'DELETE' }));
    };
    const buttons = html`<button type="submit" class="button primary" disabled=${busy}>${stored ? 'Save' : 'Add'}</button>
        ${stored && html`<button type="button" class="button danger" disabled=${busy} onClick=${remove}>Delete</button>`}
        <button type="button" class="button quiet" onClick=${() => close()}>Cancel</button>`;
    return html`<${Sheet} title=${stored ? 'Change the annotation' : 'Add an annotation'} onClose=${() => close()} onSubmit=${save} buttons=${buttons}>
        ${problem && html`<${Message}>${problem}</${Message}>`}
        <label class="field">Text<textarea class="input area" rows="3" autofocus value=${fields.text} onInput=${field('text')}></textarea></label>
        <label class="field">Tags<input class="input" placeholder="deployment, shop" value=${fields.tags} onInput=${field('tags')} /></label>
        <label class="field">From<input class="input" value=${fields.from} onInput=${field('from')} /></label>
        <label class="field">To<input class="input" placeholder="the same moment" value=${fields.to} onInput=${field('to')} /></label>
        ${!stored && html`<label class="check"><input type="checkbox" checked=${fields.everywhere} onChange=${(/** @type {any} */ event) => setFields({ ...fields, everywhere: event.target.checked })} />On all panels of the board</label>`}
        ${stored?.login && html`<p class="muted">Added by ${stored.login}</p>`}
        ${known.error && html`<${Message}>${known.error}</${Message}>`}
        ${!stored && those.length > 0 && html`<section aria-label="Annotations in this time range"><p class="muted">In this time range</p>
            ${those.map((/** @type {Stored} */ one) => html`<div class="list-line wide" key=${one.id}><button type="button" class="list-name" onClick=${() => { setStored(one); setFields(written(one)); setProblem(''); }}>${storedMark(one, {}, null).title}</button>
                <span class="muted">${dateTime(one.time, zone)}</span></div>`)}</section>`}
    </${Sheet}>`;
}

/**
 * A moment as it is typed, with milliseconds where it has some: what nobody changes stays as it is.
 * @param {number} ms @param {string} [zone]
 */
export function exact(ms, zone) {
    const whole = Math.round(ms);
    return dateTime(whole, zone) + (whole % 1000 === 0 ? '' : `.${String(whole % 1000).padStart(3, '0')}`);
}
