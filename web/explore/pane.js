// What a page of Explore knows of standing beside another one.

import { createContext } from '../vendor/preact.js';
import { paths } from '../ui/icons.js';

Object.assign(paths, { split: 'M2.500 3.500h11v9h-11zM8 3.500v9' });

/**
 * @typedef {{side: 'left' | 'right', synced: boolean, onSync: () => void, onClose: () => void}} Pane
 *   `synced`: both sides show the same times
 */

/** @type {import('../types/vendor/preact').Context<Pane | undefined>} */
export const PaneContext = createContext(/** @type {Pane | undefined} */ (undefined));
