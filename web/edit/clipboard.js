// A panel that was copied, kept in this browser so that it can be pasted on another dashboard.

const place = 'martlet.panel';

/** @param {any} panel */
export function copyPanel(panel) {
    try {
        localStorage.setItem(place, JSON.stringify(panel));
    } catch {
        // Not kept then; the menu has nothing to paste.
    }
}

/** @returns {any} the panel copied last */
export function copiedPanel() {
    try {
        const panel = JSON.parse(localStorage.getItem(place) ?? 'null');
        return panel && typeof panel === 'object' && typeof panel.type === 'string' ? panel : undefined;
    } catch {
        return undefined;
    }
}
