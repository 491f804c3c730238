// The heading above a section of panels, which folds it.

import { html } from '../vendor/preact.js';
import { Icon } from '../ui/icons.js';
import { panelTitle } from './layout.js';

/**
 * @param {{panel: import('../types/model').Panel, scope: import('../types/model').Scope, folded: boolean, onToggle: () => void}} properties
 */
export function RowHeader({ panel, scope, folded, onToggle }) {
    const count = panel.panels?.length ?? 0;
    return html`<button class="row-header" aria-expanded=${folded ? 'false' : 'true'} onClick=${onToggle}>
        <${Icon} name=${folded ? 'right' : 'down'} size="14" />
        <span>${panelTitle(panel, scope) || 'Row'}</span>
        ${folded && count > 0 && html`<span class="muted">${count} panel${count === 1 ? '' : 's'}</span>`}
    </button>`;
}
