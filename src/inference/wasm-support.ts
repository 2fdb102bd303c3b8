import { FacePrivacyError } from '../core/errors.ts';

/** The eight bytes of an empty module: magic number and version (WebAssembly Core Specification, 5.5.16). */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/**
 * Makes sure that this realm may compile WebAssembly at all, before an engine fails on it less clearly.
 * @throws FacePrivacyError ERR_WASM_UNAVAILABLE
 */
export function requireWebAssembly(): void {
  try {
    new WebAssembly.Module(EMPTY_MODULE);
  } catch (cause) {
    throw new FacePrivacyError(
      'ERR_WASM_UNAVAILABLE',
      "This browser does not allow WebAssembly here. Serve the worker script with a Content-Security-Policy that has 'wasm-unsafe-eval' in script-src.",
      { cause },
    );
  }
}
