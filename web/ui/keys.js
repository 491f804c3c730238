// Keys that mean something wherever the reader is. What they do is loaded when the first one is pressed.

const moving = new Set(['ArrowLeft', 'ArrowRight', 'Escape']);

/** @param {KeyboardEvent} event */
export function onKey(event) {
    const palette = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k';
    if (palette) {
        event.preventDefault();
        openPalette();
        return;
    }
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length > 1 && !moving.has(event.key)) return;
    const { target } = event;
    // Keys that are typed into something are its own, and so are all while a sheet is open.
    if (!(target instanceof Element) || target.closest('input, textarea, select, .menu-sheet, .backdrop') || document.querySelector('.backdrop')) return;
    import('./shortcuts.js').then((module) => module.press(event.key));
}

export function openPalette() {
    import('./palette.js').then((module) => module.openPalette());
}
