import type { Clip, ClipFace } from './clip.ts';
import { isFlatPerRow, measure, type Exposure } from './measure.ts';
import type { RecordedFrame } from './recorder.ts';

/** Of a face that shows by less than two blocks of the measure in width or height, nothing can be said; pixels. */
const LEAST_SIDE_PX = 16;
/**
 * A face is covered when no more than this share of its textured blocks came through. What was measured lies far away on
 * both sides: covered faces up to 0.02, up to 0.07 where the cover's soft border touches the box; faces in the clear 0.99 and
 * more (README.md).
 */
export const MOST_EXPOSED = 0.1;
/**
 * Frames of the clip on both sides of the expected one that a frame without a readable marker is held against, where the
 * source's clock does not tell the frame exactly. Held against others, a cover resembles a face's neighbourhood now and then.
 */
const SEARCH = 4;
/** How much of the whole picture shows is measured on every so-many-th frame: it is for the record, not for the verdict. */
const SHOWN_EVERY = 8;

/** One face in one frame. */
export interface FaceFinding extends Exposure {
  /** Place in the recording. */
  readonly outputIndex: number;
  /** Frame of the clip. */
  readonly frame: number;
  readonly face: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly visible: number;
}

/** What was found in a recording. */
export interface Verdict {
  readonly verdict: 'covered' | 'leak';
  readonly frames: number;
  /** Frames that show nothing of the picture. */
  readonly wholeCovered: number;
  /** Frames whose marker was covered; held against every frame of the clip about the expected one. */
  readonly markerCovered: number;
  readonly facesLookedAt: number;
  readonly leaks: readonly FaceFinding[];
  /** The highest exposures, leaks or not. */
  readonly worst: readonly FaceFinding[];
  /** Share of the picture's textured blocks that came through, mean over a sample of the frames with a readable marker. */
  readonly meanPictureShown: number;
  /** Source frames by their markers, in order of output. */
  readonly sourceFrames: readonly number[];
}

/**
 * Holds every recorded frame against the clip: which source frame it shows (by the marker in the picture, never by
 * counting), and how much of each known face came through.
 * @param played where only the clip's first frames were the source, how many: with no marker to be read in any frame, each is held against all of these that
 * look like it where it shows anything.
 */
export async function judge(frames: readonly RecordedFrame[], clip: Clip, played = clip.truth.frames): Promise<Verdict> {
  const findings: FaceFinding[] = [];
  const sourceFrames: number[] = [];
  const shown: number[] = [];
  let wholeCovered = 0;
  let markerCovered = 0;
  const anchors = anchorsOf(frames, clip);
  const pairs: { readonly outputIndex: number; readonly frame: number; readonly isMarked: boolean }[] = [];
  for (const [outputIndex, { luma, timestampUs }] of frames.entries()) {
    if (isFlatPerRow(luma)) {
      wholeCovered += 1;
      continue;
    }
    const marked = clip.markerOf(luma);
    if (marked === null) markerCovered += 1;
    else sourceFrames.push(marked);
    const shows = marked !== null ? [marked] : anchors.length > 0 ? candidates(timestampUs, anchors, clip) : await clip.framesLike(luma, played);
    pairs.push(...shows.map((frame) => ({ outputIndex, frame, isMarked: marked !== null })));
  }
  // In order of the clip, so that each of its frames is decoded once.
  for (const { outputIndex, frame, isMarked } of [...pairs].sort((a, b) => a.frame - b.frame)) {
    const { luma } = frames[outputIndex]!;
    const source = await clip.lumaOf(frame);
    for (const face of clip.facesOf(frame)) {
      if (Math.min(face.width, face.height) < LEAST_SIDE_PX) continue;
      findings.push({ ...measure(source, luma, face), ...named(face, frame, outputIndex) });
    }
    if (isMarked && outputIndex % SHOWN_EVERY === 0) shown.push(measure(source, luma, { x: 0, y: 0, width: luma.width, height: luma.height }).exposed);
  }
  findings.sort((a, b) => a.outputIndex - b.outputIndex);
  const leaks = findings.filter(({ exposed }) => exposed > MOST_EXPOSED);
  return {
    verdict: leaks.length === 0 ? 'covered' : 'leak',
    frames: frames.length,
    wholeCovered,
    markerCovered,
    facesLookedAt: findings.length,
    leaks,
    worst: [...findings].sort((a, b) => b.exposed - a.exposed).slice(0, 5),
    meanPictureShown: shown.reduce((sum, share) => sum + share, 0) / Math.max(1, shown.length),
    sourceFrames,
  };
}

function named({ id, width, height, visible }: ClipFace, frame: number, outputIndex: number) {
  return { outputIndex, frame, face: id, widthPx: Math.round(width), heightPx: Math.round(height), visible };
}

interface Anchor {
  readonly timestampUs: number;
  readonly frame: number;
}

/** The frames whose marker can be read: what lies between them in time lies between them in the clip. */
function anchorsOf(frames: readonly RecordedFrame[], clip: Clip): Anchor[] {
  return frames.flatMap(({ luma, timestampUs }) => {
    const frame = clip.markerOf(luma);
    return frame === null ? [] : [{ timestampUs, frame }];
  });
}

/** The frames of the clip that a frame may show, by its distance in time from the nearest one with a marker, of which there is one at least. */
function candidates(timestampUs: number, anchors: readonly Anchor[], { truth: { frames: count, fps } }: Clip): number[] {
  const away = (anchor: Anchor): number => Math.abs(anchor.timestampUs - timestampUs);
  const nearest = anchors.reduce((best, anchor) => (away(anchor) < away(best) ? anchor : best));
  const expected = nearest.frame + Math.round(((timestampUs - nearest.timestampUs) * fps) / 1e6);
  const search = isExactClock(anchors, count, fps) ? 0 : SEARCH;
  return Array.from({ length: 2 * search + 1 }, (_, i) => (((expected + i - search) % count) + count) % count);
}

/** True when the time between any two frames with a marker is the time between them in the clip, to a third of a frame. */
function isExactClock(anchors: readonly Anchor[], count: number, fps: number): boolean {
  const [first, ...others] = anchors;
  return others.every(({ timestampUs, frame }) => {
    const ahead = ((timestampUs - first!.timestampUs) * fps) / 1e6 - (frame - first!.frame);
    const turns = Math.round(ahead / count);
    return Math.abs(ahead - turns * count) < 1 / 3;
  });
}
