import { FacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import type { Box } from '../../core/geometry.ts';
import type { PixelBuffer } from '../../core/pixels.ts';
import type { DetectorModel, FaceDetector, Look } from './face-detector.ts';
import { createLookList, SQUARE, type TileSet } from './looks.ts';
import { renderSelfTestFace } from './self-test-face.ts';

/** What the fake does in one call. `faces` with no boxes: it finds nothing. */
export type FakeAnswer =
  | { readonly kind: 'faces'; readonly boxes: readonly Box[]; readonly confidence?: number }
  | { readonly kind: 'not-finite' }
  | { readonly kind: 'outside' }
  | { readonly kind: 'throw' }
  | { readonly kind: 'hang' };

/** One call of `detect`. */
export interface FakeCall {
  readonly look: Look;
  readonly pixels: PixelBuffer;
  /** True when the picture is that of the self-test. */
  readonly isSelfTest: boolean;
}

/** What {@link createFakeDetector} needs. */
export interface FakeDetectorOptions {
  /** Answers each call; null: find the face of the self-test picture, and nothing elsewhere. */
  readonly answer: (call: FakeCall) => FakeAnswer | null;
  readonly models?: readonly DetectorModel[];
  /** Default: none. */
  readonly tiles?: readonly TileSet[];
}

/** A fake that remembers its calls and can let go of those that hang. */
export interface FakeDetector extends FaceDetector {
  readonly engine: 'fake';
  readonly calls: readonly FakeCall[];
  /** Lets every hanging call answer with nothing found. */
  release(): void;
}

const CONFIDENCE = 0.9;

/** A detector for tests of logic: behaves, and misbehaves, as told. */
export function createFakeDetector({ answer, models = ['short'], tiles = [] }: FakeDetectorOptions): FakeDetector {
  const face = renderSelfTestFace();
  const calls: FakeCall[] = [];
  const hanging: (() => void)[] = [];
  let closed = false;

  const isSelfTest = ({ width, height, format }: PixelBuffer): boolean => format === 'RGBX' && width === face.width && height === face.height;
  const toDetections = (boxes: readonly Box[], { model }: Look, confidence = CONFIDENCE): Detection[] => boxes.map((box) => ({ box, confidence, keypoints: [], model }));

  return {
    engine: 'fake',
    calls,
    looksFor: createLookList(models.map((model) => ({ model, shape: SQUARE })), tiles),
    async detect(pixels, look) {
      if (closed) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The detector is closed.');
      const call = { look, pixels, isSelfTest: isSelfTest(pixels) };
      calls.push(call);
      const given = answer(call) ?? { kind: 'faces', boxes: call.isSelfTest ? [face.box] : [] };
      switch (given.kind) {
        case 'faces':
          return toDetections(given.boxes, look, given.confidence);
        case 'not-finite':
          return toDetections([{ x: Number.NaN, y: 0, width: Infinity, height: 10 }], look);
        case 'outside': {
          const { width, height } = pixels.display;
          return toDetections([{ x: 2 * width, y: -3 * height, width, height }, { x: -10 * width, y: -10 * height, width: 30 * width, height: 30 * height }], look);
        }
        case 'throw':
          throw new Error('the fake detector was told to fail');
        case 'hang':
          await new Promise<void>((resolve) => hanging.push(resolve));
          return [];
      }
    },
    release() {
      for (const resolve of hanging.splice(0)) resolve();
    },
    close() {
      closed = true;
    },
  };
}
