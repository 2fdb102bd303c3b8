// Holds the regions of a clip's frames against its known faces.
import { awayFromFaces, clip, grow, overlap, shareInUnion } from '../cover.mjs';
import { INNER_SHARE } from './conventions.mjs';

/** A face shows when less of its inner part is covered. */
export const COVERED_SHARE = 0.95;
/** Longer side of a face from which it counts for the leak rate, pixels. */
export const LEAST_PX = 24;
const BANDS = [
  { name: '8-16', from: 8, to: 16 },
  { name: '16-24', from: 16, to: 24 },
  { name: '24-32', from: 24, to: 32 },
  { name: '32-64', from: 32, to: 64 },
  { name: '64-128', from: 64, to: 128 },
  { name: '>128', from: 128, to: Infinity },
];

/**
 * @param {Pick<import('./clips.mjs').Clip, 'width' | 'height' | 'fps'> & { faces: import('./clips.mjs').KnownFace[][] }} clipOf
 * @param {{ index: number, whole: string | null, regions: { trackId: number | null, x: number, y: number, width: number, height: number }[] }[]} frames that came out, in order.
 */
export function scoreClip({ width, height, fps, faces }, frames) {
  const size = { width, height };
  const picture = { trackId: -1, x: 0, y: 0, ...size };
  const bands = new Map(BANDS.map(({ name }) => [name, { faceFrames: 0, leaks: 0 }]));
  /** @type {Map<string, ReturnType<typeof newLife>>} */
  const lives = new Map();
  /** @type {{ frame: number, face: string, sizePx: number, covered: number }[]} */
  const leaks = [];
  /** @type {Record<string, number>} */
  const wholes = {};
  const area = { away: 0, covered: 0, awayInRegions: 0, coveredInRegions: 0, forFaces: 0, forNothing: 0, forBorder: 0 };
  let faceFrames = 0;

  for (const { index, whole, regions } of frames) {
    const boxes = whole === null ? regions : [picture];
    if (whole !== null) wholes[whole] = (wholes[whole] ?? 0) + 1;
    const known = faces[index] ?? [];
    for (const face of known) {
      if (!face.asked) continue;
      const sizePx = Math.max(face.width, face.height);
      const inner = clip(grow(face, INNER_SHARE), size);
      if (inner === null) continue;
      const covered = shareInUnion(inner, boxes);
      const leaked = covered < COVERED_SHARE;
      const band = bands.get(BANDS.find(({ from, to }) => sizePx >= from && sizePx < to)?.name ?? '');
      if (band !== undefined) {
        band.faceFrames += 1;
        if (leaked) band.leaks += 1;
      }
      if (sizePx < LEAST_PX) continue;
      faceFrames += 1;
      if (leaked) leaks.push({ frame: index, face: face.id, sizePx: Math.round(sizePx), covered: Number(covered.toFixed(3)) });
      const life = lives.get(face.id) ?? newLife(index);
      lives.set(face.id, life);
      see(life, index, leaked, whole !== null ? null : bestRegion(inner, regions));
    }
    const counted = awayFromFaces(size, known, boxes);
    area.away += counted.away;
    area.covered += counted.covered;
    if (whole === null) {
      area.awayInRegions += counted.away;
      area.coveredInRegions += counted.covered;
      area.forFaces += counted.for.faces;
      area.forNothing += counted.for.nothing;
      area.forBorder += counted.for.border;
    }
  }

  const all = [...lives.values()];
  return {
    framesOut: frames.length,
    wholes,
    faceFrames,
    leaks: leaks.length,
    leakRate: rate(leaks.length, faceFrames),
    bands: Object.fromEntries([...bands].map(([name, band]) => [name, { ...band, leakRate: rate(band.leaks, band.faceFrames) }])),
    faces: all.length,
    longestLeakFrames: Math.max(0, ...all.map(({ longest }) => longest)),
    framesToCover: all.map(({ first, covered }) => (covered === null ? null : covered - first)),
    neverCovered: all.filter(({ covered }) => covered === null).length,
    switches: all.reduce((sum, life) => sum + life.switches, 0),
    switchesPerFaceMinute: faceFrames === 0 ? 0 : (all.reduce((sum, life) => sum + life.switches, 0) * fps * 60) / faceFrames,
    over: rate(area.covered, area.away),
    overBesideWholes: rate(area.coveredInRegions, area.awayInRegions),
    area,
    leaking: leaks,
  };
}

const rate = (/** @type {number} */ part, /** @type {number} */ whole) => (whole === 0 ? 0 : part / whole);

/** One face through the clip. `covered`: the first frame in which it was. */
function newLife(/** @type {number} */ first) {
  return { first, covered: /** @type {number | null} */ (null), run: 0, longest: 0, trackId: /** @type {number | null} */ (null), switches: 0 };
}

/** Takes in one frame. Frames that the camera lost do not end a run: nothing was shown of them. */
function see(/** @type {ReturnType<typeof newLife>} */ life, /** @type {number} */ index, /** @type {boolean} */ leaked, /** @type {number | null} */ trackId) {
  life.run = leaked ? life.run + 1 : 0;
  life.longest = Math.max(life.longest, life.run);
  if (!leaked && life.covered === null) life.covered = index;
  if (trackId === null) return;
  if (life.trackId !== null && life.trackId !== trackId) life.switches += 1;
  life.trackId = trackId;
}

/** The track whose region covers most of a face; of two that cover as much, the smaller region. */
function bestRegion(/** @type {import('../cover.mjs').Box} */ inner, /** @type {readonly { trackId: number | null, x: number, y: number, width: number, height: number }[]} */ regions) {
  let best = null;
  for (const region of regions) {
    const covers = overlap(inner, region);
    const area = region.width * region.height;
    // Where no face is known but one may be, there is no track to switch.
    if (region.trackId === null) continue;
    if (covers > 0 && (best === null || covers > best.covers + 1e-6 || (Math.abs(covers - best.covers) <= 1e-6 && area < best.area))) best = { trackId: region.trackId, covers, area };
  }
  return best?.trackId ?? null;
}
