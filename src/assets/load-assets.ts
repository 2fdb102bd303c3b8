import { sha256Hex } from '../core/canonical-json.ts';
import { FacePrivacyError } from '../core/errors.ts';
import type { VerifiedAsset } from '../core/protocol.ts';

/** A file as it must arrive. */
export interface ExpectedFile {
  readonly file: string;
  readonly url: URL;
  readonly bytes: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
  /** WebAssembly that is to be compiled while it arrives; nothing of it runs before its bytes are verified. */
  readonly compile?: boolean;
}

/** How far loading is, over all files, in bytes. */
export interface LoadProgress {
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** How {@link loadAssets} reaches the files. */
export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Own origin; anything else is refused. */
  readonly origin: string;
}

/** @throws TypeError when a file would come from another origin. */
export function assertOwnOrigin(file: string, url: URL, origin: string): void {
  if (url.origin === origin) return;
  throw new TypeError(
    `${file} would come from ${url.origin}, but models are loaded from the page's own origin (${origin}) only. ` +
      'Serve the files yourself and set assets.baseUrl.',
  );
}

/**
 * Fetches files from the app's own origin and checks size and SHA-256 of each. Either all arrive as published or none
 * is returned. The caller owns the bytes.
 * @throws FacePrivacyError ERR_ASSET_MISSING, ERR_ASSET_TYPE, ERR_ASSET_INTEGRITY (details: file, expected, found) or
 * ERR_ABORTED; TypeError when a URL is of another origin.
 */
export async function loadAssets(files: readonly ExpectedFile[], options: LoadOptions): Promise<VerifiedAsset[]> {
  for (const { file, url } of files) assertOwnOrigin(file, url, options.origin);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let loadedBytes = 0;
  const advance = (bytes: number): void => {
    loadedBytes += bytes;
    options.onProgress?.({ loadedBytes, totalBytes });
  };
  // One failure cancels the downloads that are still running.
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  try {
    return await Promise.all(files.map((file) => loadOne(file, signal, advance)));
  } catch (error) {
    failed.abort();
    if (options.signal?.aborted === true) {
      throw new FacePrivacyError('ERR_ABORTED', 'Loading was cancelled.', { cause: options.signal.reason });
    }
    throw error;
  }
}

async function loadOne(expected: ExpectedFile, signal: AbortSignal, advance: (bytes: number) => void): Promise<VerifiedAsset> {
  const { file } = expected;
  const response = await request(expected, signal);
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('text/html')) {
    throw new FacePrivacyError('ERR_ASSET_TYPE', `${file}: the server answered with a page (${type}) instead of the file; check where it is served.`, {
      details: { file, expected: 'a binary file', found: type },
    });
  }
  const compiling = expected.compile === true ? compileStreamed(response.clone()) : null;
  const bytes = await readAll(response, expected, advance);
  await verify(bytes, expected);
  const compiled = await compiling;
  return compiled === null ? { file, bytes } : { file, bytes, compiled };
}

/** A policy that forbids it here is not asked again: each time would be a violation more that it reports. */
let mayCompile = true;

/**
 * Compiles what arrives, which browsers keep beside the file for the next visit, optimised, as they do not for bytes in memory. A copy of the very answer
 * that is verified. Null where the page may not compile, or the file is served under another type: whoever runs it compiles it then.
 */
async function compileStreamed(response: Response): Promise<WebAssembly.Module | null> {
  if (!mayCompile) {
    await response.body?.cancel();
    return null;
  }
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) mayCompile = false;
    return null;
  }
}

async function request({ file, url, sha256 }: ExpectedFile, signal: AbortSignal): Promise<Response> {
  const missing = (found: string, cause?: unknown): FacePrivacyError =>
    new FacePrivacyError('ERR_ASSET_MISSING', `${file} could not be loaded from ${url.pathname} (${found}).`, {
      cause,
      details: { file, expected: sha256, found },
    });
  let response: Response;
  try {
    // A redirect could leave the origin.
    response = await fetch(url, { signal, redirect: 'error', credentials: 'same-origin' });
  } catch (cause) {
    signal.throwIfAborted();
    throw missing('no answer', cause);
  }
  if (!response.ok) throw missing(`HTTP ${String(response.status)}`);
  return response;
}

async function readAll(response: Response, expected: ExpectedFile, advance: (bytes: number) => void): Promise<ArrayBuffer> {
  const buffer = new Uint8Array(expected.bytes);
  let length = 0;
  if (response.body !== null) {
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (length + part.value.length > expected.bytes) {
        await reader.cancel();
        throw wrongSize(expected, `more than ${String(expected.bytes)} bytes`);
      }
      buffer.set(part.value, length);
      length += part.value.length;
      advance(part.value.length);
    }
  }
  if (length !== expected.bytes) throw wrongSize(expected, `${String(length)} bytes`);
  return buffer.buffer;
}

function wrongSize({ file, bytes, sha256 }: ExpectedFile, found: string): FacePrivacyError {
  return new FacePrivacyError('ERR_ASSET_INTEGRITY', `${file} has ${found}; expected ${String(bytes)} bytes, SHA-256 ${sha256}. Nothing was run on it.`, {
    details: { file, expected: sha256, found },
  });
}

async function verify(bytes: ArrayBuffer, { file, sha256 }: ExpectedFile): Promise<void> {
  const found = await sha256Hex(new Uint8Array(bytes));
  if (found !== sha256) {
    throw new FacePrivacyError('ERR_ASSET_INTEGRITY', `${file} has SHA-256 ${found}; expected ${sha256}. Nothing was run on it.`, {
      details: { file, expected: sha256, found },
    });
  }
}
