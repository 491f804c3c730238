// The types of panels that Grafana had before: loaded when a dashboard has some.

export { upgradeGraph } from './upgrade-graph.js';
export { upgradeOldTable, upgradeSinglestat } from './upgrade-legacy.js';
