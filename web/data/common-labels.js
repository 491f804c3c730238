// Labels that many series have alike.

/**
 * @param {Record<string, string>[]} all
 * @returns {Record<string, string>} without the name of the metric
 */
export function commonLabelsOf(all) {
    const [first, ...others] = all;
    return Object.fromEntries(Object.entries(first ?? {}).filter(([name, value]) => name !== '__name__' && others.every((labels) => labels[name] === value)));
}
