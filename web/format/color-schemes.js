// Colour scales of heatmaps by the names that dashboards use; from the ground outwards, so that much stands out in both themes.

import { mix, themeName } from './colors.js';

/** @type {Record<string, string[]>} few → many, on a light ground */
const sequential = {
    Oranges: ['#fff1e0', '#fdbf82', '#f57e2a', '#a63c03'], Blues: ['#eaf3fb', '#9ccbe6', '#3b8bc4', '#0b3d78'], Greens: ['#ebf7e8', '#a3d89b', '#3fa45b', '#0b4f22'],
    Reds: ['#ffece4', '#fca083', '#e33b2e', '#77050f'], Purples: ['#f3f1f8', '#bcbedd', '#7f72b5', '#43107f'], Greys: ['#f2f2f2', '#bdbdbd', '#737373', '#1c1c1c'],
    BuGn: ['#e9f6f8', '#99d8c9', '#3aab79', '#08512a'], BuPu: ['#e8f1f7', '#9fbcdb', '#8b6db3', '#550a5b'], GnBu: ['#ebf6e6', '#a7dcb8', '#45a9cd', '#0c4a8e'],
    OrRd: ['#fff0dc', '#fdbb85', '#ea5f45', '#8a0606'], PuBu: ['#f3eff7', '#a7bddb', '#3a8fbf', '#064066'], PuRd: ['#f2ecf5', '#cf9ecb', '#e02b8b', '#78052c'],
    RdPu: ['#ffeae6', '#fa9fb6', '#d2309a', '#57026e'], YlGn: ['#fdfee3', '#aedd8e', '#39a156', '#0a4a2c'], YlGnBu: ['#fcfed9', '#7fcdbb', '#1f80b8', '#0b2463'],
    YlOrBr: ['#fffde3', '#fec44f', '#e0690e', '#732806'], YlOrRd: ['#fff8cc', '#fdb24d', '#f0442b', '#8a0327'],
};
/** @type {Record<string, string[]>} the same in both themes */
const fixed = {
    Turbo: ['#30123b', '#4277f0', '#1ae4b6', '#a4fc3b', '#fb8022', '#7a0403'], Viridis: ['#440154', '#3b528b', '#21918c', '#5ec962', '#fde725'],
    Plasma: ['#0d0887', '#7e03a8', '#cc4778', '#f89540', '#f0f921'], Inferno: ['#160b39', '#6a176e', '#bb3754', '#f37819', '#fcffa4'], Magma: ['#180f3e', '#721f81', '#b73779', '#fc8961', '#fcfdbf'],
    Cividis: ['#00224e', '#434e6c', '#7d7c78', '#bcae6c', '#fee838'], Cubehelix: ['#1a1530', '#1d5a4c', '#6f7a2f', '#cf7fa1', '#cfdff3'], Warm: ['#6e40aa', '#d23ea7', '#ff6150', '#e6b23a', '#aff05b'], Cool: ['#6e40aa', '#4776e6', '#1ac7c2', '#52f667', '#aff05b'],
    Spectral: ['#5e4fa2', '#50a8af', '#e9f69d', '#fba05b', '#9e0142'], RdYlGn: ['#1a9850', '#a6d96a', '#fefebd', '#f98e52', '#a50026'], RdYlBu: ['#4575b4', '#abd9e9', '#fefec0', '#fdae61', '#a50026'], RdBu: ['#2166ac', '#92c5de', '#f7f7f7', '#f4a582', '#b2182b'],
};

/**
 * @param {any} options `{mode, scheme, fill, reverse, steps, exponent, scale}` of a heatmap
 * @returns {(share: number) => string} 0…1 → colour
 */
export function heatColors(options = {}) {
    const steps = Math.min(128, Math.max(2, Number(options.steps) || 64));
    const exponent = options.mode === 'opacity' && options.scale !== 'linear' ? Number(options.exponent) || 0.5 : 1;
    const stops = stopsOf(options);
    const colors = Array.from({ length: steps }, (_, index) => at(stops, options.reverse ? 1 - index / (steps - 1) : index / (steps - 1)));
    return (share) => colors[Math.round(Math.min(1, Math.max(0, share)) ** exponent * (steps - 1))];
}

/** @param {any} options */
function stopsOf(options) {
    if (options.mode === 'opacity') return [themeName() === 'light' ? '#eef2f6' : '#1b222b', /^#/.test(options.fill ?? '') ? options.fill : '#f28b4f'];
    const name = String(options.scheme ?? 'Oranges');
    if (Object.hasOwn(fixed, name)) return fixed[name];
    const stops = Object.hasOwn(sequential, name) ? sequential[name] : sequential.Oranges;
    return themeName() === 'light' ? stops : [mix(stops[3], '#12171e', 0.55), stops[3], stops[2], stops[1]];
}

/** @param {string[]} stops @param {number} share */
function at(stops, share) {
    const position = Math.min(0.9999, Math.max(0, share)) * (stops.length - 1);
    return mix(stops[Math.floor(position)], stops[Math.floor(position) + 1], position % 1);
}
