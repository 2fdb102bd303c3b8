/** What tests that need an adapter are called, so that a skipped one says why. */
export const NEEDS_ADAPTER = 'WebGPU (skipped where the browser gives no adapter; the test project `webgpu` asks for one in software)';

/** A device for tests, or null. */
export async function openTestDevice(): Promise<GPUDevice | null> {
  const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
  return adapter === null ? null : adapter.requestDevice();
}
