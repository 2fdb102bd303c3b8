/**
 * What an annotated box means, as the factor that makes a face box of it (hair line to chin, ear to ear, as WIDER FACE and
 * the pans have it), about its middle. Sizes, inner faces and surroundings are all taken from that face box.
 *
 * - `face`: it is one.
 * - `inner`: drawn tight about eyebrows, eyes, nose and mouth.
 * - `head`: hair, ears and throat with it.
 * - `reference`: what the detectors make of a face, which the library brings to the same framing (`faceOf`).
 */
const TO_FACE = /** @type {const} */ ({ face: 1, inner: 1.25, head: 0.75, reference: 1 });

/** The inner face is this share of the face box each way: what must not show. */
export const INNER_SHARE = 0.8;

/** @typedef {keyof typeof TO_FACE} Convention */

/** The convention by the words of `box` in boxes.json. @param {string | null} words @returns {Convention} */
export function conventionOf(words) {
  if (words === null) return 'reference';
  if (/^head\b/i.test(words)) return 'head';
  return /inner|tight/i.test(words) ? 'inner' : 'face';
}

/** @param {Convention} convention */
export const faceFactorOf = (convention) => TO_FACE[convention];
