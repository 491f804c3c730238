// An editor for a query: a plain text area over its coloured copy, with completion, hints and marks where the text is wrong.

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/preact.js';
import { isAbort } from '../../api.js';
import { placeOf, tokenize } from './tokens.js';
import { words } from './words.js';

/** @typedef {import('./completion.js').Option} Option */
/** @typedef {{from: number, options: Option[], at: number, moved: boolean}} Offer */

/** A text this long is not coloured: it is somebody's dump, not a query to be read. */
const longest = 5000;

/**
 * @param {{value: string, placeholder: string, label: string, language: import('./languages.js').QueryLanguage, error?: string,
 *   onRun: (text: string) => void, onInput: (text: string) => void}} properties `error`: what the server said to the text that was run
 */
export function QueryEditor({ value, placeholder, label, language, error, onRun, onInput }) {
    const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
    const paint = useRef(/** @type {HTMLElement | null} */ (null));
    const asked = useRef(0);
    const [offer, setOffer] = useState(/** @type {Offer | null} */ (null));
    const [hint, setHint] = useState(/** @type {{left: number, top: number, form?: string, about: string} | null} */ (null));
    const [complaint, setComplaint] = useState({ text: '', message: '' });
    const [ran, setRan] = useState(value);
    useEffect(() => {
        const element = area.current;
        if (!element) return;
        element.style.height = 'auto';
        element.style.height = `${Math.min(240, element.scrollHeight + 2)}px`;
    }, [value]);
    useEffect(() => setRan(value), [error]);
    useEffect(() => {
        if (value.trim() === '' || value.length > longest) return undefined;
        const controller = new AbortController();
        const timer = setTimeout(() => {
            language.check(value, controller.signal).then((message) => setComplaint({ text: value, message: message ?? '' })).catch((failure) => {
                if (!isAbort(failure)) console.warn(failure);
            });
        }, 600);
        return () => {
            clearTimeout(timer);
            controller.abort();
        };
    }, [value, language]);
    const message = complaint.text === value && complaint.message ? complaint.message : error && ran === value ? error : '';
    const tokens = useMemo(() => (value.length > longest ? [] : tokenize(language.name, value)), [value, language.name]);
    const wrong = message ? placeOf(message, value) : undefined;

    const propose = async (/** @type {boolean} */ wanted) => {
        const element = area.current;
        if (!element || value.length > longest) return;
        const turn = ++asked.current;
        const before = element.value.slice(0, element.selectionStart);
        if (!wanted && before.trim() === '') return setOffer(null);
        const found = await language.complete(before).catch(() => null);
        if (turn !== asked.current) return undefined;
        return setOffer(found && found.options.length > 0 ? { ...found, at: 0, moved: wanted } : null);
    };
    const take = (/** @type {Option} */ option) => {
        const element = area.current;
        if (!element || !offer) return;
        const text = option.insert ?? option.text;
        const end = element.selectionStart;
        // A parenthesis that is there already is not written again.
        const inserted = text.endsWith('(') && element.value[end] === '(' ? text.slice(0, -1) : text;
        element.focus();
        element.setSelectionRange(offer.from, end);
        // Written as if typed, so that it can be undone; not every browser does that still.
        if (!document.execCommand('insertText', false, inserted)) {
            element.setRangeText(inserted, offer.from, end, 'end');
            onInput(element.value);
        }
        asked.current += 1;
        setOffer(null);
    };
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || (!event.shiftKey && !offer?.moved))) {
            event.preventDefault();
            asked.current += 1;
            setOffer(null);
            onRun(/** @type {HTMLTextAreaElement} */ (event.target).value);
        } else if (event.key === ' ' && event.ctrlKey) {
            event.preventDefault();
            propose(true);
        } else if (offer && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
            event.preventDefault();
            const step = event.key === 'ArrowDown' ? 1 : -1;
            // Enter runs the query until somebody begins to choose.
            const at = offer.moved ? offer.at + step : step > 0 ? 0 : -1;
            setOffer({ ...offer, moved: true, at: (at + offer.options.length) % offer.options.length });
        } else if (offer && (event.key === 'Tab' || event.key === 'Enter')) {
            event.preventDefault();
            take(offer.options[offer.at]);
        } else if (event.key === 'Escape' && offer) {
            event.stopPropagation();
            asked.current += 1;
            setOffer(null);
        } else if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) {
            asked.current += 1;
            setOffer(null);
        }
    };
    const onHover = (/** @type {MouseEvent} */ event) => {
        // The copy lies under the text area, so the browser knows which of its pieces is under the pointer.
        const piece = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.parentElement === paint.current);
        const word = piece instanceof HTMLElement ? words[language.name].get(piece.textContent ?? '') : undefined;
        if (!word || !(piece instanceof HTMLElement) || !piece.matches('.t-function, .t-keyword, .t-label')) return setHint(null);
        return setHint({ left: piece.offsetLeft, top: piece.offsetTop + piece.offsetHeight, form: word.form, about: word.about });
    };
    const chosen = offer?.options[offer.at];
    const id = `completion-${language.name}`;
    return html`<div class="query-box">
        <div class="query-paint mono" aria-hidden="true"><div ref=${paint}>${tokens.map((token) => html`<span
            class="t-${token.kind} ${wrong && token.from < wrong.to && wrong.from < token.to ? 't-wrong' : ''}">${value.slice(token.from, token.to)}</span>`)}${' '}</div></div>
        <textarea class="query mono ${tokens.length > 0 ? 'painted' : ''}" ref=${area} rows="1" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder=${placeholder} aria-label=${label}
            role="combobox" aria-autocomplete="list" aria-expanded=${offer ? 'true' : 'false'} aria-controls=${offer ? id : undefined} aria-activedescendant=${offer?.moved ? `${id}-${offer.at}` : undefined}
            aria-invalid=${message ? 'true' : undefined} value=${value} onKeyDown=${onKeyDown} onBlur=${() => setTimeout(() => setOffer(null), 150)}
            onScroll=${(/** @type {any} */ event) => paint.current?.style.setProperty('transform', `translateY(${-event.target.scrollTop}px)`)}
            onMouseMove=${onHover} onMouseLeave=${() => setHint(null)}
            onInput=${(/** @type {any} */ event) => { onInput(event.target.value); propose(false); }}></textarea>
        ${hint && !offer && html`<div class="query-hint" role="tooltip" style=${{ left: `${hint.left}px`, top: `${hint.top + 12}px` }}>${hint.form && html`<code>${hint.form}</code>`}${hint.about}</div>`}
        ${offer && html`<div class="menu-sheet completion ${chosen?.about ? 'with-about' : ''}">
            <div class="menu-scroll" role="listbox" id=${id} aria-label="Completion">${offer.options.map((option, index) => html`<button key=${`${option.kind} ${option.text}`} id="${id}-${index}" class="menu-item mono"
                role="option" tabindex="-1" aria-selected=${index === offer.at ? 'true' : 'false'} ref=${index === offer.at ? reveal : null}
                onMouseDown=${(/** @type {Event} */ event) => { event.preventDefault(); take(option); }} onMouseEnter=${() => setOffer({ ...offer, at: index })}>
                <span class="kind t-${option.kind}">${option.kind}</span>${option.text}</button>`)}</div>
            ${chosen?.about && html`<div class="completion-about">${chosen.about}</div>`}
        </div>`}
        ${message && !error && !offer && html`<p class="query-complaint" role="status">${message}</p>`}
    </div>`;
}

/** @param {Element | null} element */
function reveal(element) {
    element?.scrollIntoView({ block: 'nearest' });
}
