import { quantiles } from './samples.mjs';

/**
 * One frame as the monitor saw it. `atMs`: when it arrived there; `marker`: the frame number in the picture, null when
 * unreadable.
 * @typedef {{ readonly timestampUs: number, readonly atMs: number, readonly marker: number | null }} SeenFrame
 * @typedef {{
 *   seconds: number, cameraFrames: number, outputFrames: number, droppedFrames: number, repeatedFrames: number,
 *   unexplainedFrames: number, cameraFps: number, outputFps: number, latenciesMs: number[],
 *   latencyMs: { p50: number | null, p95: number | null },
 * }} MatchedFrames
 *   `droppedFrames`: camera frames that never came out. `repeatedFrames`: further outputs of a camera frame that was out
 *   already. `unexplainedFrames`: outputs that belong to no camera frame seen; above zero means that the monitor itself
 *   missed frames or that markers were covered, and the counts are to be doubted.
 */

/** A marker comes round again with the clip; an older frame of that number is not the one. */
const MARKER_MEMORY_MS = 2500;
/** Chromium blurs the clock of each track by itself: the same camera frame differs by 100 microseconds between two clones. */
const SAME_FRAME_US = 2000;

/**
 * Pairs what came out with what the camera gave.
 * @param {object} seen
 * @param {readonly SeenFrame[]} seen.input frames of the camera, in order of arrival.
 * @param {readonly SeenFrame[]} seen.output frames of the output track, in order of arrival.
 * @param {number} seen.fromMs camera frames that arrived from then on
 * @param {number} seen.toMs and before then count; their outputs may come later.
 * @param {'timestamp' | 'marker'} by what a frame keeps on its way: its timestamp, or only the number in its picture.
 * @returns {MatchedFrames}
 */
export function matchFrames({ input, output, fromMs, toMs }, by) {
  const partner = by === 'timestamp' ? partnersByTimestamp(input) : partnersByMarker(input);
  /** @type {Map<SeenFrame, SeenFrame>} */
  const firstOut = new Map();
  let repeatedFrames = 0;
  let unexplainedFrames = 0;
  for (const frame of output) {
    const source = partner(frame);
    if (source === null) unexplainedFrames += frame.atMs >= fromMs && frame.atMs < toMs ? 1 : 0;
    else if (!firstOut.has(source)) firstOut.set(source, frame);
    else if (counts(source)) repeatedFrames += 1;
  }

  const camera = input.filter(counts);
  const latenciesMs = camera.flatMap((source) => {
    const out = firstOut.get(source);
    return out === undefined ? [] : [out.atMs - source.atMs];
  });
  const seconds = (toMs - fromMs) / 1000;
  return {
    seconds,
    cameraFrames: camera.length,
    outputFrames: latenciesMs.length,
    droppedFrames: camera.length - latenciesMs.length,
    repeatedFrames,
    unexplainedFrames,
    cameraFps: camera.length / seconds,
    outputFps: latenciesMs.length / seconds,
    latenciesMs,
    latencyMs: quantiles(latenciesMs),
  };

  /** @param {SeenFrame} frame */
  function counts({ atMs }) {
    return atMs >= fromMs && atMs < toMs;
  }
}

/** @param {readonly SeenFrame[]} input @returns {(output: SeenFrame) => SeenFrame | null} */
function partnersByTimestamp(input) {
  const sources = [...input].sort((a, b) => a.timestampUs - b.timestampUs);
  return ({ timestampUs }) => {
    const next = sources.findIndex((frame) => frame.timestampUs >= timestampUs);
    const near = next === -1 ? sources.slice(-1) : sources.slice(Math.max(0, next - 1), next + 1);
    const distance = (/** @type {SeenFrame} */ frame) => Math.abs(frame.timestampUs - timestampUs);
    const nearest = near.sort((a, b) => distance(a) - distance(b))[0];
    return nearest !== undefined && distance(nearest) <= SAME_FRAME_US ? nearest : null;
  };
}

/** @param {readonly SeenFrame[]} input @returns {(output: SeenFrame) => SeenFrame | null} */
function partnersByMarker(input) {
  return ({ marker, atMs }) => {
    if (marker === null) return null;
    return input.findLast((frame) => frame.marker === marker && frame.atMs <= atMs && atMs - frame.atMs < MARKER_MEMORY_MS) ?? null;
  };
}
