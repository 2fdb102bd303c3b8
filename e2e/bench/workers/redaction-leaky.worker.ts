/**
 * A worker that does what must never happen, to show that the soak run notices. `?leak=forget` loses sight of a frame
 * without closing it, `?leak=keep` holds every one.
 */
import { createFakeDetector } from '../../../src/video/detection/fake-detector.ts';
import { exposeRedactionWorker } from '../../../src/video/redaction-worker.ts';
import { createCompositorSet, type CompositorSet } from '../../../src/video/redaction/choose-compositor.ts';

const kept: VideoFrame[] = [];
const leaks: Readonly<Record<string, (frame: VideoFrame) => void>> = {
  forget: (frame) => void new VideoFrame(frame, { timestamp: frame.timestamp }),
  keep: (frame) => void kept.push(frame.clone()),
};
const leak = leaks[new URLSearchParams(location.search).get('leak') ?? ''];
if (leak === undefined) throw new Error(`leak must be one of ${Object.keys(leaks).join(', ')}`);

exposeRedactionWorker({
  createDetector: () => Promise.resolve(createFakeDetector({ answer: ({ isSelfTest }) => (isSelfTest ? null : { kind: 'faces', boxes: [{ x: 200, y: 150, width: 100, height: 120 }] }) })),
  createCompositors: ({ compositor }) => leaking(createCompositorSet(compositor), leak),
});

function leaking(set: CompositorSet, spoil: (frame: VideoFrame) => void): CompositorSet {
  return {
    compositorFor(kind) {
      const inner = set.compositorFor(kind);
      return {
        kind: inner.kind,
        async compose(view, plan, style) {
          const frame = await inner.compose(view, plan, style);
          spoil(frame);
          return frame;
        },
        close: () => {
          inner.close();
        },
      };
    },
    close: () => {
      set.close();
    },
  };
}
