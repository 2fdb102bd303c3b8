import { expect, test } from 'vitest';
import type { FaceReport } from './protocol.ts';
import { trackAt } from './track-at.ts';

const face = (trackId: number, x: number, y: number, width = 100, height = 120): FaceReport => ({ trackId, state: 'confirmed', box: { x, y, width, height } });
const faces = [face(7, 100, 100), face(9, 180, 100)];

test.each([
  [120, 150, 7],
  [270, 150, 9],
  // Where both cover, the nearer middle counts.
  [185, 150, 7],
  [195, 150, 9],
  [50, 150, null],
  [120, 90, null],
  [NaN, 150, null],
])('a tap at %d, %d is on track %s', (x, y, trackId) => {
  expect(trackAt({ faces, whole: null }, x, y)).toBe(trackId);
});

test('a picture that is covered whole shows nobody to be tapped', () => {
  expect(trackAt({ faces, whole: 'starting' }, 120, 150)).toBeNull();
});
