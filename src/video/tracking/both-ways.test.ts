import { describe, expect, test } from 'vitest';
import type { Detection } from '../../core/faces.ts';
import { containment, type Box } from '../../core/geometry.ts';
import { coverBothWays } from './both-ways.ts';
import { createFaceTracker, type TrackerInput } from './face-tracker.ts';

const DISPLAY = { width: 640, height: 360 };
const SETTINGS = { holdMs: 1000, margin: 1 };
const STEP_US = 33_333;
const WHOLE = [{ model: 'short', window: { x: 0, y: 0, ...DISPLAY } }];

/** A face that moves to the right by 4 px a frame. */
const boxAt = (frame: number): Box => ({ x: 20 + 4 * frame, y: 120, width: 60, height: 80 });
const seen = (frame: number): Detection => ({ box: boxAt(frame), confidence: 0.9, keypoints: [], model: 'short' });

function inputsOf(count: number, isSeen: (frame: number) => boolean, extra: (frame: number) => Partial<TrackerInput> = () => ({})): TrackerInput[] {
  return Array.from({ length: count }, (_, frame) => ({ detections: isSeen(frame) ? [seen(frame)] : [], searched: WHOLE, timestampUs: frame * STEP_US, display: DISPLAY, ...extra(frame) }));
}

async function both(inputs: readonly TrackerInput[]) {
  const tracker = createFaceTracker(SETTINGS);
  const forward = inputs.map((input) => tracker.update(input));
  return { forward, tracks: await coverBothWays(inputs, forward, SETTINGS) };
}

const isCovered = (tracks: readonly { readonly box: Box; readonly uncertaintyPx: number }[], face: Box): boolean =>
  tracks.some(({ box: { x, y, width, height }, uncertaintyPx: u }) => containment(face, { x: x - u, y: y - u, width: width + 2 * u, height: height + 2 * u }) > 0.9);

describe('covering both ways', () => {
  test('a face is covered in the frames before it was first detected, where it came from', async () => {
    const { forward, tracks } = await both(inputsOf(60, (frame) => frame >= 20));
    for (let frame = 8; frame < 20; frame += 1) {
      expect(isCovered(forward[frame]!, boxAt(frame)), `forwards, frame ${frame}`).toBe(false);
      expect(isCovered(tracks[frame]!, boxAt(frame)), `both ways, frame ${frame}`).toBe(true);
    }
  });

  test('a gap between two sightings is covered from both of its ends', async () => {
    const { tracks } = await both(inputsOf(90, (frame) => frame < 20 || frame >= 45));
    for (let frame = 0; frame < 60; frame += 1) expect(isCovered(tracks[frame]!, boxAt(frame)), `frame ${frame}`).toBe(true);
  });

  test('nothing that forwards was covered is lost, and a face followed all the way has no second cover', async () => {
    const { forward, tracks } = await both(inputsOf(60, () => true));
    tracks.forEach((list, frame) => {
      expect(list.slice(0, forward[frame]!.length)).toEqual(forward[frame]);
    });
    expect(tracks.slice(5, 55).filter(({ length }) => length > 1).length).toBeLessThan(10);
  });

  test('ids of the two directions never meet', async () => {
    const { tracks } = await both(inputsOf(40, (frame) => frame > 10 && frame < 30));
    for (const list of tracks) expect(new Set(list.map(({ trackId }) => trackId)).size).toBe(list.length);
  });

  test('before a cut no face of the new scene stays covered for longer than a moment', async () => {
    const { tracks } = await both(inputsOf(60, (frame) => frame >= 30, (frame) => ({ cut: frame === 30 })));
    expect(tracks[20]).toEqual([]);
    expect(isCovered(tracks[30]!, boxAt(30))).toBe(true);
  });

  test('no frame, no track', async () => {
    expect(await coverBothWays([], [], SETTINGS)).toEqual([]);
  });
});
