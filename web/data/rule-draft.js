// A rule while it is written, and the groups that come of it.

/** @typedef {import('./rule-files.js').FileRule} FileRule */
/** @typedef {import('./rule-files.js').FileGroup} FileGroup */
/**
 * @typedef {{namespace: string, group: string, interval: string, kind: 'alerting' | 'recording', name: string, expr: string, holds: string, keeps: string,
 *   labels: [string, string][], annotations: [string, string][], other: Record<string, any>}} Draft `other`: keys that the form has no field for
 * @typedef {{namespace: string, group: string, index: number}} Place of a rule
 */

/**
 * @param {FileRule | undefined} rule nothing for a new one
 * @param {Partial<Draft>} given
 * @returns {Draft}
 */
export function draftOf(rule, given) {
    const { alert, record, expr = '', for: holds = '', keep_firing_for: keeps = '', labels = {}, annotations = {}, ...other } = rule ?? { expr: '' };
    return {
        namespace: '', group: '', interval: '', kind: record ? 'recording' : 'alerting', name: String(alert ?? record ?? ''), expr: String(expr), holds: String(holds), keeps: String(keeps),
        labels: pairsOf(labels), annotations: pairsOf(annotations), other, ...given,
    };
}

/** @param {any} value @returns {[string, string][]} */
function pairsOf(value) {
    return Object.entries(value && typeof value === 'object' ? value : {}).map(([name, text]) => [name, String(text)]);
}

/** @param {Draft} draft @returns {FileRule} */
export function ruleOf({ kind, name, expr, holds, keeps, labels, annotations, other }) {
    const isAlert = kind === 'alerting';
    const filled = (/** @type {[string, string][]} */ pairs) => Object.fromEntries(pairs.filter(([key]) => key.trim() !== '').map(([key, text]) => [key.trim(), text]));
    return {
        ...other, alert: isAlert ? name.trim() : undefined, record: isAlert ? undefined : name.trim(), expr: expr.trim(), for: isAlert ? holds.trim() : undefined,
        keep_firing_for: isAlert ? keeps.trim() : undefined, labels: filled(labels), annotations: isAlert ? filled(annotations.filter(([, text]) => text.trim() !== '')) : undefined,
    };
}

/**
 * What the form itself can tell is missing, by its field.
 * @param {Draft} draft @returns {Record<string, string>}
 */
export function gapsOf(draft) {
    /** @type {Record<string, string>} */
    const gaps = {};
    if (draft.namespace.trim() === '') gaps.namespace = 'A namespace is needed: the name of the file that the group is kept in.';
    else if (/[/\\]/.test(draft.namespace)) gaps.namespace = 'A namespace has no slashes here.';
    if (draft.group.trim() === '') gaps.group = 'The group needs a name.';
    else if (/[/\\]/.test(draft.group)) gaps.group = 'The name of a group has no slashes here.';
    if (draft.name.trim() === '') gaps.name = draft.kind === 'alerting' ? 'The alert needs a name.' : 'The recorded series needs a name.';
    if (draft.expr.trim() === '') gaps.expr = 'The rule needs an expression.';
    return gaps;
}

/**
 * What is to be written so that the draft is in force: the group with the rule, and the group that it came from without it.
 * @param {Record<string, FileGroup[]>} namespaces as the server has them now
 * @param {Draft} draft
 * @param {Place & {name: string} | undefined} origin where the rule was and what it was called; nothing for a new one
 * @returns {{write: {namespace: string, group: FileGroup}[], remove: {namespace: string, group: string}[], index: number}} `index`: where the rule stands in its group
 * @throws {Error} when somebody else has changed the group meanwhile
 */
export function changesOf(namespaces, draft, origin) {
    const [namespace, name] = [draft.namespace.trim(), draft.group.trim()];
    const rule = ruleOf(draft);
    const stays = origin && origin.namespace === namespace && origin.group === name;
    const before = origin && groupAt(namespaces, origin);
    if (origin && nameAt(before, origin.index) !== origin.name) throw new Error(`The group ${origin.group} has been changed meanwhile: load the page again.`);
    const target = groupAt(namespaces, { namespace, group: name }) ?? { name, rules: [] };
    const rules = stays ? target.rules.map((one, index) => (index === origin.index ? rule : one)) : [...target.rules, rule];
    const interval = draft.interval.trim();
    const changes = { write: [{ namespace, group: { ...target, interval: interval === '' ? undefined : interval, rules } }], remove: /** @type {{namespace: string, group: string}[]} */ ([]), index: stays ? origin.index : rules.length - 1 };
    if (!origin || stays || !before) return changes;
    const rest = removalOf(before, origin);
    return { ...changes, write: [...changes.write, ...rest.write], remove: rest.remove };
}

/**
 * What is to be written so that a rule is gone: its group without it, or no group.
 * @param {FileGroup} group @param {Place} place
 */
export function removalOf(group, { namespace, index }) {
    const rules = group.rules.filter((_, at) => at !== index);
    return rules.length > 0 ? { write: [{ namespace, group: { ...group, rules } }], remove: [] } : { write: [], remove: [{ namespace, group: group.name }] };
}

/** @param {Record<string, FileGroup[]>} namespaces @param {{namespace: string, group: string}} place */
export function groupAt(namespaces, { namespace, group }) {
    return (namespaces[namespace] ?? []).find((one) => one.name === group);
}

/** @param {FileGroup | undefined} group @param {number} index */
export function nameAt(group, index) {
    const rule = group?.rules[index];
    return rule && String(rule.alert ?? rule.record ?? '');
}
