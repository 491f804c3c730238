// A switch for each annotation query of a board: loaded when it has some.

import { html } from '../vendor/preact.js';
import { shortened } from '../format/display.js';
import { setParams } from '../router.js';
import { isShown } from './annotations.js';

/** @param {{list: any[], params: URLSearchParams}} properties */
export function AnnotationSwitches({ list, params }) {
    const shown = list.filter((one) => !one.hide);
    return shown.length > 0 && html`<div class="variable-bar">${shown.map((one) => html`<label class="check" key=${one.name}><input type="checkbox" checked=${isShown(one, params)}
        onChange=${(/** @type {any} */ event) => setParams({ [`mark-${one.name}`]: event.target.checked ? 'on' : 'off' }, { replace: true })} />${shortened(String(one.name || 'Annotation'), 60)}</label>`)}</div>`;
}
