// Counts which annotated faces regions cover, and how much else.
import { awayFromFaces, shareInOne, shareInUnion } from '../cover.mjs';

/** A face is covered when this share of its box is. */
export const COVERED_SHARE = 0.85;

/** @typedef {{ hits: number, union: number, faces: number }} Count by one region, by all together, asked for. */

/** Sums over pictures for one way of covering. */
export function createScore() {
  /** @type {Map<string, Map<string, Count>>} by trait and value */
  const counts = new Map();
  let away = 0;
  let covered = 0;
  let shares = 0;
  let pictures = 0;
  let wholes = 0;
  let regionCount = 0;

  const count = (/** @type {string} */ trait, /** @type {string} */ value, /** @type {boolean} */ hit, /** @type {boolean} */ union) => {
    const values = counts.get(trait) ?? new Map();
    counts.set(trait, values);
    const sum = values.get(value) ?? { hits: 0, union: 0, faces: 0 };
    values.set(value, { hits: sum.hits + Number(hit), union: sum.union + Number(union), faces: sum.faces + 1 });
  };

  return {
    /**
     * @param {import('./dataset.mjs').AnnotatedPicture} picture
     * @param {readonly import('../cover.mjs').Box[]} regions
     * @param {string | null} [whole] why the whole picture was covered.
     * @returns {boolean[]} for each face that is asked for, whether it is covered.
     */
    add(picture, regions, whole = null) {
      const boxes = whole === null ? regions : [{ x: 0, y: 0, width: picture.width, height: picture.height }];
      pictures += 1;
      if (whole !== null) wholes += 1;
      regionCount += regions.length;
      /** @type {boolean[]} */
      const verdicts = [];
      for (const face of picture.faces) {
        if (face.ignored || face.traits['size'] === null) continue;
        const hit = shareInOne(face, boxes) >= COVERED_SHARE;
        verdicts.push(hit);
        const union = hit || shareInUnion(face, boxes) >= COVERED_SHARE;
        count('all', 'all', hit, union);
        for (const [trait, value] of Object.entries(face.traits)) if (value !== null && value !== undefined) count(trait, value, hit, union);
        // Skin goes with size in pictures of crowds: the fair comparison is within faces of a size.
        const { perceivedSkin, size } = face.traits;
        if (perceivedSkin !== null && perceivedSkin !== undefined) count('perceivedSkinBySize', `${perceivedSkin} ${size}`, hit, union);
      }
      const area = awayFromFaces(picture, picture.faces, boxes);
      away += area.away;
      covered += area.covered;
      if (area.away > 0) shares += area.covered / area.away;
      return verdicts;
    },
    /** Recall by trait and value; `over`: share of the area away from faces that is covered, over all pictures and as the mean of them. */
    result() {
      const recall = Object.fromEntries([...counts].map(([trait, values]) => [trait, Object.fromEntries([...values].map(([value, sum]) => [value, recallOf(sum)]))]));
      return { pictures, wholes, regions: regionCount, over: away === 0 ? 0 : covered / away, overMeanOfPictures: pictures === 0 ? 0 : shares / pictures, recall };
    },
  };
}

function recallOf(/** @type {Count} */ { hits, union, faces }) {
  return { faces, inOneRegion: hits / faces, inUnion: union / faces };
}
