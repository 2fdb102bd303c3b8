import type { FaceTrack } from '../../core/faces.ts';
import { containment, type Box, type CameraMotion } from '../../core/geometry.ts';
import type { TrackingSettings } from '../../core/protocol.ts';
import { createFaceTracker, type TrackerInput } from './face-tracker.ts';

/** Ids of tracks found backwards in time; those found forwards stay below. */
const BACKWARD_IDS = 1_000_000_000;
/** A face that is covered so far by a track found forwards needs no second cover. */
const COVERED_SHARE = 0.999;
/** Then others get their turn: hours of video are hundreds of thousands of frames. */
const FRAMES_PER_TURN = 2000;

/**
 * Follows the faces of a whole video from its end to its start: where a face was first detected, time runs on into the frames before, with the
 * same hold, motion and doubt as after its last sighting. Only what the tracks found forwards do not cover already is added; nothing is taken away.
 * @param inputs all frames in order of time, as the tracker got them forwards; `forward`: what it answered.
 * @returns for each frame every face that has to be covered in it.
 */
export async function coverBothWays(inputs: readonly TrackerInput[], forward: readonly (readonly FaceTrack[])[], settings: TrackingSettings): Promise<(readonly FaceTrack[])[]> {
  const tracker = createFaceTracker(settings);
  const endUs = inputs.at(-1)?.timestampUs ?? 0;
  const tracks: (readonly FaceTrack[])[] = new Array<readonly FaceTrack[]>(inputs.length).fill([]);
  for (let i = inputs.length - 1; i >= 0; i -= 1) {
    if (i % FRAMES_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve));
    const input = inputs[i]!;
    // What lies between a frame and the one before it, forwards, lies between it and the next one, backwards.
    const after = inputs[i + 1];
    const found = tracker.update({
      ...input,
      timestampUs: endUs - input.timestampUs,
      cut: after?.cut ?? false,
      cameraMotion: inverse(after?.cameraMotion ?? null),
    });
    const known = forward[i] ?? [];
    tracks[i] = [...known, ...found.filter((track) => !known.some((other) => isCoveredBy(track, other))).map((track) => turned(track, endUs))];
  }
  return tracks;
}

function isCoveredBy(track: FaceTrack, other: FaceTrack): boolean {
  return containment(reachOf(track), reachOf(other)) >= COVERED_SHARE;
}

function reachOf({ box, uncertaintyPx }: FaceTrack): Box {
  return { x: box.x - uncertaintyPx, y: box.y - uncertaintyPx, width: box.width + 2 * uncertaintyPx, height: box.height + 2 * uncertaintyPx };
}

function turned(track: FaceTrack, endUs: number): FaceTrack {
  const { trackId, velocity, lastSeenUs } = track;
  return { ...track, trackId: BACKWARD_IDS + trackId, velocity: { x: -velocity.x, y: -velocity.y }, lastSeenUs: endUs - lastSeenUs };
}

function inverse(motion: CameraMotion | null): CameraMotion | null {
  if (motion === null || !(motion.scale > 0)) return null;
  return { scale: 1 / motion.scale, shift: { x: -motion.shift.x / motion.scale, y: -motion.shift.y / motion.scale } };
}
