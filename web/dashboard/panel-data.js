// The data of a panel on the page: asked for while it is in sight, kept when it leaves, cancelled when the question changes.

import { useEffect, useMemo, useRef, useState } from '../vendor/preact.js';
import { isAbort, messageOf } from '../api.js';
import { configured } from '../data/fields.js';
import { turn } from '../ui/turns.js';
import { interpolate } from './interpolate.js';
import { runPanel } from './query.js';

/** @typedef {import('../types/model').Panel} Panel */
/** @typedef {import('../types/model').Scope} Scope */
/** @typedef {import('../types/model').Dashboard} Dashboard */
/** @typedef {import('./query.js').PanelData} PanelData */
/** @typedef {{data?: PanelData, error?: string, loading: boolean}} State */

/**
 * @param {{panel: Panel, scope: Scope, sources: import('../types/model').DataSource[], dashboard: Dashboard, width: number, enabled: boolean,
 *   onActivity: (change: number) => void}} context
 */
export function usePanelData({ panel, scope, sources, dashboard, width, enabled, onActivity }) {
    const [state, setState] = useState(/** @type {State} */ ({ loading: false }));
    // Only a clearly other width asks for another resolution.
    const bucket = Math.ceil(width / 200) * 200;
    /** What the data on the page answer: scrolling away and back asks nothing anew. */
    const answered = useRef(/** @type {unknown[]} */ ([]));
    useEffect(() => {
        const question = [panel, scope, sources, bucket];
        if (!enabled || question.every((part, index) => part === answered.current[index])) return undefined;
        const controller = new AbortController();
        let counted = true;
        const done = () => {
            if (counted) onActivity(-1);
            counted = false;
        };
        onActivity(1);
        setState((previous) => ({ ...previous, loading: true }));
        load({ panel, scope, sources, dashboard, width: bucket, signal: controller.signal }).then(async (data) => {
            await turn();
            if (controller.signal.aborted) return;
            answered.current = question;
            setState({ data, loading: false });
        }).catch((error) => {
            if (controller.signal.aborted || isAbort(error)) return;
            answered.current = question;
            setState((previous) => ({ data: previous.data, error: messageOf(error), loading: false }));
        }).finally(done);
        return () => {
            controller.abort();
            done();
        };
    }, [panel, scope, sources, bucket, enabled]);
    const prepared = useMemo(() => {
        if (!state.data) return undefined;
        const text = (/** @type {string} */ one) => interpolate(one, scope, 'text');
        return { ...state.data, frames: configured(state.data.frames, panel.fieldConfig, text) };
    }, [state.data, panel]);
    return { ...state, prepared };
}

/**
 * The answers of a panel's queries after its transformations, whose code comes when a board has some.
 * @param {Parameters<typeof runPanel>[0]} context
 * @returns {Promise<PanelData>}
 */
async function load(context) {
    const { panel, scope, signal } = context;
    const steps = (panel.transformations ?? []).filter((step) => step && !step.disabled);
    const marked = panel.type === 'timeseries' && (panel.targets ?? []).some((target) => target.exemplar);
    const layer = marked ? import('./panel-exemplars.js').then((module) => module.loadExemplars({ panel, scope, sources: context.sources, signal })) : undefined;
    if (steps.length === 0) return { ...await runPanel(context), layer: await layer };
    const [data, { transform, loadTransformations }] = await Promise.all([runPanel(context), import('../data/transformations.js')]);
    await loadTransformations(steps);
    const { frames, unknown } = transform(data.frames, steps, (text) => interpolate(text, scope, 'text'));
    if (unknown.length > 0) data.notices.push(`Not applied: transformation ${unknown.join(', ')}`);
    return { ...data, frames, layer: await layer };
}
