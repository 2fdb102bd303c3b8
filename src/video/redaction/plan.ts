import type { FaceTrack } from '../../core/faces.ts';
import type { Box, Point, Size } from '../../core/geometry.ts';
import { area, clip } from '../../core/geometry.ts';
import type { RedactionPlan, RedactionRegion, WholeFrameReason } from '../../core/redaction.ts';
import type { Milliseconds } from '../../core/time.ts';

/** What is known about how the picture was searched. */
export interface DetectionStatus {
  /** False after a failed self-test, a detector that threw or one that did not answer in time. */
  readonly healthy: boolean;
  /** False while the picture changes faster than faces can be followed. */
  readonly steady: boolean;
  /**
   * Age, at the time of this frame, of the oldest among the latest looks of every model that must see the whole
   * picture; `Infinity` when one of them has not looked yet.
   */
  readonly oldestWholeLookAgeMs: Milliseconds;
  /** False in the first frames of a picture (after a start, a cut, a change of size): one look at each is not enough yet. */
  readonly settled: boolean;
  /** Parts of the picture that came in a moment ago, too late to be searched well; display pixels. */
  readonly newBorder: readonly Box[];
}

/** How generously faces are covered, and how old knowledge may be. */
export interface RedactionPolicy {
  /** Older looks at the whole picture make it untrustworthy. */
  readonly maxAgeMs: Milliseconds;
  /** The head is grown by this factor, at least 1; see {@link DEFAULT_MARGIN}. */
  readonly margin: number;
}

/** Everything the decision on one frame rests on. */
export interface PlanInput {
  readonly tracks: readonly FaceTrack[];
  /** `FaceTracker.trusted` for this frame. */
  readonly tracksTrusted: boolean;
  /** Null until a detector is ready. */
  readonly detection: DetectionStatus | null;
  /** Size of the picture as shown. */
  readonly display: Size;
  readonly policy: RedactionPolicy;
  readonly paused: boolean;
  /** What people said is to be covered besides, display pixels. */
  readonly fixed?: readonly Box[];
}

/**
 * How far a head reaches beyond the detector's box, in widths and heights of the box. A BlazeFace box ends between the
 * eyebrows and the hair line, at the chin, and just inside the ears. Measured against the annotated boxes (hair line to
 * chin) of 214 WIDER FACE pictures, faces of 24 px and more, 95th percentile of the model that needs most: side
 * 0.18, above 0.40, below 0.23. The values hold most of that; {@link DEFAULT_MARGIN} adds 0.07, 0.08 and 0.08.
 * A region from one model's box alone then holds the whole annotated box of 97.5 % (back, 315 faces), 97.9 % (full, 193)
 * and 100 % (short, 48) of the faces that model found in every fourth picture of the set, and 85 % of the box of 99.4 % or more.
 */
export const HEAD_REACH = { side: 0.16, above: 0.22, below: 0.15 } as const;
/** Growth of the head about its middle; with {@link HEAD_REACH} a region is 1.43 boxes wide and 1.71 high. */
export const DEFAULT_MARGIN = 1.1;
/** Motion blur and shutter: a face is smeared over the way it moves in this time, seconds. */
const SMEAR_S = 0.03;
/** A region whose gap to the picture's edge is at most this share of its size is drawn out to the edge. */
const EDGE_REACH = 0.05;
/** Smallest side of a region, pixels: below, a box is no more than a hint of where something is. */
const MIN_SIDE_PX = 24;
/** Numbers beyond this are nonsense and lose their fraction in binary arithmetic; pixels. */
const LARGEST_PX = 1e6;

/**
 * Decides what is covered in one frame: the one place that does. Pure; never throws, whatever it is given.
 *
 * The whole frame is covered unless there is fresh and trustworthy knowledge of every face: while paused, before a
 * detector is ready, while it is unhealthy, while the picture changes too fast, when a look is missing or too old, in the first frames of a
 * picture, when the tracker lost trust, and when any number is not finite or otherwise odd.
 *
 * Otherwise there is one region per face: the track's box, which ends at the forehead, is grown to the head
 * ({@link HEAD_REACH}), times `margin`, plus the track's uncertainty, plus the way the face smears while the shutter is
 * open; drawn out to the picture's edge when near it (a face that enters is larger than what is seen of it); at least
 * {@link MIN_SIDE_PX} each way; clipped to the picture. A face outside the picture needs none.
 *
 * What the camera's motion has just brought in, and what people marked, is covered as well, whatever it holds.
 *
 * Overlapping regions stay separate: each holds its whole face by itself, so no seam can open between two, every
 * region keeps the id of its face, and a union rectangle of two faces side by side would cover what is between them.
 */
export function planRedaction(input: PlanInput): RedactionPlan {
  try {
    const reason = reasonForWhole(input);
    if (reason !== null) return { kind: 'whole', reason };
    const regions = regionsOf(input);
    return regions === null ? { kind: 'whole', reason: 'invalid-tracks' } : { kind: 'regions', regions };
  } catch {
    // Only input that breaks its type can get here (null, a getter that throws). It says nothing about the faces.
    return { kind: 'whole', reason: 'invalid-tracks' };
  }
}

function reasonForWhole({ detection, display, paused, policy, tracksTrusted }: PlanInput): WholeFrameReason | null {
  // Compared with `true` and `false`, not for truth: whatever is neither must cover.
  const isTrue = (value: unknown): boolean => value === true;
  if (paused as unknown !== false) return 'paused';
  if (!isSize(display)) return 'invalid-tracks';
  if (detection === null) return 'starting';
  if (!isTrue(detection.healthy)) return 'detector-unhealthy';
  if (!isTrue(detection.steady)) return 'changing-fast';
  const ageMs = detection.oldestWholeLookAgeMs;
  if (ageMs === Infinity) return 'no-detection';
  if (!isTrue(detection.settled)) return 'settling';
  if (!(ageMs >= 0 && ageMs <= policy.maxAgeMs)) return 'detection-stale';
  return isTrue(tracksTrusted) ? null : 'invalid-tracks';
}

/** Null when anything about a track or the policy is odd. */
function regionsOf({ tracks, detection, display, policy, fixed = [] }: PlanInput): RedactionRegion[] | null {
  const { margin } = policy;
  const given: unknown = tracks;
  if (!Number.isFinite(margin) || margin < 1 || !Array.isArray(given)) return null;
  const regions: RedactionRegion[] = [];
  for (const { box, velocity, uncertaintyPx, trackId } of tracks) {
    const { x, y, width, height } = box;
    const own: Box = { x, y, width, height };
    const speed: Point = { x: velocity.x, y: velocity.y };
    if (!isPlausible(own, speed, uncertaintyPx) || !Number.isFinite(trackId)) return null;
    const region = regionOf(own, speed, uncertaintyPx, margin, display);
    if (!Number.isFinite(region.x + region.y + region.width + region.height)) return null;
    if (area(region) > 0) regions.push({ box: region, trackId });
  }
  for (const strip of [...(detection?.newBorder ?? []), ...fixed]) {
    const box = clip(strip, display);
    if (!Number.isFinite(box.x + box.y + box.width + box.height)) return null;
    if (area(box) > 0) regions.push({ box, trackId: null });
  }
  return regions;
}

function regionOf(face: Box, velocity: Point, uncertaintyPx: number, margin: number, display: Size): Box {
  const head: Box = {
    x: face.x - HEAD_REACH.side * face.width,
    y: face.y - HEAD_REACH.above * face.height,
    width: face.width * (1 + 2 * HEAD_REACH.side),
    height: face.height * (1 + HEAD_REACH.above + HEAD_REACH.below),
  };
  const padX = (head.width * (margin - 1)) / 2 + uncertaintyPx + Math.abs(velocity.x) * SMEAR_S;
  const padY = (head.height * (margin - 1)) / 2 + uncertaintyPx + Math.abs(velocity.y) * SMEAR_S;
  const [left, right] = span(head.x - padX, head.x + head.width + padX, display.width);
  const [top, bottom] = span(head.y - padY, head.y + head.height + padY, display.height);
  return clip({ x: left, y: top, width: right - left, height: bottom - top }, display);
}

/** Along one side: at least the smallest size, and out to an edge that is near. */
function span(start: number, end: number, length: number): [start: number, end: number] {
  const lacking = Math.max(0, MIN_SIDE_PX - (end - start)) / 2;
  const from = start - lacking;
  const to = end + lacking;
  if (to <= 0 || from >= length) return [from, to];
  const near = (to - from) * EDGE_REACH;
  return [from <= near ? Math.min(from, 0) : from, length - to <= near ? Math.max(to, length) : to];
}

function isPlausible(box: Box, velocity: Point, uncertaintyPx: number): boolean {
  const numbers = [box.x, box.y, box.width, box.height, velocity.x, velocity.y, uncertaintyPx];
  return numbers.every((n) => Number.isFinite(n) && Math.abs(n) <= LARGEST_PX) && box.width > 0 && box.height > 0 && uncertaintyPx >= 0;
}

function isSize({ width, height }: Size): boolean {
  return [width, height].every((side) => Number.isFinite(side) && side >= 1 && side <= LARGEST_PX);
}
