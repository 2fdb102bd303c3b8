/**
 * The `Content-Security-Policy` that the worker scripts of this library have to be served with. A page's own policy does
 * not bind a worker that is loaded from a URL; the header of the script's response does (CSP Level 3, section 4.2.3).
 *
 * - `default-src 'none'`: no fetch, no socket, no import, to any host.
 * - `script-src 'wasm-unsafe-eval'`: WebAssembly may be compiled; no script may be loaded or evaluated.
 * - `connect-src blob:`: objects in memory only, which MediaPipe's runtime reads its model from.
 *
 * The worker needs nothing else: the page fetches models and runtimes, checks their SHA-256 and transfers the bytes.
 */
export const WORKER_CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src blob:";

/**
 * The same for the one script whose runtime computes on several threads: they are workers of that very script. All of them carry
 * this policy and shut their network like the others (docs/decisions/0007-face-features.md).
 */
export const THREADED_WORKER_CONTENT_SECURITY_POLICY = `${WORKER_CONTENT_SECURITY_POLICY}; worker-src 'self'`;

const WORKER_SCRIPT = /^(?:redaction-[a-z0-9]+|recording|unmask|features(?:-(?<variant>[a-z0-9]+))?)\.worker(?:[-.][\w-]+)?\.js$/;

/**
 * The policy that a file has to be served with; null for one that is no worker script of this library.
 * @param fileName last segment of a path, without query; as published or with the hash that a bundler adds.
 */
export function workerPolicyOf(fileName: string): string | null {
  const match = WORKER_SCRIPT.exec(fileName);
  if (match === null) return null;
  return match.groups?.['variant'] === 'threads' ? THREADED_WORKER_CONTENT_SECURITY_POLICY : WORKER_CONTENT_SECURITY_POLICY;
}
