// The versions of a dashboard: who saved what when, what differs, and the way back.

import { html, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { useLoad } from '../ui/hooks.js';
import { Empty, Message } from '../ui/messages.js';
import { restoreVersion, versionsOf } from './calls.js';
import { Changes } from './changes.js';
import { ask } from './dialogs.js';

/** @param {{uid: string, canRestore: boolean, dirty?: boolean, onRestored: () => void}} properties */
export function Versions({ uid, canRestore, dirty, onRestored }) {
    const loaded = useLoad((signal) => versionsOf(uid, signal), [uid], uid !== '');
    const [chosen, setChosen] = useState(/** @type {number[]} */ ([]));
    const [error, setError] = useState('');
    if (!uid) return html`<${Empty} title="Not saved yet">The versions begin with the first save.</${Empty}>`;
    if (loaded.error) return html`<${Message}>${loaded.error}</${Message}>`;
    if (!loaded.value) return html`<span class="spinner"></span>`;
    const list = /** @type {any[]} */ (loaded.value);
    if (list.length === 0) return html`<${Empty} title="No versions">Boards that come from files have their versions where the files are kept.</${Empty}>`;
    const flip = (/** @type {number} */ version) => setChosen(chosen.includes(version) ? chosen.filter((one) => one !== version) : [...chosen, version].slice(-2));
    const restore = async (/** @type {number} */ version) => {
        const answer = await ask({ title: `Restore version ${version}?`, text: dirty ? 'It becomes the newest version. Your changes that are not saved are given up; the versions stay.' : 'It becomes the newest version; the others stay.', answers: [['yes', 'Restore', 'primary'], ['', 'Cancel', 'quiet']] });
        if (answer !== 'yes') return;
        try {
            await restoreVersion(uid, version);
            onRestored();
        } catch (failure) {
            setError(messageOf(failure));
        }
    };
    const [older, newer] = [...chosen].sort((a, b) => a - b);
    return html`<section class="settings-card">
        ${error && html`<${Message}>${error}</${Message}>`}
        <p class="muted">Choose two versions to compare them.</p>
        <table class="plain-table"><thead><tr><th><span class="visually-hidden">Compare</span></th><th>Version</th><th>Saved</th><th>By</th><th>What has changed</th><th></th></tr></thead>
            <tbody>${list.map((one, index) => html`<tr key=${one.version}>
                <td><input type="checkbox" aria-label=${`Compare version ${one.version}`} checked=${chosen.includes(one.version)} onChange=${() => flip(one.version)} /></td>
                <td>${one.version}</td><td>${new Date(one.created).toLocaleString()}</td><td>${one.createdBy}</td><td>${one.message || (one.restoredFrom ? `Restored from version ${one.restoredFrom}` : '')}</td>
                <td>${index === 0 ? html`<span class="muted">newest</span>` : canRestore && html`<button class="button small" aria-label=${`Restore version ${one.version}`} onClick=${() => restore(one.version)}>Restore</button>`}</td>
            </tr>`)}</tbody></table>
        ${newer !== undefined && html`<h2>From version ${older} to ${newer}</h2><${Changes} key=${`${older} ${newer}`} base=${{ uid, version: older }} next=${{ uid, version: newer }} />`}
    </section>`;
}
