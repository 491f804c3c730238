// A dashboard as a file: as it is, or with its data sources as inputs, so that another installation asks which of its own to take.

import { kindOf } from '../data/sources.js';
import { allPanels } from './model.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('../types/model').DataSource} DataSource */

/** @type {Record<string, string>} */
const pluginNames = { prometheus: 'Prometheus', loki: 'Loki', tempo: 'Tempo', alertmanager: 'Alertmanager' };

/** @type {Record<string, string>} */
const panelNames = {
    timeseries: 'Time series', stat: 'Stat', gauge: 'Gauge', bargauge: 'Bar gauge', table: 'Table', piechart: 'Pie chart', text: 'Text', logs: 'Logs', heatmap: 'Heatmap',
    histogram: 'Histogram', barchart: 'Bar chart', 'state-timeline': 'State timeline', 'status-history': 'Status history', nodeGraph: 'Node Graph', traces: 'Traces',
    dashlist: 'Dashboard list', alertlist: 'Alert list',
};

/**
 * The file without what only this server knows.
 * @param {Model} model @returns {any}
 */
export function plainExport(model) {
    return { ...model, id: null };
}

/**
 * @param {Model} model @param {DataSource[]} sources
 * @returns {any} with `__inputs`, `__requires` and `__elements`, as Grafana writes it for sharing
 */
export function sharedExport(model, sources) {
    const copy = structuredClone(/** @type {any} */ (model));
    /** @type {Map<string, any>} */
    const inputs = new Map();
    const types = new Set();
    const nameFor = (/** @type {DataSource} */ source) => `DS_${(source.name || source.type).toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
    const replaced = (/** @type {any} */ reference) => {
        const uid = typeof reference === 'string' ? reference : reference?.uid;
        const type = typeof reference === 'string' ? undefined : reference?.type;
        if (typeof uid === 'string' && (uid.includes('$') || uid.startsWith('--') || uid === '__expr__' || uid === 'grafana')) return reference;
        const source = uid ? sources.find((one) => one.uid === uid) ?? sources.find((one) => one.name === uid)
            : sources.find((one) => (type ? one.type === type && one.isDefault : one.isDefault)) ?? sources.find((one) => !type || one.type === type);
        if (!source) return reference;
        const name = nameFor(source);
        types.add(source.type);
        inputs.set(name, { name, label: source.name, description: '', type: 'datasource', pluginId: source.type, pluginName: pluginNames[kindOf(source.type)] ?? source.type });
        return { type: source.type, uid: `\${${name}}` };
    };
    const visit = (/** @type {any} */ owner) => {
        if (owner?.datasource !== undefined && owner.datasource !== null) owner.datasource = replaced(owner.datasource);
    };
    const panelTypes = new Set();
    for (const panel of allPanels(copy.panels ?? [])) {
        if (panel.type !== 'row') panelTypes.add(panel.type);
        if (panel.type !== 'row' && (panel.targets ?? []).length > 0) panel.datasource ??= {};
        visit(panel);
        for (const target of panel.targets ?? []) visit(target);
    }
    for (const variable of copy.templating?.list ?? []) {
        visit(variable);
        if (variable.type === 'query') Object.assign(variable, { options: [], current: {} });
        if (variable.type === 'datasource') variable.current = {};
        if (variable.type === 'constant') {
            const name = `VAR_${String(variable.name).toUpperCase()}`;
            const value = String(variable.query ?? variable.current?.value ?? '');
            inputs.set(name, { name, type: 'constant', label: variable.label || variable.name, value, description: '' });
            variable.query = `\${${name}}`;
            variable.current = { value: variable.query, text: variable.query, selected: false };
            variable.options = [variable.current];
        }
    }
    for (const one of copy.annotations?.list ?? []) visit(one);
    const { id, version, __inputs, __elements, __requires, ...rest } = copy;
    return {
        __inputs: [...inputs.values()], __elements: __elements ?? {},
        __requires: [
            { type: 'grafana', id: 'grafana', name: 'Grafana', version: '10.4.0' },
            ...[...panelTypes].sort().map((type) => ({ type: 'panel', id: type, name: panelNames[type] ?? type, version: '' })),
            ...[...types].sort().map((type) => ({ type: 'datasource', id: type, name: pluginNames[kindOf(type)] ?? type, version: '1.0.0' })),
        ],
        id: null, ...rest,
    };
}
