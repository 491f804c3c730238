// Colours: the series palette of each theme and Grafana's colour names.

/**
 * Calm hues which stay apart on a dark and on a light ground.
 * @type {Record<string, string[]>}
 */
const palettes = {
    dark: ['#6ccf8e', '#f2c45a', '#62b0f0', '#ef8a5b', '#e5697d', '#4fd0d0', '#b58cf0', '#a3b86c', '#d98cc4', '#8fa8ff',
        '#c9a26d', '#5fbfa0', '#f0a3a3', '#7fc4e8', '#d0d06a', '#9a8fd8'],
    light: ['#2e9e5b', '#c98a06', '#2276c9', '#d1602b', '#c43a52', '#138f95', '#7d4fd0', '#6e8530', '#ad4f96', '#4a62d8',
        '#94692c', '#23876a', '#c96a6a', '#2f88b5', '#8c8c16', '#5f52ae'],
};

/**
 * Grafana's names: hue → [dark, semi-dark, plain, light, super-light].
 * @type {Record<string, string[]>}
 */
const named = {
    green: ['#2a8747', '#46a864', '#6ccf8e', '#96dcb0', '#c8f0d4'],
    yellow: ['#c79a2b', '#dfb044', '#f2c45a', '#f7d78c', '#fdeec4'],
    red: ['#b8304a', '#d24c62', '#ef6a78', '#f6919c', '#fbc4ca'],
    blue: ['#2769b8', '#438dd6', '#62b0f0', '#93c9f7', '#cbe4fc'],
    orange: ['#c7561f', '#df7039', '#f28b4f', '#f8ab7d', '#fdd3b8'],
    purple: ['#7144c4', '#9267dc', '#b58cf0', '#ccb0f6', '#e6d8fb'],
};
const shades = ['dark-', 'semi-dark-', '', 'light-', 'super-light-'];

/** @returns {'dark' | 'light'} */
export function themeName() {
    return document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';
}

/** @param {number} index */
export function paletteColor(index) {
    const palette = palettes[themeName()];
    return palette[((index % palette.length) + palette.length) % palette.length];
}

/**
 * A colour which stays with a name.
 * @param {string} name
 */
export function colorOfName(name) {
    let hash = 2166136261;
    for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
    return paletteColor((hash >>> 0) % 16);
}

/**
 * What CSS understands for a colour of a dashboard.
 * @param {string | undefined} color
 */
export function resolveColor(color) {
    if (!color) return paletteColor(0);
    if (color === 'text') return themeVariable('--text');
    if (color === 'transparent') return 'transparent';
    const shade = /^(super-light-|light-|semi-dark-|dark-)?(green|yellow|red|blue|orange|purple)$/.exec(color);
    if (!shade) return color;
    // On the light ground a darker shade of the same hue keeps the contrast.
    const step = shades.indexOf(shade[1] ?? '') - (themeName() === 'light' ? 1 : 0);
    return named[shade[2]][Math.max(0, step)];
}

/** @type {Map<string, string>} */
const variables = new Map();

/**
 * The theme's value, read once: asking the page costs a recalculation of its styles.
 * @param {string} name of a CSS custom property
 */
export function themeVariable(name) {
    const key = `${themeName()} ${name}`;
    const value = variables.get(key) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    if (value !== '') variables.set(key, value);
    return value;
}

/** @type {Record<string, string[]>} */
const scales = {
    GrYlRd: ['green', 'yellow', 'red'], RdYlGr: ['red', 'yellow', 'green'], BlYlRd: ['blue', 'yellow', 'red'],
    YlRd: ['yellow', 'red'], BlPu: ['blue', 'purple'], YlBl: ['yellow', 'blue'],
    blues: ['dark-blue', 'light-blue'], reds: ['dark-red', 'light-red'], greens: ['dark-green', 'light-green'],
    purples: ['dark-purple', 'light-purple'],
};

/** @param {string} mode `continuous-GrYlRd` @param {number} share 0…1 */
export function scaleColor(mode, share) {
    const stops = (scales[mode.replace('continuous-', '')] ?? scales.GrYlRd).map(resolveColor);
    const position = Math.min(0.9999, Math.max(0, share)) * (stops.length - 1);
    const at = Math.floor(position);
    return mix(stops[at], stops[at + 1], position - at);
}

/**
 * One of several shades of a colour.
 * @param {string} color @param {number} index
 */
export function shadeOf(color, index) {
    const step = index % 7;
    if (step === 0) return color;
    return mix(color, step % 2 === 1 ? '#ffffff' : '#000000', Math.ceil(step / 2) * 0.18);
}

/** @param {string} first @param {string} second @param {number} share */
export function mix(first, second, share) {
    const [a, b] = [rgb(first), rgb(second)];
    return `rgb(${a.map((channel, index) => Math.round(channel + (b[index] - channel) * share)).join(', ')})`;
}

/** @param {string} color @returns {number[]} */
function rgb(color) {
    const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
    if (short) return short.slice(1, 4).map((digit) => parseInt(digit + digit, 16));
    const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(color);
    if (long) return long.slice(1, 4).map((digits) => parseInt(digits, 16));
    const numbers = /rgba?\(([^)]+)\)/.exec(color)?.[1].split(',').slice(0, 3).map(Number);
    if (numbers?.length === 3 && numbers.every(Number.isFinite)) return numbers;
    const spelled = spelledOut(color);
    return spelled === color ? [128, 128, 128] : rgb(spelled);
}

/** @type {Map<string, string>} */
const spellings = new Map();

/**
 * CSS has more ways to write a colour: names, `hsl()`. The browser knows them all; grey is what it does not know.
 * @param {string} color @returns {string} `#rrggbb` or `rgba(…)`
 */
function spelledOut(color) {
    const known = spellings.get(color);
    if (known !== undefined) return known;
    const context = globalThis.document?.createElement?.('canvas')?.getContext?.('2d');
    if (!context) return color;
    context.fillStyle = '#808080';
    context.fillStyle = color;
    if (spellings.size > 500) spellings.clear();
    spellings.set(color, context.fillStyle);
    return context.fillStyle;
}

/** @param {string} color @param {number} alpha 0…1 */
export function withAlpha(color, alpha) {
    if (color === 'transparent') return color;
    return `rgba(${rgb(color).join(', ')}, ${alpha})`;
}

/**
 * A colour a little calmer, for large grounds.
 * @param {string} color
 */
export function calmed(color) {
    return color === 'transparent' ? color : mix(color, themeName() === 'light' ? '#ffffff' : '#10151c', 0.2);
}

/**
 * Black or white, whichever reads better on a colour.
 * @param {string} color
 */
export function textOn(color) {
    const [red, green, blue] = rgb(color);
    return (red * 299 + green * 587 + blue * 114) / 1000 > 140 ? '#10151c' : '#ffffff';
}
