import { describe, expect, it } from 'vitest';
import { areModelsReady, readReadyFile } from '../video/detection/ready-files.contract.ts';
import { openGpuDevice } from '../video/gpu-device.ts';
import { testEmbedder } from './embedder.contract.ts';
import { drawnCrop } from './embedder-self-test.ts';
import { distanceBetween } from './distance.ts';
import { createOnnxWebGpuEmbedder } from './onnx-webgpu-embedder.ts';

const FILES = ['ort-wasm-simd-threaded.jspi.wasm', 'face-resnet.onnx'];
const now = () => performance.now();

async function make(device: GPUDevice | null, use: 'always' | 'if-faster') {
  const [runtimeWasm, model] = await Promise.all(FILES.map(readReadyFile));
  return createOnnxWebGpuEmbedder({ runtimeWasm: runtimeWasm!, model: model!, device, use, now });
}

const isPatient = import.meta.env['BAUTA_SLOW_TESTS'] === '1';
const isReady = (await openGpuDevice()) !== null && (await areModelsReady(FILES));

describe.skipIf(!isReady)('ONNX Runtime Web on WebGPU (needs models/ready and an adapter, which the test project `webgpu` has in software)', () => {
  if (isPatient) testEmbedder('ONNX Runtime Web on WebGPU', async () => make(await openGpuDevice(), 'always'));
  else it.skip('answers the contract suite (set BAUTA_SLOW_TESTS=1)', () => undefined);

  // In software a vector takes seconds.
  it.skipIf(!isPatient)('gives on the GPU what it gives on WebAssembly, and goes on there when the device is lost (set BAUTA_SLOW_TESTS=1)', { timeout: 120_000 }, async () => {
    const device = (await openGpuDevice())!;
    const embedder = await make(device, 'always');
    expect(embedder.engine).toBe('webgpu');
    const [onGpu] = await embedder.embed([drawnCrop(false)]);
    device.destroy();
    const [after] = await embedder.embed([drawnCrop(false)]);
    expect(embedder.engine).toBe('wasm');
    expect(distanceBetween(onGpu!, after!)).toBeLessThan(0.001);
    embedder.close();
  });

  it('stays on WebAssembly where there is no GPU, and where it is not faster (that with BAUTA_SLOW_TESTS=1)', { timeout: 120_000 }, async () => {
    for (const device of isPatient ? [null, await openGpuDevice()] : [null]) {
      const embedder = await make(device, 'if-faster');
      expect(embedder.engine).toBe('wasm');
      expect(await embedder.embed([drawnCrop(false)])).toHaveLength(1);
      embedder.close();
    }
  });

  it('does not pretend: without a device, `always` is refused', async () => {
    await expect(make(null, 'always')).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
  });
});
