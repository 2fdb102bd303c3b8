import * as ort from 'onnxruntime-web/jspi';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../../core/faces.ts';
import { openGpuDevice } from '../gpu-device.ts';
import { CONTRACT_THRESHOLD, testFaceDetector } from './face-detector.contract.ts';
import type { FaceDetector, Look } from './face-detector.ts';
import { startRuntime } from '../../inference/onnx-runtime.ts';
import { loadOnnxFamily, type OnnxDetectorOptions } from './onnx-family.ts';
import { createOnnxWebGpuDetector } from './onnx-webgpu-detector.ts';
import { areModelsReady, readReadyFile } from './ready-files.contract.ts';
import { createSelfTest } from './self-test.ts';

const FILES = ['ort-wasm-simd-threaded.jspi.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'];
const now = () => performance.now();

async function readOptions(): Promise<OnnxDetectorOptions> {
  const [runtimeWasm, short, full, back] = await Promise.all(FILES.map(readReadyFile));
  return { runtimeWasm: runtimeWasm!, models: { short: short!, full: full!, back: back! }, threshold: CONTRACT_THRESHOLD };
}

async function make(device: GPUDevice | null, use: 'always' | 'if-faster' = 'always'): Promise<FaceDetector> {
  return createOnnxWebGpuDetector({ ...(await readOptions()), device, use, now });
}

/** In software the larger models take seconds a look: the suite goes by the smallest, and the test after it by all. */
async function makeShort(): Promise<FaceDetector> {
  const [options, device] = await Promise.all([readOptions(), openGpuDevice()]);
  startRuntime(ort, options.runtimeWasm);
  const detector = await loadOnnxFamily('onnx-webgpu', { runtime: ort, providers: [{ name: 'webgpu', device: device! }] }, options);
  const kept = new Map<readonly Look[], readonly Look[]>();
  return {
    ...detector,
    looksFor(display, effort) {
      const all = detector.looksFor(display, effort);
      if (!kept.has(all)) kept.set(all, all.filter(({ model }) => model === 'short'));
      return kept.get(all)!;
    },
  };
}

const isPatient = import.meta.env['BAUTA_SLOW_TESTS'] === '1';
const isReady = (await openGpuDevice()) !== null && (await areModelsReady(FILES));

describe.skipIf(!isReady)('ONNX Runtime Web on WebGPU (needs models/ready and an adapter, which the test project `webgpu` has in software)', () => {
  // In software each look takes a second: half a minute for the suite, and as much for the test after it.
  if (isPatient) testFaceDetector('ONNX Runtime Web on WebGPU', makeShort, false);
  else it.skip('answers the contract suite (set BAUTA_SLOW_TESTS=1)', () => undefined);

  it.skipIf(!isPatient)('sees what it sees on WebAssembly, with every model, and goes on there when the device is lost (set BAUTA_SLOW_TESTS=1)', async () => {
    const device = (await openGpuDevice())!;
    const detector = await make(device);
    expect(detector.engine).toBe('onnx-webgpu');
    const { looks, pixels } = createSelfTest(detector);
    const onGpu: Detection[][] = [];
    for (const look of looks) onGpu.push(await detector.detect(pixels, look));
    const meanwhile = detector.detect(pixels, looks[0]!);
    device.destroy();
    await meanwhile.catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'ERR_DETECTOR_FAILED' });
    });
    expect(detector.engine).toBe('onnx');
    for (const [i, look] of looks.entries()) {
      const onWasm = await detector.detect(pixels, look);
      expect(onWasm.length).toBe(onGpu[i]!.length);
      onWasm.forEach(({ box, confidence }, n) => {
        const twin = onGpu[i]![n]!;
        expect(Math.abs(twin.confidence - confidence)).toBeLessThan(0.01);
        for (const side of ['x', 'y', 'width', 'height'] as const) expect(Math.abs(twin.box[side] - box[side])).toBeLessThan(0.5);
      });
    }
    detector.close();
  }, 120_000);

  it('without a device: refused where it was asked for, else WebAssembly', async () => {
    await expect(make(null)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    const detector = await make(null, 'if-faster');
    expect(detector.engine).toBe('onnx');
    detector.close();
  });
});
