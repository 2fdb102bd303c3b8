import { CLIPS as ALL, facesAt } from '../../../demo/clip/scenes.mjs';

/**
 * Clips that loop: what plays as the camera.
 * @type {readonly { clip: string, width: number, height: number, faces: number, frames: number }[]}
 */
export const CLIPS = ALL.filter(({ name }) => /^(bench|scale)-/.test(name)).map((clip) => ({
  clip: clip.name, width: clip.width, height: clip.height, faces: facesAt(clip, 0).length, frames: clip.frames,
}));

/** @param {string} name */
export function clipNamed(name) {
  const found = CLIPS.find(({ clip }) => clip === name);
  if (found === undefined) throw new RangeError(`there is no clip ${name}`);
  return found;
}
