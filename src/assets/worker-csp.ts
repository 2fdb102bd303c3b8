/**
 * The `Content-Security-Policy` that every worker script of this library has to be served with. A page's own policy does
 * not bind a worker that is loaded from a URL; the header of the script's response does (CSP Level 3, section 4.2.3).
 *
 * - `default-src 'none'`: no fetch, no socket, no import, to any host.
 * - `script-src 'wasm-unsafe-eval'`: WebAssembly may be compiled; no script may be loaded or evaluated.
 * - `connect-src blob:`: objects in memory only, which MediaPipe's runtime reads its model from.
 *
 * The worker needs nothing else: the page fetches models and runtimes, checks their SHA-256 and transfers the bytes.
 */
export const WORKER_CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src blob:";

const WORKER_SCRIPT = /^(?:redaction-[a-z0-9]+|features(?:-[a-z0-9]+)?|recording)\.worker(?:[-.][\w-]+)?\.js$/;

/**
 * True for the file name of a worker script of this library, as published or with the hash that a bundler adds.
 * @param fileName last segment of a path, without query.
 */
export function isWorkerScript(fileName: string): boolean {
  return WORKER_SCRIPT.test(fileName);
}
