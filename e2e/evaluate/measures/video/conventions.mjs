/**
 * What an annotated box means, and so which part of it is the inner face: the part that must not show. `share` is taken
 * about the middle of the box, each way.
 *
 * - `face`: hair line to chin, ear to ear (WIDER FACE, the pans). The middle 80 % holds eyebrows, eyes, nose and mouth.
 * - `inner`: drawn tight about these already: all of it.
 * - `head`: hair, ears and throat with it: a face is about 60 % of it each way.
 * - `reference`: boxes of the detectors themselves (eyebrows or forehead to chin, just inside the ears): 90 %.
 */
export const CONVENTIONS = /** @type {const} */ ({
  face: { share: 0.8 },
  inner: { share: 1 },
  head: { share: 0.6 },
  reference: { share: 0.9 },
});

/** @typedef {keyof typeof CONVENTIONS} Convention */

/** The convention by the words of `box` in boxes.json. @param {string | null} words @returns {Convention} */
export function conventionOf(words) {
  if (words === null) return 'reference';
  if (/^head\b/i.test(words)) return 'head';
  return /inner|tight/i.test(words) ? 'inner' : 'face';
}
