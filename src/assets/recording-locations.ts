/** The worker that records; self-contained and served as it is, see `worker-csp.ts` for its headers. */
export function recordingWorkerUrl(): URL {
  return new URL('../workers/recording.worker.js', import.meta.url);
}

/** The worker that redacts video files. Its models and runtime are those of the engine `onnx`. */
export function fileWorkerUrl(): URL {
  return new URL('../workers/redaction-file.worker.js', import.meta.url);
}
