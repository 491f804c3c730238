// Moments and spans of time which queries mark on every plot of a board.

/** @typedef {{id?: number, from: number, to: number, title: string, text: string, tags: string[], color: string, panels: {ids: number[], exclude: boolean} | null}} Annotation */

/**
 * The annotation queries that we can run; the one for a board's own need not be listed.
 * @param {any[]} list @param {any} annotated the board has some
 */
export function runnable(list, annotated) {
    return (annotated && !list.some((one) => one?.builtIn) ? [{ builtIn: 1, hide: true, name: 'Annotations' }, ...list] : list)
        .filter((one) => one && (isStored(one) || queryOf(one) !== ''));
}

/**
 * Whether the dashboard server itself keeps them.
 * @param {any} one
 */
export function isStored(one) {
    return one.builtIn || /^(-- Grafana --|grafana)$/.test(one.datasource?.uid ?? one.datasource);
}

/**
 * Whether it is shown: by the address, or as the board says.
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
