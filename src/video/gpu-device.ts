/** Limits that detection wants as high as the adapter has them: those that ONNX Runtime asks for, and the size of pictures. */
const WANTED_LIMITS = [
  'maxTextureDimension2D',
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
] as const satisfies readonly (keyof GPUSupportedLimits)[];
const WANTED_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups'];

/** The GPU of this worker for detection and compositing; null where there is none. The caller owns it. */
export async function openGpuDevice(): Promise<GPUDevice | null> {
  const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
  if (adapter === null) return null;
  const { limits, features } = adapter;
  return adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((feature) => features.has(feature)),
    requiredLimits: Object.fromEntries(WANTED_LIMITS.map((name) => [name, limits[name]])),
  });
}
