import { alignmentOf } from '../core/face-alignment.ts';
import { CROP_SIDE, type CropOrigin, type FaceCrop } from '../core/face-crop.ts';
import { QUALITY_CHECKS, type QualityCheck, type QualityFault, type QualityReport } from '../core/features-protocol.ts';
import { mapPoint } from '../core/orientation.ts';
import { lightOf, type CropLight } from './crop-light.ts';
import { poseOf, type FacePose } from './face-pose.ts';

/** What is asked of a face before it is compared; chosen by measuring, see docs/decisions/0007-face-features.md. */
export const QUALITY_LIMITS = {
  others: 0,
  confidence: 0.8,
  sidePx: 40,
  /** Of the face, brows to chin, that has to lie in the picture. */
  inFrame: 0.98,
  yawDeg: 28,
  pitchDeg: 30,
  rollDeg: 40,
  darkestLevel: 40,
  brightestLevel: 220,
  contrastLevel: 10,
  sharpness: 0.15,
} as const;

/** Where the face itself lies in the chip, pixels from each side, and the grid over it, points a side. */
const FACE_INSET = 20;
const GRID = 12;

/** What the checks go by. */
interface Measured {
  readonly face: CropOrigin;
  readonly light: CropLight;
  readonly pose: FacePose;
}

/** Null: the check has no fault. */
type Check = (measured: Measured) => Omit<QualityFault, 'check'> | null;

/** A head without points to tell by is turned away as far as can be. */
const NO_POSE: FacePose = { yawDeg: 180, pitchDeg: 180, rollDeg: 180 };

/**
 * Judges an aligned face before any vector is made of it. Borrows the crop. Faults come in the order of `QUALITY_CHECKS`, each
 * with the value and the bound it missed, for guiding the person.
 * @param asked.chosen each face of the picture is meant (an album): others in it are no fault.
 */
export function judgeQuality(crop: FaceCrop, { chosen = false }: { readonly chosen?: boolean } = {}): QualityReport {
  const measured: Measured = { face: crop.face, light: lightOf(crop.rgb), pose: poseOf(crop.face.keypoints) ?? NO_POSE };
  const asked = QUALITY_CHECKS.filter((check) => !(chosen && check === 'one-face'));
  const faults = asked.flatMap((check) => {
    const fault = CHECKS[check](measured);
    return fault === null ? [] : [{ check, ...fault }];
  });
  return { passed: faults.length === 0, faults };
}

const CHECKS: Readonly<Record<QualityCheck, Check>> = {
  'one-face': ({ face }) => atMost(face.others, QUALITY_LIMITS.others, 'count'),
  confidence: ({ face }) => atLeast(face.confidence, QUALITY_LIMITS.confidence, 'share'),
  size: ({ face }) => atLeast(face.sidePx, QUALITY_LIMITS.sidePx, 'px'),
  frame: ({ face }) => atLeast(shareInPicture(face), QUALITY_LIMITS.inFrame, 'share'),
  yaw: ({ pose }) => atMost(Math.abs(pose.yawDeg), QUALITY_LIMITS.yawDeg, 'degrees'),
  pitch: ({ pose }) => atMost(Math.abs(pose.pitchDeg), QUALITY_LIMITS.pitchDeg, 'degrees'),
  roll: ({ pose }) => atMost(Math.abs(pose.rollDeg), QUALITY_LIMITS.rollDeg, 'degrees'),
  exposure: ({ light: { meanLevel } }) => atLeast(meanLevel, QUALITY_LIMITS.darkestLevel, 'level') ?? atMost(meanLevel, QUALITY_LIMITS.brightestLevel, 'level'),
  contrast: ({ light }) => atLeast(light.contrastLevel, QUALITY_LIMITS.contrastLevel, 'level'),
  sharpness: ({ light }) => atLeast(light.sharpness, QUALITY_LIMITS.sharpness, 'share'),
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
    const chip = { x: onGrid(i % GRID), y: onGrid(Math.floor(i / GRID)) };
    const { x, y } = mapPoint(chipToDisplay, chip);
    if (x >= 0 && y >= 0 && x < display.width && y < display.height) inside++;
  }
  return inside / (GRID * GRID);
}

function onGrid(step: number): number {
  return FACE_INSET + ((step + 0.5) / GRID) * (CROP_SIDE - 2 * FACE_INSET);
}
