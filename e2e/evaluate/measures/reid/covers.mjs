// What is attacked, and by whom.

/**
 * @typedef {{ name: string, cover: { method: string, strength?: number, cells?: number }, control: boolean, scenes: readonly (keyof typeof SCENES)[] }} Case
 *   `control`: no cover of the library, so that the attackers can show what they can do.
 */

/** Where the face's surroundings come from. */
export const SCENES = /** @type {const} */ ({
  strange: 'in the surroundings of others',
  own: 'in its own surroundings',
});

const of = (/** @type {string} */ method, /** @type {number} */ strength, /** @type {readonly (keyof typeof SCENES)[]} */ scenes = ['strange']) => ({ name: `${method} ${strength}`, cover: { method, strength }, control: false, scenes });
const BOTH = /** @type {const} */ (['strange', 'own']);

/** @type {readonly Case[]} */
export const CASES = [
  { name: 'not covered', cover: { method: 'none' }, control: true, scenes: BOTH },
  { name: 'mosaic 16 x 16', cover: { method: 'mosaic', cells: 16 }, control: true, scenes: ['strange'] },
  { name: 'mosaic 8 x 8', cover: { method: 'mosaic', cells: 8 }, control: true, scenes: ['strange'] },
  { ...of('solid', 0.5, BOTH), name: 'solid' },
  of('frost', 0, BOTH),
  of('frost', 0.5, BOTH),
  of('frost', 1, BOTH),
  of('blur', 0),
  of('blur', 0.5, BOTH),
  of('blur', 1),
  of('pixelate', 0),
  of('pixelate', 0.5, BOTH),
  of('pixelate', 1),
];
