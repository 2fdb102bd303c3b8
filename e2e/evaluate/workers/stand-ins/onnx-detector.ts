/** Stands in for the module of this name: the real detector, whose looks take the time of the clock. */
import type { FaceDetector } from '../../../../src/video/detection/face-detector.ts';
import { createOnnxDetector as createReal, type OnnxDetectorOptions } from '../../../../src/video/detection/onnx-detector.ts';
import { installClock, spend } from '../clock.ts';
import { worsening } from '../orders.ts';

export type { OnnxDetectorOptions };

installClock();

export async function createOnnxDetector(options: OnnxDetectorOptions): Promise<FaceDetector> {
  const real = await createReal(options);
  return {
    ...real,
    looksFor(display, effort) {
      const looks = real.looksFor(display, effort);
      return worsening === 'no-back' ? looks.filter(({ model }) => model !== 'back') : looks;
    },
    async detect(pixels, look) {
      const found = await real.detect(pixels, look);
      spend(look);
      return found;
    },
  };
}
