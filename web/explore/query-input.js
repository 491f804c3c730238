// A text area for a query, with completion of names below it.

import { html, useEffect, useRef, useState } from '../vendor/preact.js';

/**
 * @param {{value: string, placeholder: string, label: string, onRun: (text: string) => void, onInput: (text: string) => void,
 *   complete?: (before: string) => Promise<{from: number, options: string[]}>}} properties
 *   complete: what may follow the text before the cursor; `from` is where the word to be replaced begins
 */
export function QueryInput({ value, placeholder, label, onRun, onInput, complete }) {
    const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
    const asked = useRef(0);
    const [offer, setOffer] = useState(/** @type {{from: number, options: string[], at: number, moved: boolean} | null} */ (null));
    useEffect(() => {
        const element = area.current;
        if (!element) return;
        element.style.height = 'auto';
        element.style.height = `${Math.min(240, element.scrollHeight + 2)}px`;
    }, [value]);
    const propose = async () => {
        const element = area.current;
        if (!complete || !element) return;
        const turn = ++asked.current;
        const found = await complete(element.value.slice(0, element.selectionStart)).catch(() => null);
        if (turn !== asked.current) return;
        setOffer(found && found.options.length > 0 ? { ...found, at: 0, moved: false } : null);
    };
    const take = (/** @type {string} */ option) => {
        const element = area.current;
        if (!element || !offer) return;
        const end = element.selectionStart;
        const text = element.value.slice(0, offer.from) + option + element.value.slice(end);
        onInput(text);
        setOffer(null);
        requestAnimationFrame(() => {
            element.focus();
            element.setSelectionRange(offer.from + option.length, offer.from + option.length);
        });
    };
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || (!event.shiftKey && !offer?.moved))) {
            event.preventDefault();
            asked.current += 1;
            setOffer(null);
            onRun(/** @type {HTMLTextAreaElement} */ (event.target).value);
        } else if (offer && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
            event.preventDefault();
            const step = event.key === 'ArrowDown' ? 1 : -1;
            // Enter runs the query until somebody begins to choose.
            const at = offer.moved ? offer.at + step : step > 0 ? 0 : -1;
            setOffer({ ...offer, moved: true, at: (at + offer.options.length) % offer.options.length });
        } else if (offer && (event.key === 'Tab' || event.key === 'Enter')) {
            event.preventDefault();
            take(offer.options[offer.at]);
        } else if (event.key === 'Escape') {
            asked.current += 1;
            setOffer(null);
        }
    };
    return html`<div class="query-box">
        <textarea class="query mono" ref=${area} rows="1" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder=${placeholder} aria-label=${label}
            value=${value} onKeyDown=${onKeyDown} onBlur=${() => setTimeout(() => setOffer(null), 150)}
            onInput=${(/** @type {any} */ event) => { onInput(event.target.value); propose(); }}></textarea>
        ${offer && html`<div class="menu-sheet completion" role="listbox"><div class="menu-scroll">${offer.options.map((option, index) => html`<button key=${option} class="menu-item mono"
            role="option" tabindex="-1" aria-selected=${offer.moved && index === offer.at ? 'true' : 'false'} onMouseDown=${(/** @type {Event} */ event) => { event.preventDefault(); take(option); }}>${option}</button>`)}</div></div>`}
    </div>`;
}

/**
 * The best fits first: those that begin with the word.
 * @param {string[]} names
 * @param {string} word
 */
export function bestFits(names, word) {
    const wanted = word.toLowerCase();
    const fits = names.filter((name) => name.toLowerCase().includes(wanted) && name !== word);
    fits.sort((a, b) => Number(b.toLowerCase().startsWith(wanted)) - Number(a.toLowerCase().startsWith(wanted)) || a.localeCompare(b));
    return fits.slice(0, 60);
}
