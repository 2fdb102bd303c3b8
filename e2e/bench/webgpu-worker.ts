/** Times what the WebGPU worker would choose between. In: the files of the engine. Out: milliseconds, by name. */
import * as jspi from 'onnxruntime-web/jspi';
import type { RedactionMethod, RedactionPlan } from '../../src/core/redaction.ts';
import type { FaceDetector } from '../../src/video/detection/face-detector.ts';
import { startRuntime } from '../../src/inference/onnx-runtime.ts';
import { loadOnnxFamily } from '../../src/video/detection/onnx-family.ts';
import { createSelfTest } from '../../src/video/detection/self-test.ts';
import { createFrameSampler } from '../../src/video/frame/frame-sampler.ts';
import { createGpuFrameSampler } from '../../src/video/frame/gpu-frame-sampler.ts';
import { readFrame } from '../../src/video/frame/read-frame.ts';
import { openGpuDevice } from '../../src/video/gpu-device.ts';
import { createCompositorSet } from '../../src/video/redaction/choose-compositor.ts';
import { createWebGpuCompositor } from '../../src/video/redaction/webgpu/webgpu-compositor.ts';

const SIZE = { width: 1280, height: 720 };
const INFO = { timestampUs: 0, durationUs: null, display: SIZE };
const PLAN: RedactionPlan = { kind: 'regions', regions: [150, 400, 650].map((x, trackId) => ({ trackId, box: { x, y: 200, width: 140, height: 180 } })) };

const times: Record<string, number[]> = {};

async function time(name: string, runs: number, run: () => Promise<unknown>): Promise<void> {
  const taken: number[] = [];
  // The first is told apart: it compiles.
  for (let i = 0; i <= runs; i++) {
    const startMs = performance.now();
    await run();
    taken.push(performance.now() - startMs);
  }
  times[name] = taken;
}

function frameOf(): VideoFrame {
  return new VideoFrame(new Uint8Array((SIZE.width * SIZE.height * 3) / 2).fill(128), { format: 'I420', codedWidth: SIZE.width, codedHeight: SIZE.height, timestamp: 0 });
}

async function timeDetector(name: string, runs: number, detector: FaceDetector): Promise<void> {
  const { looks, pixels } = createSelfTest(detector);
  for (const look of looks) await time(`${look.model} by ${name}`, runs, () => detector.detect(pixels, look));
  detector.close();
}

async function timeCompositors(device: GPUDevice, runs: number): Promise<void> {
  const gpu = await createWebGpuCompositor(device);
  const [onGpu, onCanvas, others] = [await createGpuFrameSampler(device), createFrameSampler(), createCompositorSet('auto')];
  const style = (method: RedactionMethod) => ({ method, strength: 0.5 });
  for (const wanted of ['planes', 'opaque'] as const) {
    await time(`read and cover by ${others.compositorFor(wanted).kind}`, 5 * runs, async () => {
      (await others.compositorFor(wanted).compose(await readFrame(frameOf(), onCanvas, wanted), PLAN, style('frost'))).close();
    });
  }
  await time('read and cover by webgpu', runs, async () => {
    (await gpu.compose(await readFrame(frameOf(), onGpu, 'opaque'), PLAN, style('frost'))).close();
    await device.queue.onSubmittedWorkDone();
  });
  const sample = await onCanvas.sample(frameOf());
  await time('  of it the sample', runs, async () => {
    const frame = frameOf();
    await onGpu.sample(frame);
    frame.close();
  });
  for (const method of ['frost', 'solid'] as const) {
    await time(`  of it the cover, ${method}`, runs, async () => {
      (await gpu.compose({ kind: 'opaque', info: INFO, frame: frameOf(), sample }, PLAN, style(method))).close();
      await device.queue.onSubmittedWorkDone();
    });
  }
}

globalThis.addEventListener('message', ({ data: [runs, runtimeWasm, short, full, back] }: MessageEvent<[number, ArrayBuffer, ArrayBuffer, ArrayBuffer, ArrayBuffer]>) => {
  void (async () => {
    const device = await openGpuDevice();
    if (device === null) throw new Error('there is no WebGPU adapter');
    startRuntime(jspi, runtimeWasm);
    const options = { models: { short, full, back }, threshold: 0.3 };
    await timeCompositors(device, runs);
    await timeDetector('wasm', 5 * runs, await loadOnnxFamily('onnx', { runtime: jspi, providers: ['wasm'] }, options));
    await timeDetector('webgpu', runs, await loadOnnxFamily('onnx-webgpu', { runtime: jspi, providers: [{ name: 'webgpu', device }] }, options));
    const { vendor, architecture, isFallbackAdapter } = device.adapterInfo;
    return { adapter: `${vendor} ${architecture}${isFallbackAdapter ? ' (software)' : ''}`, times };
  })().then(answer, (error: unknown) => {
    answer({ error: String(error) });
  });
});

function answer(message: unknown): void {
  (globalThis as unknown as { postMessage(message: unknown): void }).postMessage(message);
}
