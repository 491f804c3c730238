// The exemplars of a panel whose queries ask for them, as a layer over its lines.

import { exemplarsOf } from '../data/samples.js';
import { findSource, firstOfKind, kindOf } from '../data/sources.js';
import { exemplarLayer } from '../panels/exemplars.js';
import { interpolate } from './interpolate.js';
import { panelRange } from './query.js';

/**
 * @param {{panel: import('../types/model').Panel, scope: import('../types/model').Scope, sources: import('../types/model').DataSource[], signal: AbortSignal}} context
 * @returns {Promise<import('../panels/plot.js').Layer | undefined>} nothing where there are none, or where they cannot be had: a panel is drawn without them
 */
export async function loadExemplars({ panel, scope, sources, signal }) {
    const range = panelRange(panel, scope.range, scope.zone);
    const targets = (panel.targets ?? []).filter((target) => target.exemplar && !target.hide && target.expr);
    /** @type {string | undefined} */
    let traces;
    const answers = await Promise.all(targets.map(async (target) => {
        try {
            const source = findSource(sources, target.datasource ?? panel.datasource, (text) => interpolate(text, scope));
            if (kindOf(source.type) !== 'prometheus') return [];
            traces ??= destinationOf(source);
            const expr = interpolate(String(target.expr), { ...scope, range, intervalMs: 15_000, rateIntervalMs: 60_000 }, 'promql');
            return await exemplarsOf({ uid: source.uid, expr, range, signal });
        } catch {
            return [];
        }
    }));
    const exemplars = answers.flat();
    return exemplars.length > 0 ? exemplarLayer(exemplars, sources.find((source) => source.uid === traces)?.uid ?? firstOfKind(sources, 'tempo')?.uid) : undefined;
}

/**
 * Where a source’s settings say that the traces of its exemplars are.
 * @param {import('../types/model').DataSource} source
 */
function destinationOf(source) {
    const all = source.jsonData?.exemplarTraceIdDestinations;
    return Array.isArray(all) ? all.map((one) => one?.datasourceUid).find((uid) => typeof uid === 'string') : undefined;
}
