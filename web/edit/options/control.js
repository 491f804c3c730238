// One option in a form: its label, its control, and what is written when it is changed.

import { html, useEffect, useState } from '../../vendor/preact.js';
import { resolveColor } from '../../format/colors.js';
import { reducerName } from '../../data/reducers.js';
import { Icon } from '../../ui/icons.js';
import { Menu } from '../../ui/menu.js';
import { CommitInput } from './commit-input.js';
import { LinksControl, MappingsControl, ThresholdsControl } from './lists.js';
import { units } from './units.js';

/** @typedef {import('./fields.js').Field} Field */
/** @typedef {{field: Field, value: any, onChange: (value: any) => void, bare?: boolean, id?: string}} ControlProperties `bare`: without its label, which something else shows */

export const calcs = ['lastNotNull', 'last', 'firstNotNull', 'first', 'min', 'max', 'mean', 'sum', 'count', 'range', 'delta', 'step', 'diff', 'diffperc', 'logmin', 'median', 'p50', 'p90', 'p95', 'p99', 'changeCount', 'distinctCount', 'allIsZero', 'allIsNull'];

const blocks = new Set(['thresholds', 'mappings', 'links', 'area', 'json', 'calcs', 'colorMode']);

/** @param {ControlProperties} properties */
export function Control({ field, value, onChange, bare }) {
    const name = field.label;
    const control = controlOf({ field, value, onChange });
    if (bare) return control;
    if (field.type === 'toggle') return html`<label class="option check">${control}<span>${name}</span></label>`;
    if (field.type === 'thresholds' || field.type === 'mappings' || field.type === 'links') return html`<div class="option block">${control}</div>`;
    // Controls of several parts are a group; a label would press its first one.
    if (field.type === 'calcs' || field.type === 'color' || field.type === 'colorMode') return html`<div class="option ${blocks.has(field.type) ? 'block' : ''}" role="group" aria-label=${name}><span class="option-name">${name}</span>${control}</div>`;
    return html`<label class="option ${blocks.has(field.type) ? 'block' : ''}"><span class="option-name" title=${field.about}>${name}</span>${control}</label>`;
}

/** @param {{field: Field, value: any, onChange: (value: any) => void}} properties */
function controlOf({ field, value, onChange }) {
    const { label, placeholder, fallback } = field;
    switch (field.type) {
        case 'area': return html`<textarea class="input area" rows=${field.path === 'description' ? 2 : 5} aria-label=${label} placeholder=${placeholder} value=${value ?? ''} onInput=${(/** @type {any} */ event) => onChange(event.target.value)}></textarea>`;
        case 'number': return html`<${NumberInput} field=${field} value=${value} onChange=${onChange} />`;
        case 'toggle': return html`<input type="checkbox" aria-label=${label} checked=${Boolean(value ?? fallback)} onChange=${(/** @type {any} */ event) => onChange(event.target.checked)} />`;
        case 'select': return html`<${Choice} field=${field} value=${value} onChange=${onChange} />`;
        case 'calc': return html`<${Choice} field=${{ ...field, choices: calcs.map((id) => [id, reducerName(id)]) }} value=${value} onChange=${onChange} />`;
        case 'calcs': return html`<${Calcs} label=${label} value=${Array.isArray(value) ? value : []} onChange=${onChange} />`;
        case 'color': return html`<${ColorControl} label=${label} value=${value} onChange=${onChange} />`;
        case 'unit': return html`<${CommitInput} list="edit-units" aria-label=${label} placeholder="none" value=${value} onCommit=${(/** @type {string} */ text) => onChange(unitOf(text))} />`;
        case 'list': return html`<${CommitInput} aria-label=${label} placeholder=${placeholder ?? 'a, b'} value=${(Array.isArray(value) ? value : []).join(', ')}
            onCommit=${(/** @type {string} */ text) => { const list = text.split(',').map((/** @type {string} */ one) => one.trim()).filter(Boolean); onChange(list.length > 0 ? list : undefined); }} />`;
        case 'thresholds': return html`<${ThresholdsControl} value=${value} onChange=${onChange} />`;
        case 'mappings': return html`<${MappingsControl} value=${value} onChange=${onChange} />`;
        case 'links': return html`<${LinksControl} value=${value} onChange=${onChange} />`;
        case 'colorMode': return html`<${ColorMode} value=${value} onChange=${onChange} />`;
        case 'scale': return html`<${Choice} field=${{ ...field, fallback: 'linear', choices: [['linear', 'Linear'], ['log2', 'Logarithmic, base 2'], ['log10', 'Logarithmic, base 10'], ['symlog', 'Symmetric logarithmic']] }} value=${value?.type === 'log' ? `log${value.log ?? 10}` : value?.type}
            onChange=${(/** @type {any} */ type) => onChange(/^log/.test(type ?? '') ? { ...value, type: 'log', log: Number(type.slice(3)) } : { ...value, type: type ?? 'linear' })} />`;
        case 'lineStyle': return html`<${Choice} field=${{ ...field, fallback: 'solid', choices: [['solid', 'Solid'], ['dash', 'Dashed'], ['dot', 'Dotted']] }} value=${value?.fill} onChange=${(/** @type {any} */ fill) => onChange(fill === 'solid' || fill === undefined ? { fill: 'solid' } : { fill, dash: fill === 'dash' ? [10, 10] : [0, 10] })} />`;
        case 'gaps': return html`<${Choice} field=${{ ...field, choices: [[false, 'Never'], [true, 'Always'], [60_000, 'Up to a minute'], [300_000, 'Up to five minutes'], [3_600_000, 'Up to an hour']] }} value=${value} onChange=${onChange} />`;
        case 'json': return html`<${JsonInput} label=${label} value=${value} onChange=${onChange} />`;
        default: return html`<input class="input" aria-label=${label} placeholder=${placeholder} value=${value ?? ''} onInput=${(/** @type {any} */ event) => onChange(event.target.value === '' ? undefined : event.target.value)} />`;
    }
}

/**
 * A unit may be written by its id or its name.
 * @param {string} text
 */
function unitOf(text) {
    const trimmed = text.trim();
    return trimmed === '' ? undefined : units.find(([, name]) => name === trimmed)?.[0] ?? trimmed;
}

/** The list that the unit inputs of a page share. */
export function UnitList() {
    return html`<datalist id="edit-units">${units.map(([id, name]) => html`<option value=${id}>${name}</option>`)}</datalist>`;
}

/** @param {{field: Field, value: any, onChange: (value: any) => void}} properties */
function NumberInput({ field, value, onChange }) {
    const [text, setText] = useState(String(value ?? ''));
    useEffect(() => {
        if (text === '' ? value !== undefined && value !== null : Number(text) !== value) setText(String(value ?? ''));
    }, [value]);
    const number = Number(text);
    const wrong = text.trim() !== '' && (Number.isNaN(number) || number < (field.least ?? -Infinity) || number > (field.most ?? Infinity));
    const bounds = field.least !== undefined && field.most !== undefined ? `A number from ${field.least} to ${field.most}` : field.least !== undefined ? `A number of at least ${field.least}` : 'A number';
    return html`<input class="input" inputmode="decimal" aria-label=${field.label} aria-invalid=${wrong ? 'true' : undefined} title=${wrong ? bounds : undefined} placeholder=${field.placeholder ?? String(field.fallback ?? '')} value=${text}
        onInput=${(/** @type {any} */ event) => {
            const next = event.target.value;
            setText(next);
            const read = Number(next);
            if (next.trim() === '') onChange(undefined);
            else if (!Number.isNaN(read) && read >= (field.least ?? -Infinity) && read <= (field.most ?? Infinity)) onChange(read);
        }} />`;
}

/** @param {{field: Field, value: any, onChange: (value: any) => void}} properties */
export function Choice({ field, value, onChange }) {
    const shown = value ?? field.fallback;
    const choices = field.choices ?? [];
    // A value that a newer version wrote is kept, and shown as it is.
    const all = choices.some(([one]) => one === shown) || shown === undefined ? choices : [...choices, /** @type {[any, string]} */ ([shown, JSON.stringify(shown)])];
    const at = all.findIndex(([one]) => one === shown);
    return html`<select class="select" aria-label=${field.label} value=${String(at)} onChange=${(/** @type {any} */ event) => onChange(all[Number(event.target.value)]?.[0])}>
        ${at < 0 && html`<option value="-1"></option>`}
        ${all.map(([, name], index) => html`<option value=${String(index)} selected=${index === at}>${name}</option>`)}</select>`;
}

/** @param {{label: string, value: string[], onChange: (value: string[]) => void}} properties */
function Calcs({ label, value, onChange }) {
    const flip = (/** @type {string} */ id) => onChange(value.includes(id) ? value.filter((one) => one !== id) : [...value, id]);
    return html`<${Menu} title=${label} role="listbox" class="button wide-button" label=${html`<span class="cut">${value.map(reducerName).join(', ') || 'None'}</span><${Icon} name="down" size="12" />`}>
        ${() => html`<div class="menu-scroll">${[...calcs, ...value.filter((id) => !calcs.includes(id))].map((id) => html`<button type="button" class="menu-item check" role="option" aria-selected=${value.includes(id) ? 'true' : 'false'} onClick=${() => flip(id)}>
            <input type="checkbox" tabindex="-1" checked=${value.includes(id)} aria-hidden="true" readonly />${reducerName(id)}</button>`)}</div>`}
    </${Menu}>`;
}

const hues = ['green', 'yellow', 'red', 'blue', 'orange', 'purple'];

/**
 * A colour by Grafana's names or as #rrggbb.
 * @param {{label: string, value: string | undefined, onChange: (value: string | undefined) => void}} properties
 */
export function ColorControl({ label, value, onChange }) {
    const shown = value ? resolveColor(value) : '';
    const hex = /^#[0-9a-f]{6}$/i.test(shown) ? shown : '#808080';
    return html`<span class="color-control">
        <input type="color" aria-label=${`${label}, colour`} value=${hex} onInput=${(/** @type {any} */ event) => onChange(event.target.value)} />
        <${CommitInput} aria-label=${label} list="edit-colors" placeholder="by itself" value=${value} onCommit=${(/** @type {string} */ text) => onChange(text.trim() || undefined)} />
    </span>`;
}

/** The list that the colour inputs of a page share. */
export function ColorList() {
    return html`<datalist id="edit-colors">${hues.flatMap((hue) => ['dark-', 'semi-dark-', '', 'light-', 'super-light-'].map((shade) => html`<option value=${shade + hue} />`))}<option value="transparent" /><option value="text" /></datalist>`;
}

/** @type {[string, string][]} */
const colorModes = [
    ['palette-classic', 'Palette'], ['palette-classic-by-name', 'Palette, by name'], ['thresholds', 'By thresholds'], ['fixed', 'One colour'], ['shades', 'Shades of a colour'], ['continuous-GrYlRd', 'Green, yellow, red'], ['continuous-RdYlGr', 'Red, yellow, green'],
    ['continuous-BlYlRd', 'Blue, yellow, red'], ['continuous-YlRd', 'Yellow, red'], ['continuous-BlPu', 'Blue, purple'], ['continuous-YlBl', 'Yellow, blue'], ['continuous-blues', 'Blues'], ['continuous-reds', 'Reds'], ['continuous-greens', 'Greens'], ['continuous-purples', 'Purples'],
];

/** @param {{value: any, onChange: (value: any) => void}} properties */
function ColorMode({ value, onChange }) {
    const mode = value?.mode;
    return html`<span class="stack">
        <${Choice} field=${{ path: '', label: 'Colour mode', type: 'select', choices: colorModes }} value=${mode} onChange=${(/** @type {any} */ next) => onChange(next === undefined ? undefined : { ...value, mode: next })} />
        ${(mode === 'fixed' || mode === 'shades') && html`<${ColorControl} label="Fixed colour" value=${value?.fixedColor} onChange=${(/** @type {any} */ fixedColor) => onChange({ ...value, fixedColor })} />`}
        ${mode && mode !== 'fixed' && mode !== 'shades' && !mode.startsWith('palette') && html`<${Choice} field=${{ path: '', label: 'Colour of a series by', type: 'select', fallback: 'last', choices: [['last', 'Last value'], ['min', 'Min'], ['max', 'Max']] }} value=${value?.seriesBy} onChange=${(/** @type {any} */ seriesBy) => onChange({ ...value, seriesBy })} />`}
    </span>`;
}

/** @param {{label: string, value: any, rows?: number, onChange: (value: any) => void}} properties */
export function JsonInput({ label, value, rows = 4, onChange }) {
    const written = JSON.stringify(value, null, 2) ?? '';
    const [text, setText] = useState(written);
    const [wrong, setWrong] = useState('');
    useEffect(() => setText(written), [written]);
    const take = () => {
        try {
            setWrong('');
            const next = text.trim() === '' ? undefined : JSON.parse(text);
            if (JSON.stringify(next) !== JSON.stringify(value)) onChange(next);
        } catch (error) {
            setWrong(error instanceof Error ? error.message : String(error));
        }
    };
    return html`<span class="stack"><textarea class="input area mono" rows=${rows} spellcheck="false" aria-label=${label} aria-invalid=${wrong ? 'true' : undefined} value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} onBlur=${take}></textarea>
        ${wrong && html`<span class="wrong" role="alert">${wrong}</span>`}</span>`;
}
