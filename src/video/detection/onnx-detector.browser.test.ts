import { describe, expect, it } from 'vitest';
import { CONTRACT_THRESHOLD, testFaceDetector } from './face-detector.contract.ts';
import { createOnnxDetector } from './onnx-detector.ts';
import { areModelsReady, readReadyFile } from './ready-files.contract.ts';

const FILES = ['ort-wasm-simd-threaded.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'];

async function readOptions() {
  const [runtimeWasm, short, full, back] = await Promise.all(FILES.map(readReadyFile));
  return { runtimeWasm: runtimeWasm!, models: { short: short!, full: full!, back: back! }, threshold: CONTRACT_THRESHOLD };
}

describe.skipIf(!(await areModelsReady(FILES)))('ONNX Runtime Web (needs models/ready, made by `node models/prepare/index.mjs`)', () => {
  testFaceDetector('ONNX Runtime Web', async () => createOnnxDetector(await readOptions()));

  it('tells its progress', async () => {
    const steps: string[] = [];
    const detector = await createOnnxDetector({ ...(await readOptions()), onProgress: (done, total) => steps.push(`${done}/${total}`) });
    detector.close();
    expect(steps).toEqual(['1/3', '2/3', '3/3']);
  });

  it('stops loading when told to', async () => {
    await expect(createOnnxDetector({ ...(await readOptions()), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    const controller = new AbortController();
    const loading = createOnnxDetector({ ...(await readOptions()), signal: controller.signal, onProgress: () => controller.abort() });
    await expect(loading).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });

  it('refuses a damaged model', async () => {
    const options = await readOptions();
    const damaged = options.models.back.slice(0, 1000);
    await expect(createOnnxDetector({ ...options, models: { ...options.models, back: damaged } })).rejects.toMatchObject({ code: 'ERR_DETECTOR_FAILED' });
  });

  it('asks no one for anything while it loads and looks', async () => {
    const options = await readOptions();
    performance.clearResourceTimings();
    const detector = await createOnnxDetector(options);
    detector.close();
    expect(performance.getEntriesByType('resource').map(({ name }) => name)).toEqual([]);
  });
});
