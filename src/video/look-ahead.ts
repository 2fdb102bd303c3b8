import type { FaceTrack } from '../core/faces.ts';
import { unite, type Box, type Point, type Size } from '../core/geometry.ts';
import type { Microseconds } from '../core/time.ts';

/** A frame with the faces known in it. */
export interface TrackedFrame<T> {
  /** Whatever stands for the frame; the look-ahead never looks into it and never closes it. */
  readonly item: T;
  readonly timestampUs: Microseconds;
  /** Size of the picture as shown. */
  readonly display: Size;
  readonly tracks: readonly FaceTrack[];
}

/**
 * Holds back frames so that what is learnt later also covers the frames before.
 *
 * Ownership: `push` **takes** the item; it comes back exactly once, from `push`, `flush` or `clear`, and from then on
 * the caller owns it again and closes it.
 */
export interface LookAhead<T> {
  /** Takes a frame; returns the frames that are due now, oldest first: none or one. */
  push(frame: TrackedFrame<T>): TrackedFrame<T>[];
  /** The stream has ended: returns all that is held, oldest first, to be redacted and sent. */
  flush(): TrackedFrame<T>[];
  /** Forgets what is known and returns the items held, to be closed and never shown. */
  clear(): T[];
  /** Frames held now. */
  readonly held: number;
}

/** How the place of a face before its first sighting becomes less certain, face sizes per second. */
const BACKWARD_GROWTH = 2;
/** Bound of this uncertainty, face sizes. */
const MAX_BACKWARD_GROWTH = 1;
/** A face first seen within this many face sizes of an edge may have come in there. */
const ENTRY_REACH = 0.75;

interface Sighting {
  readonly timestampUs: Microseconds;
  readonly box: Box;
}

interface HeldFrame<T> {
  readonly item: T;
  readonly timestampUs: Microseconds;
  readonly display: Size;
  readonly tracks: Map<number, FaceTrack>;
}

/**
 * Creates a look-ahead of `delayFrames` frames; 0 hands every frame straight through.
 *
 * - A face that first appears is also covered in the frames held: its box runs back along its velocity, with growing
 *   uncertainty, and out to an edge it may have come from. While its velocity becomes better known in the next
 *   frames, the frames still held are covered for the new estimate as well.
 * - A face that is seen again after a gap is covered, in the frames held, also on the straight line between the two
 *   sightings.
 *
 * Cover is only ever added. Nothing is carried across a change of size or time that runs backwards.
 * @throws TypeError when `delayFrames` is not a whole number of at least 0.
 */
export function createLookAhead<T>(delayFrames: number): LookAhead<T> {
  if (!Number.isInteger(delayFrames) || delayFrames < 0) {
    throw new TypeError(`delayFrames is ${String(delayFrames)}; give a whole number of at least 0.`);
  }
  const queue: HeldFrame<T>[] = [];
  /** By track: the first and the latest frame in which a detector saw it. */
  const first = new Map<number, Sighting>();
  const latest = new Map<number, Sighting>();

  function learn(track: FaceTrack, frame: TrackedFrame<T>): void {
    const { timestampUs } = frame;
    if (track.lastSeenUs !== timestampUs) return;
    const now: Sighting = { timestampUs, box: track.box };
    const origin = first.get(track.trackId) ?? now;
    const before = latest.get(track.trackId);
    first.set(track.trackId, origin);
    latest.set(track.trackId, now);
    for (const held of queue) {
      if (!isSameSize(held.display, frame.display) || held.timestampUs >= timestampUs) continue;
      if (held.timestampUs < origin.timestampUs) {
        add(held, runBack(track, origin, held));
      } else if (before !== undefined && held.timestampUs > before.timestampUs) {
        add(held, { ...track, box: between(before, now, held.timestampUs), uncertaintyPx: 0 });
      }
    }
  }

  function release(count: number): TrackedFrame<T>[] {
    return queue.splice(0, count).map((held) => ({ ...held, tracks: [...held.tracks.values()] }));
  }

  function forgetAllBut(tracks: readonly FaceTrack[]): void {
    const known = new Set(tracks.map((track) => track.trackId));
    for (const seen of [first, latest]) {
      for (const trackId of seen.keys()) if (!known.has(trackId)) seen.delete(trackId);
    }
  }

  return {
    push(frame) {
      if (delayFrames === 0) return [frame];
      for (const track of frame.tracks) learn(track, frame);
      forgetAllBut(frame.tracks);
      const { item, timestampUs, display, tracks } = frame;
      queue.push({ item, timestampUs, display, tracks: new Map(tracks.map((track) => [track.trackId, track])) });
      return release(queue.length - delayFrames);
    },
    flush() {
      first.clear();
      latest.clear();
      return release(queue.length);
    },
    clear() {
      first.clear();
      latest.clear();
      return queue.splice(0).map((held) => held.item);
    },
    get held() {
      return queue.length;
    },
  };
}

/** Adds a track to a held frame; where it has that track, the cover becomes the union. */
function add<T>(held: HeldFrame<T>, track: FaceTrack): void {
  const own = held.tracks.get(track.trackId);
  if (own === undefined) {
    held.tracks.set(track.trackId, track);
    return;
  }
  const uncertaintyPx = Math.max(own.uncertaintyPx, track.uncertaintyPx);
  held.tracks.set(track.trackId, { ...own, box: unite(own.box, track.box), uncertaintyPx });
}

function runBack(track: FaceTrack, origin: Sighting, held: { timestampUs: Microseconds; display: Size }): FaceTrack {
  const backS = (origin.timestampUs - held.timestampUs) / 1e6;
  const size = Math.sqrt(origin.box.width * origin.box.height);
  const moved: Box = { ...origin.box, x: origin.box.x - track.velocity.x * backS, y: origin.box.y - track.velocity.y * backS };
  const spread = Math.min(BACKWARD_GROWTH * backS, MAX_BACKWARD_GROWTH) * size;
  // It may as well have stood still: the way between is covered, too.
  const way = unite(moved, origin.box);
  return { ...track, box: outToEdges(way, ENTRY_REACH * size, held.display), uncertaintyPx: track.uncertaintyPx + spread };
}

function outToEdges(box: Box, reach: number, display: Size): Box {
  const left = box.x <= reach ? Math.min(0, box.x) : box.x;
  const top = box.y <= reach ? Math.min(0, box.y) : box.y;
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  const to: Point = {
    x: display.width - right <= reach ? Math.max(display.width, right) : right,
    y: display.height - bottom <= reach ? Math.max(display.height, bottom) : bottom,
  };
  return { x: left, y: top, width: to.x - left, height: to.y - top };
}

function between(from: Sighting, to: Sighting, atUs: Microseconds): Box {
  const share = (atUs - from.timestampUs) / (to.timestampUs - from.timestampUs);
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return {
    x: mix(from.box.x, to.box.x),
    y: mix(from.box.y, to.box.y),
    width: mix(from.box.width, to.box.width),
    height: mix(from.box.height, to.box.height),
  };
}

function isSameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
