// From one signal to the others by what they share: the same service, instance, host or pod has one name in all of them.

import { html } from '../vendor/preact.js';
import * as loki from '../data/loki.js';
import { forAMinute } from '../data/minute-cache.js';
import * as prometheus from '../data/prometheus.js';
import * as tempo from '../data/tempo.js';
import { firstOfKind } from '../data/sources.js';
import { shortened } from '../format/display.js';
import { withParams } from '../router.js';
import { useLoad } from '../ui/hooks.js';
import { Icon } from '../ui/icons.js';

/** @typedef {import('../types/model').DataSource} DataSource */
/** @typedef {import('../types/model').TimeRange} TimeRange */

/** Labels that name the same thing in different signals; OTLP's service.name becomes `job` among metrics, `service_name` among logs. */
const classes = [
    ['service_name', 'job', 'service', 'app', 'service.name'], ['instance', 'service_instance_id', 'service.instance.id'],
    ['host', 'host_name', 'hostname', 'nodename', 'host.name'], ['namespace', 'k8s_namespace_name', 'k8s.namespace.name'],
    ['pod', 'k8s_pod_name', 'k8s.pod.name'], ['container', 'container_name', 'k8s_container_name', 'k8s.container.name'], ['unit'], ['filename'], ['cluster'],
];

/**
 * What labels of one signal are called in another one: at most one matcher of each class, the same name before its relatives.
 * @param {Record<string, string>} labels
 * @param {string[]} names the other signal's labels
 * @param {(name: string) => Promise<string[]>} valuesOf
 * @returns {Promise<[string, string][]>}
 */
export async function shared(labels, names, valuesOf) {
    const found = await Promise.all(classes.map(async (alike) => {
        const own = alike.filter((name) => labels[name]);
        const pairs = own.flatMap((name) => [name, ...alike.filter((other) => other !== name)].map((other) => /** @type {[string, string]} */ ([other, labels[name]])));
        for (const [name, value] of pairs) if (names.includes(name) && (await valuesOf(name).catch(() => /** @type {string[]} */ ([]))).includes(value)) return /** @type {[string, string]} */ ([name, value]);
        return undefined;
    }));
    return found.flatMap((pair) => (pair ? [pair] : []));
}

/** @param {[string, string][]} pairs */
export function selector(pairs) {
    return `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

/** @param {string} signal @param {string} whose */
function named(signal, whose) {
    return `${signal} of ${shortened(whose, 30)}`;
}

/**
 * @param {{labels: Record<string, string>, range: TimeRange, all: DataSource[], of: 'metrics' | 'logs' | 'traces' | 'alerts'}} about `of`: the signal that the labels are of
 * @returns {Promise<{name: string, icon: string, href: string}[]>}
 */
async function linksFor({ labels, range, all, of }) {
    const keep = { from: range.raw.from, to: range.raw.to };
    const metrics = of === 'metrics' ? undefined : firstOfKind(all, 'prometheus');
    const logs = of === 'logs' ? undefined : firstOfKind(all, 'loki');
    const traces = of === 'traces' ? undefined : firstOfKind(all, 'tempo');
    const links = await Promise.all([
        metrics && forAMinute(`${metrics.uid}/l/`, () => prometheus.labelNames(metrics.uid, [], range)).then((names) => shared(labels, names, (name) => forAMinute(`${metrics.uid}/v/${name}/`, () => prometheus.labelValues(metrics.uid, name, [], range))))
            .then((pairs) => pairs.length > 0 && { name: named('Metrics', pairs[0][1]), icon: 'metrics', href: withParams('/explore/metrics', { ...keep, ds: metrics.uid, expr: `count by (__name__) (${selector(pairs)})` }) }),
        logs && forAMinute(`${logs.uid}/l`, () => loki.labelNames(logs.uid, range)).then((names) => shared(labels, names, (name) => forAMinute(`${logs.uid}/v/${name}`, () => loki.labelValues(logs.uid, name, range))))
            .then((pairs) => pairs.length > 0 && { name: named('Logs', pairs[0][1]), icon: 'logs', href: withParams('/explore/logs', { ...keep, ds: logs.uid, expr: selector(pairs) }) }),
        traces && shared(labels, ['service.name'], () => forAMinute(`${traces.uid}/services`, () => tempo.tagValues(traces.uid, 'service.name')))
            .then(([pair]) => pair && { name: named('Traces', pair[1]), icon: 'traces', href: withParams('/explore/traces', { ...keep, ds: traces.uid, service: pair[1] }) }),
    ].map((link) => Promise.resolve(link).catch(() => undefined)));
    return /** @type {any} */ (links.filter(Boolean));
}

/**
 * Links to the other signals of the same service; none where nothing is shared.
 * @param {{labels: Record<string, string>, range: TimeRange, all: DataSource[], of: 'metrics' | 'logs' | 'traces' | 'alerts', brief?: boolean}} properties `brief`: only the signal's name is written
 */
export function RelatedLinks({ labels, range, all, of, brief }) {
    const key = JSON.stringify(labels);
    const links = useLoad(async (signal) => {
        // A row that only flies by asks nothing.
        if (brief) await new Promise((resolve) => { setTimeout(resolve, 150); });
        return signal.aborted ? [] : linksFor({ labels, range, all, of });
    }, [key, of, range.raw.from, range.raw.to, all]);
    return html`${(links.value ?? []).map((link) => html`<a class="button small" href=${link.href} title=${brief ? link.name : undefined}><${Icon} name=${link.icon} size="14" />${brief ? link.name.split(' ')[0] : link.name}</a>`)}`;
}
