import { alignmentOf } from '../core/face-alignment.ts';
import { CROP_SIDE, type CropOrigin, type FaceCrop } from '../core/face-crop.ts';
import { QUALITY_CHECKS, type QualityCheck, type QualityFault, type QualityReport } from '../core/features-protocol.ts';
import { mapPoint } from '../core/orientation.ts';
import { lightOf } from './crop-light.ts';
import { poseOf } from './face-pose.ts';

/** What is asked of a face before it is compared; chosen by measuring, see docs/decisions/0007-face-features.md. */
export const QUALITY_LIMITS = {
  others: 0,
  confidence: 0.8,
  sidePx: 48,
  /** Of the chip that has to lie in the picture. */
  inFrame: 0.9,
  yawDeg: 28,
  pitchDeg: 30,
  rollDeg: 40,
  darkestLevel: 40,
  brightestLevel: 220,
  contrastLevel: 12,
  sharpness: 0.05,
} as const;

/** Grid over the chip, points a side, for the share in the picture. */
const GRID = 12;

/** Null: the check has no fault. */
type Check = (crop: FaceCrop) => Omit<QualityFault, 'check'> | null;

/**
 * Judges an aligned face before any vector is made of it. Borrows the crop. Faults come in the order of `QUALITY_CHECKS`, each
 * with the value and the bound it missed, for guiding the person.
 * @param asked.chosen each face of the picture is meant (an album): others in it are no fault.
 */
export function judgeQuality(crop: FaceCrop, { chosen = false }: { readonly chosen?: boolean } = {}): QualityReport {
  const asked = QUALITY_CHECKS.filter((check) => !(chosen && check === 'one-face'));
  const faults = asked.flatMap((check) => {
    const fault = CHECKS[check](crop);
    return fault === null ? [] : [{ check, ...fault }];
  });
  return { passed: faults.length === 0, faults };
}

const CHECKS: Readonly<Record<QualityCheck, Check>> = {
  'one-face': ({ face }) => atMost(face.others, QUALITY_LIMITS.others, 'count'),
  confidence: ({ face }) => atLeast(face.confidence, QUALITY_LIMITS.confidence, 'share'),
  size: ({ face }) => atLeast(face.sidePx, QUALITY_LIMITS.sidePx, 'px'),
  frame: ({ face }) => atLeast(shareInPicture(face), QUALITY_LIMITS.inFrame, 'share'),
  yaw: ({ face }) => atMost(Math.abs(poseOf(face.keypoints)?.yawDeg ?? 180), QUALITY_LIMITS.yawDeg, 'degrees'),
  pitch: ({ face }) => atMost(Math.abs(poseOf(face.keypoints)?.pitchDeg ?? 180), QUALITY_LIMITS.pitchDeg, 'degrees'),
  roll: ({ face }) => atMost(Math.abs(poseOf(face.keypoints)?.rollDeg ?? 180), QUALITY_LIMITS.rollDeg, 'degrees'),
  exposure: ({ rgb }) => {
    const { meanLevel } = lightOf(rgb);
    return atLeast(meanLevel, QUALITY_LIMITS.darkestLevel, 'level') ?? atMost(meanLevel, QUALITY_LIMITS.brightestLevel, 'level');
  },
  contrast: ({ rgb }) => atLeast(lightOf(rgb).contrastLevel, QUALITY_LIMITS.contrastLevel, 'level'),
  sharpness: ({ rgb }) => atLeast(lightOf(rgb).sharpness, QUALITY_LIMITS.sharpness, 'share'),
};

/** A value that is no number misses every bound. */
function atLeast(value: number, limit: number, unit: QualityFault['unit']): Omit<QualityFault, 'check'> | null {
  return value >= limit ? null : { value, limit, unit, wanted: 'more' };
}

function atMost(value: number, limit: number, unit: QualityFault['unit']): Omit<QualityFault, 'check'> | null {
  return value <= limit ? null : { value, limit, unit, wanted: 'less' };
}

function shareInPicture({ keypoints, display }: CropOrigin): number {
  const chipToDisplay = alignmentOf(keypoints);
  if (chipToDisplay === null) return 0;
  let inside = 0;
  for (let i = 0; i < GRID * GRID; i++) {
    const chip = { x: (((i % GRID) + 0.5) / GRID) * CROP_SIDE, y: ((Math.floor(i / GRID) + 0.5) / GRID) * CROP_SIDE };
    const { x, y } = mapPoint(chipToDisplay, chip);
    if (x >= 0 && y >= 0 && x < display.width && y < display.height) inside++;
  }
  return inside / (GRID * GRID);
}
