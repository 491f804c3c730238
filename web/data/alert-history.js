// The series ALERTS → when which alert was pending and when it fired.

/** @typedef {import('../types/model').Frame} Frame */
/** @typedef {{metric: Record<string, string>, values?: [number, string][]}} Series */
/** @typedef {{labels: Record<string, string>, state: string, from: number, to: number, open: boolean}} Period milliseconds; `open`: it lasts until the end of what was asked */

/** What the two states are called and how they are painted. */
const mappings = [{ type: 'value', options: { firing: { text: 'firing', color: 'red', index: 0 }, pending: { text: 'pending', color: 'yellow', index: 1 } } }];

/** @param {Record<string, string>} metric */
function withoutOwn({ __name__, alertstate, ...labels }) {
    return labels;
}

/**
 * The latest first.
 * @param {{series: Series[], end: number, step: number}} answer of a range query, seconds
 * @returns {Period[]}
 */
export function periodsOf({ series, end, step }) {
    /** @type {Period[]} */
    const periods = [];
    for (const { metric, values = [] } of series) {
        const labels = withoutOwn(metric);
        let open = /** @type {Period | undefined} */ (undefined);
        let last = -Infinity;
        for (const [time, text] of values) {
            if (Number(text) !== 1) continue;
            if (!open || time - last > step * 1.5) {
                open = { labels, state: metric.alertstate ?? 'firing', from: time * 1000, to: 0, open: false };
                periods.push(open);
            }
            open.to = (time + step) * 1000;
            last = time;
        }
        // What held at the last step holds still, as far as anybody knows.
        if (open && last >= end - step * 1.5) {
            open.open = true;
            open.to = end * 1000;
        }
    }
    return periods.sort((a, b) => b.from - a.from || (a.labels.alertname ?? '').localeCompare(b.labels.alertname ?? ''));
}

/**
 * One lane of states for each name that `nameOf` gives: where anything of that name fires it is firing, else pending.
 * @param {{series: Series[], start: number, end: number, step: number}} answer
 * @param {(labels: Record<string, string>) => string} nameOf
 * @returns {Frame[]} most time firing first
 */
export function stateFrames({ series, start, end, step }, nameOf) {
    const count = Math.max(0, Math.round((end - start) / step)) + 1;
    const times = Array.from({ length: count }, (_, index) => Math.round((start + index * step) * 1000));
    /** @type {Map<string, (string | null)[]>} */
    const lanes = new Map();
    for (const { metric, values = [] } of series) {
        const name = nameOf(withoutOwn(metric));
        const lane = lanes.get(name) ?? new Array(count).fill(null);
        lanes.set(name, lane);
        for (const [time, text] of values) {
            const index = Math.round((time - start) / step);
            if (Number(text) !== 1 || index < 0 || index >= count) continue;
            if (lane[index] !== 'firing') lane[index] = metric.alertstate ?? 'firing';
        }
    }
    const fired = (/** @type {(string | null)[]} */ lane) => lane.reduce((sum, state) => sum + (state === 'firing' ? 1 : state ? 0.001 : 0), 0);
    return [...lanes].sort((a, b) => fired(b[1]) - fired(a[1]) || a[0].localeCompare(b[0])).map(([name, values]) => ({
        refId: 'A', rows: count, step: step * 1000,
        fields: [{ name: 'Time', type: 'time', values: times, config: {} }, { name: 'State', type: 'string', values, labels: {}, refId: 'A', config: { displayNameFromDS: name, mappings } }],
    }));
}

/**
 * Labels by which alerts of one name differ, as a short text.
 * @param {Record<string, string>[]} all
 * @returns {(labels: Record<string, string>) => string}
 */
export function differing(all) {
    const names = [...new Set(all.flatMap((labels) => Object.keys(labels)))].filter((name) => name !== 'alertname' && all.some((labels) => labels[name] !== all[0][name])).sort();
    return (labels) => names.filter((name) => labels[name]).map((name) => `${name}=${labels[name]}`).join(' ') || labels.alertname || 'alert';
}
