import { describe, expect, it } from 'vitest';
import { CONTRACT_THRESHOLD, testFaceDetector } from './face-detector.contract.ts';
import { createMediaPipeDetector } from './mediapipe-detector.ts';
import { areModelsReady, readReadyFile } from './ready-files.contract.ts';

const FILES = ['vision_wasm_module_internal.wasm', 'blazeface-short.tflite', 'blazeface-full.tflite'];

async function readOptions() {
  const [runtimeWasm, short, full] = await Promise.all(FILES.map(readReadyFile));
  return { runtimeWasm: runtimeWasm!, models: { short: short!, full: full! }, threshold: CONTRACT_THRESHOLD };
}

describe.skipIf(!(await areModelsReady(FILES)))('MediaPipe Tasks (needs models/ready, made by `node models/prepare/index.mjs`)', () => {
  testFaceDetector('MediaPipe Tasks', async () => createMediaPipeDetector(await readOptions()));

  it('stops loading when told to', async () => {
    await expect(createMediaPipeDetector({ ...(await readOptions()), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });

  it('refuses a damaged runtime and a damaged model', async () => {
    const options = await readOptions();
    await expect(createMediaPipeDetector({ ...options, runtimeWasm: options.runtimeWasm.slice(0, 5000) })).rejects.toMatchObject({ code: 'ERR_DETECTOR_FAILED' });
    const damaged = options.models.full.slice(0, 1000);
    await expect(createMediaPipeDetector({ ...options, models: { ...options.models, full: damaged } })).rejects.toMatchObject({ code: 'ERR_DETECTOR_FAILED' });
  });

  it('asks no one for anything while it loads', async () => {
    const options = await readOptions();
    performance.clearResourceTimings();
    const detector = await createMediaPipeDetector(options);
    detector.close();
    expect(performance.getEntriesByType('resource').map(({ name }) => name)).toEqual([]);
  });
});
