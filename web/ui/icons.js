// Line icons, 16 units square, drawn in the current colour.

import { html } from '../vendor/preact.js';

/** @type {Record<string, string>} */
const paths = {
    home: 'M2.5 7.2 8 2.700l5.500 4.500M4 6.500v6.500h8V6.500M6.500 13V9.500h3V13',
    boards: 'M2.500 2.500h5v5h-5zM10 2.500h3.500v3H10zM10 8h3.500v5.500H10zM2.500 10h5v3.500h-5z',
    metrics: 'M2 13.500h12M2.500 10.500l3.200-4 3 2.500L13.500 3.500',
    logs: 'M2.500 3.500h11M2.500 6.500h7M2.500 9.500h11M2.500 12.500h5',
    traces: 'M2 3.500h7M4.500 6.500h8M6.500 9.500h4M8.500 12.500h5.500',
    clock: 'M8 14.200A6.200 6.200 0 1 0 8 1.800a6.200 6.200 0 0 0 0 12.400zM8 4.500V8l2.500 1.700',
    refresh: 'M13.500 8a5.500 5.500 0 1 1-1.700-4M13.500 1.800V4.500h-2.700',
    down: 'M4 6.200 8 10.200l4-4',
    right: 'M6.200 4 10.200 8l-4 4',
    left: 'M9.800 4 5.800 8l4 4',
    close: 'M4 4l8 8M12 4l-8 8',
    search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.700 10.700 14 14',
    zoomOut: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.700 10.700 14 14M5 7h4',
    menu: 'M2.500 4.500h11M2.500 8h11M2.500 11.500h11',
    dots: 'M8 3.600v.01M8 8v.01M8 12.400v.01',
    info: 'M8 14.200A6.200 6.200 0 1 0 8 1.800a6.200 6.200 0 0 0 0 12.400zM8 7.300v3.700M8 5v.01',
    warn: 'M8 2 14.500 13.500h-13zM8 6.500v3.300M8 11.700v.01',
    expand: 'M9.500 2.500h4v4M13.500 2.500 9 7M6.500 13.500h-4v-4M2.500 13.500 7 9',
    back: 'M7 3.500 2.500 8 7 12.500M2.500 8h11',
    table: 'M2.500 3h11v10h-11zM2.500 6.300h11M2.500 9.700h11M6.500 3v10',
    download: 'M8 2.500v7.500M4.800 7 8 10.200 11.200 7M2.500 13.500h11',
    compass: 'M8 14.200A6.200 6.200 0 1 0 8 1.800a6.200 6.200 0 0 0 0 12.400zM10.600 5.400 9 9l-3.600 1.600L7 7z',
    sun: 'M8 10.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600zM8 1.500V3M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1',
    moon: 'M13.500 9.600A5.800 5.800 0 0 1 6.400 2.500a5.800 5.800 0 1 0 7.100 7.100z',
    out: 'M6.500 2.500h-4v11h4M10 4.800 13.200 8 10 11.200M13.200 8H6',
    key: 'M10.200 9.300a3.400 3.400 0 1 0-3.400-3.400c0 .4.1.8.2 1.200L2.500 11.600v1.900h2.300v-1.600h1.600v-1.600l1.600-1.200M11 5.100v.01',
    play: 'M4.500 2.800 13 8l-8.500 5.200z',
    check: 'M3 8.500 6.500 12 13 4.500',
    up: 'M8 13V3M4 7l4-4 4 4',
    wrap: 'M2.500 4h11M2.500 8h8.700a2 2 0 0 1 0 4.500H8M9.800 10.700 8 12.500l1.800 1.800M2.500 12.500h2.500',
};

/**
 * @param {{name: string, size?: number}} properties
 */
export function Icon({ name, size = 16 }) {
    return html`<svg width=${size} height=${size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4"
        stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${paths[name] ?? ''} /></svg>`;
}

/** The bird. */
export function BrandMark() {
    return html`<img class="brand-mark" src="/favicon.svg" alt="" />`;
}
