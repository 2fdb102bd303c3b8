/** The worker that judges, keeps and unmasks; self-contained and served as it is, see `worker-csp.ts` for its headers. */
export function unmaskWorkerUrl(): URL {
  return new URL('../workers/unmask.worker.js', import.meta.url);
}
