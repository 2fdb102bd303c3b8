import { expect, test } from 'vitest';
import { chooseEngine, type GpuReach } from './choose-engine.ts';

function reachOf(adapter: { isFallbackAdapter: boolean } | null, promiseIntegration = true): GpuReach {
  return { gpu: { requestAdapter: () => Promise.resolve(adapter && ({ info: adapter } as GPUAdapter)) }, promiseIntegration };
}

const HARDWARE = { isFallbackAdapter: false };
const SOFTWARE = { isFallbackAdapter: true };

test('engines that need no GPU are what they are', async () => {
  const reach: GpuReach = { gpu: { requestAdapter: () => Promise.reject(new Error('asked for nothing')) }, promiseIntegration: true };
  expect(await chooseEngine('onnx', reach)).toBe('onnx');
  expect(await chooseEngine('mediapipe', reach)).toBe('mediapipe');
});

test('auto takes a GPU that is there, and no adapter in software', async () => {
  expect(await chooseEngine('auto', reachOf(HARDWARE))).toBe('onnx-webgpu');
  expect(await chooseEngine('auto', reachOf(SOFTWARE))).toBe('onnx');
});

test.each([
  ['WebGPU', { gpu: undefined, promiseIntegration: true }],
  ['WebGPU adapter', reachOf(null)],
  ['WebAssembly JavaScript Promise Integration', reachOf(HARDWARE, false)],
] as const)('without %s: auto does without, onnx-webgpu is refused', async (missing, reach) => {
  expect(await chooseEngine('auto', reach)).toBe('onnx');
  await expect(chooseEngine('onnx-webgpu', reach)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', details: { missing } });
});

test('who asks for WebGPU gets it in software, too', async () => {
  expect(await chooseEngine('onnx-webgpu', reachOf(SOFTWARE))).toBe('onnx-webgpu');
});
