// A group as the text that its file has.

import { html, useState } from '../vendor/preact.js';
import { messageOf } from '../api.js';
import { groupAt } from '../data/rule-draft.js';
import { complaintsOf, deleteGroup, groupOf, groupText, writeGroup } from '../data/rule-files.js';
import { parseYaml } from '../data/yaml.js';
import { navigate, setParams, withParams } from '../router.js';
import { Empty, Message } from '../ui/messages.js';

const example = `name: example
interval: 1m
rules:
  - alert: TargetDown
    expr: up == 0
    for: 5m
    labels:
      severity: warning
    annotations:
      summary: '{{ $labels.instance }} of {{ $labels.job }} does not answer.'
`;

/** @param {{source: import('../types/model').DataSource, files: import('../data/rule-files.js').RuleFiles, place: import('../data/rule-draft.js').Place, onDone: () => void}} properties */
export function GroupText({ source, files, place, onDone }) {
    const known = groupAt(files.namespaces, place);
    const [namespace, setNamespace] = useState(place.namespace);
    const [text, setText] = useState(() => (known ? groupText(known) : example));
    const [error, setError] = useState('');
    const [busy, setBusy] = useState(false);
    const [asking, setAsking] = useState(false);
    const attempt = async (/** @type {() => Promise<void>} */ change) => {
        setBusy(true);
        try {
            await change();
        } catch (failure) {
            setError(complaintsOf(messageOf(failure)).map(({ rule, text: says }) => (rule === undefined ? says : `Rule ${rule + 1}: ${says}`)).join('\n'));
            setBusy(false);
        }
    };
    const save = (/** @type {Event} */ event) => {
        event.preventDefault();
        attempt(async () => {
            if (namespace.trim() === '') throw new Error('A namespace is needed: the name of the file that the group is kept in.');
            await writeGroup(source, namespace.trim(), text);
            navigate(withParams('/alerts', { view: 'rules', namespace: namespace.trim(), source: source.uid }));
        });
    };
    const remove = () => attempt(async () => {
        await deleteGroup(source, place.namespace, place.group);
        setParams({ group: null, index: null }, { replace: true });
        onDone();
    });
    // A name that is changed makes another group; the one before stays.
    const renamed = known && nameOf(text) !== known.name;
    const all = Object.entries(files.namespaces).flatMap(([name, groups]) => groups.map((group) => ({ name, group: group.name, count: group.rules.length })));
    return html`<form class="rule-form" onSubmit=${save}>
        ${error && html`<${Message}>${error}</${Message}>`}
        <section class="explore-card"><header><h2>${known ? `Group ${known.name}` : 'New group'}</h2><span class="muted">comments are not kept</span></header>
            <div class="rule-fields"><label class="field">Namespace<input class="input" value=${namespace} placeholder="shop" spellcheck="false" onInput=${(/** @type {any} */ event) => setNamespace(event.target.value)} /></label>
                <label class="field wide">Group<textarea class="input mono yaml" aria-label="Group as YAML" rows=${Math.min(40, Math.max(14, text.split('\n').length + 1))} value=${text} spellcheck="false" onInput=${(/** @type {any} */ event) => { setText(event.target.value); setError(''); }}></textarea></label></div>
            ${renamed && html`<${Message} tone="warn">Under another name this is another group; “${known.name}” stays until it is deleted.</${Message}>`}
            <div class="silence-buttons"><button class="button primary" type="submit" disabled=${busy || !files.writable}>Save</button>
                ${known && html`<button class="button push" type="button" disabled=${busy} onClick=${() => (asking ? remove() : setAsking(true))}>${asking ? 'Delete it now?' : 'Delete the group'}</button>`}</div>
        </section>
        <section class="explore-card"><header><h2>Written groups</h2><span class="muted">${all.length}</span></header>
            ${all.length === 0 && html`<${Empty} title="No groups">None is written yet. Those of rule files are changed in their files.</${Empty}>`}
            ${all.map(({ name, group, count }) => html`<div class="preview-alert"><a href=${withParams('/alerts', { view: 'edit', as: 'yaml', source: source.uid, namespace: name, group })}>${name} › ${group}</a> <span class="muted">${count} ${count === 1 ? 'rule' : 'rules'}</span></div>`)}
        </section>
    </form>`;
}

/** @param {string} text @returns {string | undefined} */
function nameOf(text) {
    try {
        return groupOf(parseYaml(text)).name;
    } catch {
        return undefined;
    }
}
