// Options that are lists: thresholds, value mappings, links.

import { html } from '../../vendor/preact.js';
import { Icon } from '../../ui/icons.js';
import { moved } from '../paths.js';
import { CommitInput } from './commit-input.js';
import { Choice, ColorControl } from './control.js';

/** @typedef {{value: any, onChange: (value: any) => void}} Properties */

/** @param {string} title @param {string} icon @param {() => void} run */
export function tool(title, icon, run) {
    return html`<button type="button" class="button quiet small icon" title=${title} aria-label=${title} onClick=${run}><${Icon} name=${icon} size="14" /></button>`;
}

/** @param {string} text @param {() => void} run */
export function adder(text, run) {
    return html`<button type="button" class="button small adder" onClick=${run}><${Icon} name="plus" size="13" />${text}</button>`;
}

/** @param {Properties} properties */
export function ThresholdsControl({ value, onChange }) {
    const steps = Array.isArray(value?.steps) ? value.steps : [];
    const set = (/** @type {any[]} */ next) => onChange({ mode: 'absolute', ...value, steps: next });
    const change = (/** @type {number} */ at, /** @type {any} */ part) => set(steps.map((/** @type {any} */ step, /** @type {number} */ index) => (index === at ? { ...step, ...part } : step)));
    const sorted = (/** @type {any[]} */ list) => [...list].sort((a, b) => (a.value ?? -Infinity) - (b.value ?? -Infinity));
    const colors = ['red', 'orange', 'yellow', 'purple', 'blue'];
    const add = () => {
        if (steps.length === 0) return set([{ color: 'green', value: null }, { color: 'red', value: 80 }]);
        const last = steps[steps.length - 1];
        return set([...steps, { color: colors[(steps.length - 1) % colors.length], value: (last.value ?? 0) + 10 }]);
    };
    return html`<div class="stack" role="group" aria-label="Thresholds">
        ${steps.map((/** @type {any} */ step, /** @type {number} */ at) => html`<div class="list-line" key=${at}>
            <${ColorControl} label=${`Colour of threshold ${at + 1}`} value=${step.color} onChange=${(/** @type {any} */ color) => change(at, { color: color ?? 'green' })} />
            ${step.value === null || step.value === undefined ? html`<span class="muted base">Base</span>`
                : html`<${CommitInput} class="input short" type="number" step="any" aria-label=${`Threshold ${at + 1}`} value=${step.value} onCommit=${(/** @type {string} */ text) => set(sorted(steps.map((/** @type {any} */ one, /** @type {number} */ index) => (index === at ? { ...one, value: Number(text) || 0 } : one))))} />`}
            ${tool(`Remove threshold ${at + 1}`, 'trash', () => set(steps.filter((/** @type {any} */ _, /** @type {number} */ index) => index !== at)))}
        </div>`)}
        <div class="list-line">${adder('Add threshold', add)}
            ${steps.length > 0 && html`<${Choice} field=${{ path: '', label: 'Threshold mode', type: 'select', fallback: 'absolute', choices: [['absolute', 'Absolute'], ['percentage', 'Percentage']] }} value=${value?.mode} onChange=${(/** @type {any} */ mode) => onChange({ ...value, mode, steps })} />`}</div>
    </div>`;
}

/** @type {[string, string][]} */
const specials = [['null', 'Null'], ['nan', 'NaN'], ['null+nan', 'Null and NaN'], ['true', 'True'], ['false', 'False'], ['empty', 'Empty']];

/**
 * Grafana keeps all values in one mapping; here each is a line of its own.
 * @param {any[]} mappings
 */
export function linesOfMappings(mappings) {
    return mappings.flatMap((mapping) => (mapping?.type === 'value'
        ? Object.entries(mapping.options ?? {}).map(([value, result]) => ({ type: 'value', match: { value }, result: result ?? {} }))
        : [{ type: String(mapping?.type), match: Object.fromEntries(Object.entries(mapping?.options ?? {}).filter(([name]) => name !== 'result')), result: mapping?.options?.result ?? {} }]));
}

/** @param {{type: string, match: any, result: any}[]} lines */
export function mappingsOfLines(lines) {
    /** @type {any[]} */
    const mappings = [];
    lines.forEach(({ type, match, result }, index) => {
        const numbered = { ...result, index };
        if (type !== 'value') return mappings.push({ type, options: { ...match, result: numbered } });
        const known = mappings.find((one) => one.type === 'value');
        const value = String(match.value ?? '');
        if (known) known.options[value] = numbered;
        else mappings.push({ type: 'value', options: { [value]: numbered } });
        return undefined;
    });
    return mappings;
}

/** @param {Properties} properties */
export function MappingsControl({ value, onChange }) {
    const lines = linesOfMappings(Array.isArray(value) ? value : []);
    const set = (/** @type {any[]} */ next) => onChange(mappingsOfLines(next));
    const change = (/** @type {number} */ at, /** @type {any} */ part) => set(lines.map((line, index) => (index === at ? { ...line, ...part } : line)));
    const input = (/** @type {number} */ at, /** @type {string} */ label, /** @type {any} */ shown, /** @type {(text: string) => any} */ part, short = false) => html`<${CommitInput} class="input ${short ? 'short' : ''}" aria-label=${`${label} of mapping ${at + 1}`} placeholder=${label} value=${shown} onCommit=${(/** @type {string} */ text) => change(at, part(text))} />`;
    const numeric = (/** @type {string} */ text) => (text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text));
    return html`<div class="stack" role="group" aria-label="Value mappings">
        ${lines.map((line, at) => html`<div class="mapping" key=${at}>
            <div class="list-line">
                <${Choice} field=${{ path: '', label: `Kind of mapping ${at + 1}`, type: 'select', choices: [['value', 'Value'], ['range', 'Range'], ['regex', 'Regex'], ['special', 'Special']] }} value=${line.type} onChange=${(/** @type {any} */ type) => change(at, { type, match: type === 'special' ? { match: 'null' } : type === 'regex' ? { pattern: '' } : type === 'range' ? { from: 0, to: 1 } : { value: '' } })} />
                ${line.type === 'value' && input(at, 'Value', line.match.value, (text) => ({ match: { value: text } }))}
                ${line.type === 'range' && html`${input(at, 'From', line.match.from, (text) => ({ match: { ...line.match, from: numeric(text) } }), true)}${input(at, 'To', line.match.to, (text) => ({ match: { ...line.match, to: numeric(text) } }), true)}`}
                ${line.type === 'regex' && input(at, 'Pattern', line.match.pattern, (text) => ({ match: { ...line.match, pattern: text } }))}
                ${line.type === 'special' && html`<${Choice} field=${{ path: '', label: `Match of mapping ${at + 1}`, type: 'select', choices: specials }} value=${line.match.match} onChange=${(/** @type {any} */ match) => change(at, { match: { ...line.match, match } })} />`}
                ${tool(`Move mapping ${at + 1} up`, 'up', () => set(moved(lines, at, -1)))}${tool(`Remove mapping ${at + 1}`, 'trash', () => set(lines.filter((_, index) => index !== at)))}
            </div>
            <div class="list-line">${input(at, 'Text', line.result.text, (text) => ({ result: { ...line.result, text: text === '' ? undefined : text } }))}
                <${ColorControl} label=${`Colour of mapping ${at + 1}`} value=${line.result.color} onChange=${(/** @type {any} */ color) => change(at, { result: { ...line.result, color } })} /></div>
        </div>`)}
        <div class="list-line">${adder('Add mapping', () => set([...lines, { type: 'value', match: { value: '' }, result: { text: '' } }]))}</div>
    </div>`;
}

/** @param {Properties} properties */
export function LinksControl({ value, onChange }) {
    const links = Array.isArray(value) ? value : [];
    const change = (/** @type {number} */ at, /** @type {any} */ part) => onChange(links.map((link, index) => (index === at ? { ...link, ...part } : link)));
    return html`<div class="stack" role="group" aria-label="Links">
        ${links.map((link, at) => html`<div class="mapping" key=${at}>
            <div class="list-line"><input class="input" aria-label=${`Title of link ${at + 1}`} placeholder="Title" value=${link.title ?? ''} onInput=${(/** @type {any} */ event) => change(at, { title: event.target.value })} />
                ${tool(`Move link ${at + 1} up`, 'up', () => onChange(moved(links, at, -1)))}${tool(`Remove link ${at + 1}`, 'trash', () => onChange(links.filter((_, index) => index !== at)))}</div>
            <input class="input mono" aria-label=${`Address of link ${at + 1}`} placeholder="/d/services?var-service=\${__field.labels.service}" value=${link.url ?? ''} onInput=${(/** @type {any} */ event) => change(at, { url: event.target.value })} />
            <label class="check"><input type="checkbox" checked=${Boolean(link.targetBlank)} onChange=${(/** @type {any} */ event) => change(at, { targetBlank: event.target.checked })} />Open in a new tab</label>
        </div>`)}
        <div class="list-line">${adder('Add link', () => onChange([...links, { title: '', url: '' }]))}</div>
    </div>`;
}
