// Moments and spans of time which queries mark on every plot of a board.

/** @typedef {{from: number, to: number, title: string, text: string, tags: string[], color: string, panels: {ids: number[], exclude: boolean} | null}} Annotation */

/**
 * Whether an annotation query of a board is one that we can run.
 * @param {any} one
 */
export function isRunnable(one) {
    if (!one || one.builtIn) return false;
    const uid = typeof one.datasource === 'string' ? one.datasource : one.datasource?.uid;
    return uid !== '-- Grafana --' && uid !== 'grafana' && queryOf(one) !== '';
}

/**
 * Whether it is shown: the reader's choice in the address, or what the board says.
 * @param {any} one @param {URLSearchParams} params
 */
export function isShown(one, params) {
    const chosen = params.get(`mark-${one.name}`);
    return chosen === null ? one.enable !== false : chosen === 'on';
}

/** @param {any} one */
export function queryOf(one) {
    return String(one.expr ?? one.target?.expr ?? one.query ?? one.target?.query ?? '').trim();
}

/** @param {Annotation[]} annotations @param {number} panelId */
export function annotationsOf(annotations, panelId) {
    return annotations.filter(({ panels }) => !panels || panels.ids.includes(panelId) !== panels.exclude);
}
