import { FacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import { iou } from '../../core/geometry.ts';
import { planesOf, type PixelBuffer } from '../../core/pixels.ts';
import type { FaceDetector, Look } from './face-detector.ts';
import { renderSelfTestFace, type SelfTestFace } from './self-test-face.ts';

/** The found box must overlap the known one by this much (intersection over union). */
const LEAST_IOU = 0.5;
/** A working model is much surer of this face than of the faces it must report. */
const LEAST_CONFIDENCE = 0.5;

/** A picture with one face at a known place, and the question whether a model still finds it. */
export interface SelfTest {
  readonly pixels: PixelBuffer;
  /** One whole look per model of the detector. */
  readonly looks: readonly Look[];
  /** @throws FacePrivacyError ERR_SELF_TEST_FAILED when `found` does not hold the known face. */
  judge(look: Look, found: readonly Detection[]): void;
}

/** Draws the picture once; the test itself is run by the face finder. */
export function createSelfTest(detector: FaceDetector): SelfTest {
  const face = renderSelfTestFace();
  const pixels = toPixels(face);
  return {
    pixels,
    looks: detector.looksFor(pixels.display, 'live').filter(({ scope }) => scope === 'whole'),
    judge({ model }, found) {
      const seen = found.some(({ box, confidence }) => confidence >= LEAST_CONFIDENCE && iou(box, face.box) >= LEAST_IOU);
      if (seen) return;
      throw new FacePrivacyError('ERR_SELF_TEST_FAILED', `Model ${model} does not find the face of the self-test picture.`, {
        details: { model, found: found.length },
      });
    },
  };
}

function toPixels({ width, height, rgb }: SelfTestFace): PixelBuffer {
  const { planes, byteLength } = planesOf('RGBX', { width, height });
  const data = new Uint8Array(byteLength).fill(255);
  for (let i = 0, o = 0; i < rgb.length; i += 3, o += 4) data.set(rgb.subarray(i, i + 3), o);
  return {
    width,
    height,
    format: 'RGBX',
    data,
    planes,
    colour: { matrix: 'bt709', fullRange: true },
    orientation: { rotation: 0, flip: false },
    display: { width, height },
  };
}
