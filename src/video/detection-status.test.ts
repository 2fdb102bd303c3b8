import { expect, test } from 'vitest';
import { detectionStatusOf } from './detection-status.ts';
import type { DetectionReport } from './detection/face-finder.ts';
import { planRedaction } from './redaction/plan.ts';

const FOUND: DetectionReport = {
  detections: [],
  looks: [],
  oldestWholeLookAgeMs: 0,
  oldestTileLookAgeMs: 0,
  healthy: true,
  steady: true,
  sceneChanged: false,
  framesOfPicture: 1,
  cameraMotion: null,
  newBorder: [],
};

test('the first three frames of a picture are covered whole, whatever was found in them', () => {
  const planOf = (framesOfPicture: number): string => {
    const detection = detectionStatusOf({ ...FOUND, framesOfPicture });
    const plan = planRedaction({ tracks: [], tracksTrusted: true, detection, display: { width: 640, height: 360 }, policy: { maxAgeMs: 300, margin: 1.1 }, paused: false });
    return plan.kind === 'whole' ? plan.reason : plan.kind;
  };
  expect([0, 1, 2, 3, 4, 5, 6, 7, 1000].map(planOf)).toEqual([...Array<string>(4).fill('settling'), 'regions', 'regions', 'regions', 'regions', 'regions']);
  expect(planOf(NaN)).toBe('settling');
});
