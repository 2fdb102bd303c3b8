// Boxes of all looks at a clip, frame by frame, to faces through time: the reference where nobody annotated a clip.
import { overlap } from '../cover.mjs';

/** Boxes of one frame that overlap by this much (intersection over union) are of one face. */
const SAME_IOU = 0.35;
/** A box is part of a larger one, and no face by itself, when that is so many times larger, holds so much of it and is as sure. */
const PART_SCALE = 1.6;
const PART_SHARE = 0.6;
/** A sighting belongs to a face when it overlaps the last one by this much, ... */
const FOLLOW_IOU = 0.25;
/** ... or when its middle is within this many of its sizes and it is not this many times larger or smaller. */
const FOLLOW_REACH = 0.6;
const FOLLOW_SCALE = 1.6;
/** Seconds that a face may go unseen; between two sightings its box runs on a straight line. */
const LONGEST_GAP_S = 0.4;
/** What counts as a sighting at all, and what by itself makes a face believable. */
export const WEAK = 0.2;
const STRONG = 0.65;
/** Looks in which a strong sighting has to be: patterns that fool one look seldom fool the next. */
const LEAST_LOOKS = 2;
/** Seconds of strong sightings that a face needs, all together, and the share of its sightings. */
const LEAST_STRONG_S = 0.2;
const LEAST_STRONG_SHARE = 0.25;

/**
 * @typedef {{ box: import('../cover.mjs').Box, confidence: number, model: string }} Found what one look saw.
 * @typedef {{ box: import('../cover.mjs').Box, confidence: number, looks: number }} Sighting of one face in one frame.
 */

/** The sightings of one frame joined: where boxes are of one face, their mean by confidence, and the greatest confidence. @param {readonly Found[]} found @returns {Sighting[]} */
export function joined(found) {
  const left = found.filter(({ confidence }) => confidence >= WEAK).toSorted((a, b) => b.confidence - a.confidence);
  /** @type {Sighting[]} */
  const faces = [];
  while (left.length > 0) {
    const [best] = left;
    if (best === undefined) break;
    const same = left.filter(({ box }) => iou(box, best.box) >= SAME_IOU);
    for (const one of same) left.splice(left.indexOf(one), 1);
    const weight = same.reduce((sum, { confidence }) => sum + confidence, 0);
    const mean = (/** @type {'x' | 'y' | 'width' | 'height'} */ side) => same.reduce((sum, { box, confidence }) => sum + box[side] * confidence, 0) / weight;
    faces.push({ box: { x: mean('x'), y: mean('y'), width: mean('width'), height: mean('height') }, confidence: best.confidence, looks: same.length });
  }
  return faces.filter((part) => !faces.some((whole) => isPart(part, whole)));
}

function isPart(/** @type {Sighting} */ part, /** @type {Sighting} */ whole) {
  const area = part.box.width * part.box.height;
  const isLarger = whole.box.width * whole.box.height >= PART_SCALE * area;
  return isLarger && overlap(part.box, whole.box) >= PART_SHARE * area && whole.confidence >= Math.min(STRONG, part.confidence);
}

/**
 * Faces through time. A face needs strong sightings somewhere; from there it runs on through weak ones, forwards and
 * backwards, as far as they reach.
 * @param {readonly (readonly Sighting[])[]} frames joined sightings.
 * @param {number} fps
 * @returns {{ id: string, boxes: number[][] }[]} as in boxes.json: [frame, x, y, width, height].
 */
export function linked(frames, fps) {
  const gap = Math.max(1, Math.round(LONGEST_GAP_S * fps));
  /** @type {{ frame: number, sighting: Sighting }[][]} */
  const tracks = [];
  for (const [frame, sightings] of frames.entries()) {
    const open = tracks.filter((track) => frame - (track.at(-1)?.frame ?? -Infinity) <= gap);
    const pairs = open
      .flatMap((track) => sightings.map((sighting) => ({ track, sighting, fit: fitOf(track.at(-1)?.sighting.box, sighting.box) })))
      .filter(({ fit }) => fit > 0)
      .sort((a, b) => b.fit - a.fit);
    const taken = new Set();
    for (const { track, sighting } of pairs) {
      if (taken.has(track) || taken.has(sighting)) continue;
      taken.add(track).add(sighting);
      track.push({ frame, sighting });
    }
    for (const sighting of sightings) if (!taken.has(sighting)) tracks.push([{ frame, sighting }]);
  }
  return tracks.filter((track) => isFace(track, fps)).map((track, index) => ({ id: `r${index + 1}`, boxes: filled(track) }));
}

function isFace(/** @type {{ sighting: Sighting }[]} */ track, /** @type {number} */ fps) {
  const strong = track.filter(({ sighting: { confidence, looks } }) => confidence >= STRONG && looks >= LEAST_LOOKS).length;
  return strong >= Math.max(2, LEAST_STRONG_S * fps) && strong >= LEAST_STRONG_SHARE * track.length;
}

function filled(/** @type {{ frame: number, sighting: Sighting }[]} */ track) {
  return track.flatMap(({ frame, sighting: { box } }, i) => {
    const before = track[i - 1];
    const from = before === undefined ? frame : before.frame + 1;
    return Array.from({ length: frame - from + 1 }, (_, n) => {
      const share = before === undefined ? 1 : (from + n - before.frame) / (frame - before.frame);
      const at = (/** @type {'x' | 'y' | 'width' | 'height'} */ side) => {
        const start = before?.sighting.box[side] ?? box[side];
        return Number((start + (box[side] - start) * share).toFixed(2));
      };
      return [from + n, at('x'), at('y'), at('width'), at('height')];
    });
  });
}

function fitOf(/** @type {import('../cover.mjs').Box | undefined} */ last, /** @type {import('../cover.mjs').Box} */ box) {
  if (last === undefined) return 0;
  const overlapping = iou(last, box);
  if (overlapping >= FOLLOW_IOU) return 1 + overlapping;
  const size = Math.sqrt(box.width * box.height);
  const scale = size / Math.sqrt(last.width * last.height);
  const away = Math.hypot(box.x + box.width / 2 - last.x - last.width / 2, box.y + box.height / 2 - last.y - last.height / 2) / size;
  return away <= FOLLOW_REACH && scale <= FOLLOW_SCALE && scale >= 1 / FOLLOW_SCALE ? 1 - away / FOLLOW_REACH : 0;
}

function iou(/** @type {import('../cover.mjs').Box} */ a, /** @type {import('../cover.mjs').Box} */ b) {
  const both = overlap(a, b);
  return both / (a.width * a.height + b.width * b.height - both);
}
