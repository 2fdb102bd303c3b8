/**
 * The redaction worker with parts that can be told to fail. It is made for the tests and not shipped.
 *
 * Its orders are in its name, as a query string:
 * - `detector=onnx` (default): the real one; `fake`: finds the self-test face and nothing else.
 * - `fault=NAME`: see `faults.ts`. With `armed=1` from the start, else from the message `{ fault: 'now' }` on.
 * The message `{ attempt, url }` makes it try a way to the network, see `attempts.ts`.
 */
import { fileOf } from '../../../src/threads/answer.ts';
import { createFakeDetector } from '../../../src/video/detection/fake-detector.ts';
import type { FaceDetector } from '../../../src/video/detection/face-detector.ts';
import { createOnnxDetector } from '../../../src/video/detection/onnx-detector.ts';
import { exposeRedactionWorker } from '../../../src/video/redaction-worker.ts';
import { createCompositorSet } from '../../../src/video/redaction/choose-compositor.ts';
import { attempt } from './attempts.ts';
import { faultyCompositors, faultyDetector, type Fault, type Trigger } from './faults.ts';

const orders = new URLSearchParams(self.name);
const fault = (orders.get('fault') ?? 'none') as Fault;
const trigger: Trigger = { armed: orders.get('armed') === '1' };

globalThis.addEventListener('message', ({ data }: MessageEvent<{ fault?: string; attempt?: string; url?: string } | null>) => {
  if (data?.fault === 'now') {
    trigger.armed = true;
    if (fault === 'dies') globalThis.close();
  } else if (data?.attempt !== undefined) {
    void attempt(data.attempt, data.url ?? '').then((outcome) => {
      // The page's own postMessage: a worker's global one goes to the page.
      (globalThis as unknown as { postMessage(message: unknown): void }).postMessage({ attempted: data.attempt, outcome });
    });
  }
});

async function createDetector(assets: ReadonlyMap<string, ArrayBuffer>, { threshold }: { readonly threshold: number }): Promise<FaceDetector> {
  if (orders.get('detector') === 'fake') return createFakeDetector({ answer: () => null });
  return createOnnxDetector({
    runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.wasm'),
    models: {
      short: fileOf(assets, 'blazeface-short.onnx'),
      full: fileOf(assets, 'blazeface-full.onnx'),
      back: fileOf(assets, 'blazeface-back.onnx'),
    },
    threshold,
  });
}

exposeRedactionWorker({
  createDetector: async (assets, settings) => faultyDetector(await createDetector(assets, settings), fault, trigger),
  createCompositors: (settings) => faultyCompositors(createCompositorSet(settings.compositor), fault, trigger),
});
