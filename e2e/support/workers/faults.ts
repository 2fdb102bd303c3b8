import type { Detection } from '../../../src/core/faces.ts';
import type { FrameView } from '../../../src/core/pixels.ts';
import type { RedactedFrame } from '../../../src/core/redacted.ts';
import type { FaceDetector } from '../../../src/video/detection/face-detector.ts';
import { pixelsToFrame } from '../../../src/video/frame/pixels-to-frame.ts';
import type { CompositorSet } from '../../../src/video/redaction/choose-compositor.ts';

/** What can go wrong in a test worker. `raw` and `raw-first` are what the privacy tests must catch. */
export type Fault =
  | 'none'
  | 'dies'
  | 'detector-throws'
  | 'detector-hangs'
  | 'detector-blind'
  | 'detector-not-finite'
  | 'detector-outside'
  | 'compositor-throws'
  | 'raw'
  | 'raw-first';

/** Whether the fault happens now. */
export interface Trigger {
  armed: boolean;
}

/** The detector, until the trigger is armed. */
export function faultyDetector(inner: FaceDetector, fault: Fault, trigger: Trigger): FaceDetector {
  return {
    engine: inner.engine,
    looksFor: (display, effort) => inner.looksFor(display, effort),
    async detect(pixels, look) {
      if (!trigger.armed) return inner.detect(pixels, look);
      const { width, height } = pixels.display;
      const claim = (x: number, y: number, w: number, h: number): Detection[] => [
        { box: { x, y, width: w, height: h }, confidence: 0.9, keypoints: [], model: look.model },
      ];
      switch (fault) {
        case 'detector-throws':
          throw new Error('the test detector was told to fail');
        case 'detector-hangs':
          return new Promise<never>(() => undefined);
        case 'detector-blind':
          return [];
        case 'detector-not-finite':
          return claim(Number.NaN, 0, Infinity, 10);
        case 'detector-outside':
          return [...claim(2 * width, -3 * height, width, height), ...(await inner.detect(pixels, look))];
        default:
          return inner.detect(pixels, look);
      }
    },
    close: () => {
      inner.close();
    },
  };
}

/** The compositors, until the trigger is armed. */
export function faultyCompositors(inner: CompositorSet, fault: Fault, trigger: Trigger): CompositorSet {
  let composed = 0;
  return {
    compositorFor(kind) {
      const compositor = inner.compositorFor(kind);
      return {
        kind: compositor.kind,
        async compose(view, plan, style) {
          composed += 1;
          if (trigger.armed && fault === 'compositor-throws') {
            if (view.kind === 'opaque') view.frame.close();
            throw new Error('the test compositor was told to fail');
          }
          if (fault === 'raw' || (fault === 'raw-first' && composed === 1)) return passRaw(view);
          return compositor.compose(view, plan, style);
        },
        close: () => {
          compositor.close();
        },
      };
    },
    close: () => {
      inner.close();
    },
  };
}

/** What no compositor may ever do: the proof that the tests would see it. */
function passRaw(view: FrameView): RedactedFrame {
  const frame = view.kind === 'planes' ? pixelsToFrame(view.pixels, view.info, view.colorSpace) : view.frame;
  // oxlint-disable-next-line bauta/mints-frames -- the one forged mark in the project: a leak made on purpose
  return frame as RedactedFrame;
}
