import type { Detection } from '../../core/faces.ts';
import { grow, intersect, unite, type Box, type Point, type Size } from '../../core/geometry.ts';
import type { TrackSample } from '../../core/recording.ts';
import type { Microseconds } from '../../core/time.ts';

/** Samples come ten a second and in the last frame, and fewer on a machine that is busy; older ones say nothing of a moment. */
const MOST_APART_US: Microseconds = 250_000;
/** A box counts as covered when this share of what the picture shows of it lies in covers. */
const LEAST_SHARE = 0.85;
/** Points each way at which a box is looked at: covers overlap, so areas cannot be summed. */
const GRID = 16;
/** Of a detection's keypoints: both eyes, nose and mouth. */
const FEATURES = 4;

/** A rectangle that is covered for a time. */
export interface TimedBox {
  readonly fromUs: Microseconds;
  readonly untilUs: Microseconds;
  readonly box: Box;
}

/** A rectangle that is covered, or in doubt: between two samples nobody noted where it was. */
export interface KnownCover {
  readonly box: Box;
  readonly isSure: boolean;
}

/** Where a redacted video is known to be covered. */
export class CoveredPlaces {
  readonly #timelines: readonly (readonly TrackSample[])[];
  readonly #fixed: readonly TimedBox[];

  /** @param timelines of each redaction that it went through. @param fixed rectangles that were marked by hand. */
  constructor(timelines: readonly (readonly TrackSample[])[], fixed: readonly TimedBox[] = []) {
    this.#timelines = timelines.map((samples) => [...samples].sort((a, b) => a.timeUs - b.timeUs));
    this.#fixed = fixed;
  }

  /** Every cover of this time: what is covered before and after for sure; that it was, just before, or will be, or is on its way, with some doubt. */
  at(timeUs: Microseconds): KnownCover[] {
    const marked = this.#fixed.filter((fixed) => timeUs >= fixed.fromUs && timeUs < fixed.untilUs).map(({ box }) => ({ box, isSure: true }));
    const followed = this.#timelines.flatMap((samples) => {
      const { before, after, isNow } = around(samples, timeUs);
      const earlier = new Map(before.map((track) => [track.trackId, track.box]));
      const kept = after.flatMap(({ trackId, box }) => (earlier.has(trackId) ? [{ box: intersect(box, earlier.get(trackId)!), isSure: true }] : []));
      return [...kept, ...before.map(({ box }) => ({ box, isSure: isNow })), ...after.map(({ trackId, box }) => ({ box: unite(box, earlier.get(trackId) ?? box), isSure: false }))];
    });
    return [...marked, ...followed];
  }
}

function around(samples: readonly TrackSample[], timeUs: Microseconds): { readonly before: TrackSample['tracks']; readonly after: TrackSample['tracks']; readonly isNow: boolean } {
  // The first one after this time.
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle]!.timeUs <= timeUs) low = middle + 1;
    else high = middle;
  }
  const near = (sample: TrackSample | undefined): TrackSample['tracks'] => (sample !== undefined && Math.abs(sample.timeUs - timeUs) <= MOST_APART_US ? sample.tracks : []);
  const before = samples[low - 1];
  // At the very time of a sample there is nothing on its way.
  const isNow = before?.timeUs === timeUs;
  return { before: near(before), after: isNow ? [] : near(samples[low]), isNow };
}

/** From this confidence on, only covers that are sure count. */
const SHOWS_IN_DOUBT = 0.5;
/**
 * The confidence from which even what lies in a cover is a face that shows. Covers that look like faces reach 0.67 (frost) and 0.79 (solid), faces that
 * show 0.9 and more in most frames (docs/decisions/0014-sharing.md).
 */
const SHOWS_IN_A_COVER = 0.85;

/**
 * Covers side by side look like one large face: of 123 false finds on 180 frames, 72 were at least so large and lay in covers by so much; hardly any
 * reaches 0.7, which every visible face of 64 pixels and more does in every frame (docs/decisions/0014-sharing.md).
 */
const PATCHWORK_PX = 144;
const PATCHWORK_SHARE = 0.4;
const SHOWS_BETWEEN_COVERS = 0.7;

/** What a find of a second search is. */
export type FindVerdict = 'none' | 'cover' | 'uncovered';

/**
 * Judges a find: below the threshold of the redaction it is none; where nearly all of it lies in covers, or eyes, nose and mouth do, or where it is large and
 * made of covers in good part, it is what covers look like, unless it looks as only faces do.
 * @param known covers of the time of the find.
 * @param picture beyond which nothing shows.
 * @param threshold from which on the redaction took something for a face, 0 to 1.
 */
export function judgeFind(known: readonly KnownCover[], { box, confidence, keypoints }: Pick<Detection, 'box' | 'confidence' | 'keypoints'>, { picture, threshold }: { readonly picture: Size; readonly threshold: number }): FindVerdict {
  if (!(confidence >= threshold)) return 'none';
  if (confidence >= SHOWS_IN_A_COVER) return 'uncovered';
  const covers = known.filter(({ isSure }) => isSure || confidence < SHOWS_IN_DOUBT);
  const isCovered = (point: Point): boolean => covers.some((cover) => holds(cover.box, point));
  const features = keypoints.slice(0, FEATURES);
  if (features.length === FEATURES && features.every(isCovered)) return 'cover';
  const shown = pointsOf(box).filter((point) => holds({ x: 0, y: 0, ...picture }, point));
  const share = shown.filter(isCovered).length / shown.length;
  if (!(share < LEAST_SHARE)) return 'cover';
  const isMadeOfCovers = share >= PATCHWORK_SHARE && Math.sqrt(box.width * box.height) >= PATCHWORK_PX && confidence < SHOWS_BETWEEN_COVERS;
  return isMadeOfCovers ? 'cover' : 'uncovered';
}

function pointsOf({ x, y, width, height }: Box): Point[] {
  return Array.from({ length: GRID * GRID }, (_, index) => ({ x: x + (((index % GRID) + 0.5) * width) / GRID, y: y + ((Math.floor(index / GRID) + 0.5) * height) / GRID }));
}

function holds({ x, y, width, height }: Box, point: Point): boolean {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

/** A find is covered this much larger than it is, and again in each further round: what is found at the edge of a cover moves with it. */
const GROWTH = 1.4;
/** From this round on the whole picture is covered around a find: frames that were covered whole already look like faces wherever one looks. */
const WHOLE_FROM_ROUND = 4;
/** Whoever was found in one frame is there in the next. */
const PAD_US: Microseconds = 300_000;

/** Where and how long a find is covered. @param round of covering, from 1. */
export function regionAround({ box, timeUs }: { readonly box: Box; readonly timeUs: Microseconds }, round: number, picture: Size): TimedBox {
  const covered = round < WHOLE_FROM_ROUND ? grow(box, GROWTH ** round) : { x: 0, y: 0, width: picture.width, height: picture.height };
  return { fromUs: Math.max(0, timeUs - PAD_US), untilUs: timeUs + PAD_US, box: covered };
}
