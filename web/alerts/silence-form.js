// A silence, new or changed: what it holds back, from when, for how long, why, and who says so.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import * as alertmanager from '../data/alertmanager.js';
import { dateTime } from '../time/format.js';
import { formatDuration, parseDuration, parseTime } from '../time/range.js';
import { useLoad } from '../ui/hooks.js';
import { Message } from '../ui/messages.js';
import { Labels } from './labels.js';
import { emptyMatcher, MatcherEditor } from './matcher-editor.js';

/** @typedef {import('../data/alertmanager.js').Matcher} Matcher */

const lengths = ['30m', '1h', '2h', '4h', '8h', '1d', '3d', '7d'];
/** Alerts of the preview that are written out. */
const shownAlerts = 8;

/**
 * @param {{uid: string, silence?: import('../data/alertmanager.js').Silence, matchers: Matcher[], creator: string, onClose: () => void, onDone: () => void}} properties
 *   `silence`: the one that is changed
 */
export function SilenceForm({ uid, silence, matchers: given, creator, onClose, onDone }) {
    const [matchers, setMatchers] = useState(() => (given.length > 0 ? given : [emptyMatcher]));
    const [length, setLength] = useState(() => (silence ? formatDuration(Math.max(60_000, Math.round((Date.parse(silence.endsAt) - Math.max(Date.now(), Date.parse(silence.startsAt))) / 60_000) * 60_000)) : '2h'));
    const pending = silence?.status.state === 'pending';
    const [start, setStart] = useState(() => (pending ? dateTime(Date.parse(silence.startsAt)) : 'now'));
    const [comment, setComment] = useState(silence?.comment ?? '');
    const [createdBy, setCreatedBy] = useState(silence?.createdBy ?? creator);
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    const all = useLoad((signal) => alertmanager.alertsMatching(uid, [], signal).catch(() => []), [uid]);
    const names = useMemo(() => [...new Set((all.value ?? []).flatMap((alert) => Object.keys(alert.labels)))].sort(), [all.value]);
    const valuesOf = (/** @type {string} */ name) => [...new Set((all.value ?? []).map((alert) => alert.labels[name]).filter(Boolean))].sort();
    const wanted = matchers.filter((one) => one.name.trim() !== '').map((one) => ({ ...one, name: one.name.trim() }));
    const submit = async (/** @type {any} */ event) => {
        event.preventDefault();
        setBusy(true);
        try {
            if (wanted.length === 0) throw new Error('A silence needs a matcher, such as alertname="Down".');
            const { startsAt, endsAt } = timesOf(start, length, silence);
            await alertmanager.saveSilence(uid, { id: silence?.id, matchers: wanted, startsAt, endsAt, comment: comment.trim(), createdBy: createdBy.trim() });
            onDone();
        } catch (failure) {
            setError(messageOf(failure));
            setBusy(false);
        }
    };
    return html`<section class="explore-card"><header><h2>${silence ? 'Change a silence' : 'New silence'}</h2></header>
        <form class="silence-form" onSubmit=${submit}>
            ${error && html`<${Message}>${error}</${Message}>`}
            <div class="wide"><${MatcherEditor} matchers=${matchers} names=${names} valuesOf=${valuesOf} onChange=${setMatchers} /></div>
            <div class="field">
                <label class="field">Duration<input class="input" name="duration" value=${length} onInput=${(/** @type {any} */ event) => setLength(event.target.value)} required /></label>
                <div class="presets" role="group" aria-label="Usual lengths">${lengths.map((one) => html`<button class="button small" type="button" aria-pressed=${one === length ? 'true' : 'false'} onClick=${() => setLength(one)}>${one}</button>`)}</div>
            </div>
            <div class="field">
                <label class="field">Begins<input class="input" name="start" value=${start} onInput=${(/** @type {any} */ event) => setStart(event.target.value)} placeholder="now, now+2h, 2026-11-21 08:30" disabled=${silence && !pending} required /></label>
                <span class="muted">${endText(start, length, silence)}</span>
            </div>
            <label class="field">Creator<input class="input" name="creator" value=${createdBy} onInput=${(/** @type {any} */ event) => setCreatedBy(event.target.value)} required /></label>
            <label class="field">Comment<input class="input" name="comment" value=${comment} onInput=${(/** @type {any} */ event) => setComment(event.target.value)} placeholder="Why, and who is at it" required /></label>
            <${Preview} uid=${uid} matchers=${wanted} />
            <div class="silence-buttons"><button class="button primary" type="submit" disabled=${busy}>${silence ? 'Save' : 'Silence'}</button>
                <button class="button quiet" type="button" onClick=${onClose}>Cancel</button></div>
        </form></section>`;
}

/** @param {string} start @param {string} length @param {import('../data/alertmanager.js').Silence} [silence] */
function timesOf(start, length, silence) {
    // A bare number would be seconds, which nobody means here.
    const lasts = /[a-z]$/.test(length.trim()) ? parseDuration(length) : NaN;
    if (!(lasts > 0)) throw new Error(`“${length}” is no duration; write 2h, 30m or 1d12h.`);
    const begins = silence && silence.status.state === 'active' ? Date.parse(silence.startsAt) : start.trim() === 'now' ? Date.now() : parseTime(start, false);
    if (Number.isNaN(begins)) throw new Error(`“${start}” is no time; write now, now+2h or 2026-11-21 08:30.`);
    return { startsAt: begins, endsAt: Math.max(Date.now(), begins) + lasts };
}

/** @param {string} start @param {string} length @param {import('../data/alertmanager.js').Silence} [silence] */
function endText(start, length, silence) {
    try {
        return `Ends ${dateTime(timesOf(start, length, silence).endsAt)}`;
    } catch (error) {
        return messageOf(error);
    }
}

/**
 * What such a silence would hold back now, asked of the Alertmanager itself.
 * @param {{uid: string, matchers: Matcher[]}} properties
 */
function Preview({ uid, matchers }) {
    const key = JSON.stringify(matchers);
    const [asked, setAsked] = useState(key);
    useEffect(() => {
        const timer = setTimeout(() => setAsked(key), 300);
        return () => clearTimeout(timer);
    }, [key]);
    const found = useLoad((signal) => alertmanager.alertsMatching(uid, JSON.parse(asked), signal), [uid, asked], asked !== '[]');
    const alerts = asked === '[]' ? [] : found.value ?? [];
    return html`<div class="wide silence-preview" aria-live="polite">
        ${found.error ? html`<${Message}>${found.error}</${Message}>`
            : html`<h3>${asked === '[]' ? 'Without a matcher nothing is silenced' : alerts.length === 0 ? 'No alert of now is affected' : `${alerts.length.toLocaleString('en-US')} ${alerts.length === 1 ? 'alert of now is' : 'alerts of now are'} affected`}</h3>
                ${alerts.slice(0, shownAlerts).map((alert) => html`<div class="preview-alert" key=${alert.fingerprint}><b>${alert.labels.alertname ?? 'unnamed'}</b> <${Labels} labels=${alert.labels} hide=${['alertname']} /></div>`)}
                ${alerts.length > shownAlerts && html`<p class="muted">and ${(alerts.length - shownAlerts).toLocaleString('en-US')} more</p>`}`}
    </div>`;
}
