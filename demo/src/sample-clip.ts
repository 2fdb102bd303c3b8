import type { LoadProgress } from 'bauta';
import { ClipError } from './failure.ts';

/** A bundled clip as a file: it goes to the session like any file and is never played by the page itself. */
export class SampleClip {
  readonly #name: string;
  #blob: Blob | null = null;

  /** @param name of the file in `clip/`. */
  constructor(name: 'main' | 'people') {
    this.#name = name;
  }

  /**
   * Fetches the clip the first time, keeps it for the next.
   * @throws ClipError when the server does not have it; the reason of `signal` when cancelled.
   */
  async take(signal: AbortSignal, onProgress: (progress: LoadProgress) => void): Promise<Blob> {
    this.#blob ??= await fetchClip(this.#name, signal, onProgress);
    return this.#blob;
  }
}

async function fetchClip(name: string, signal: AbortSignal, onProgress: (progress: LoadProgress) => void): Promise<Blob> {
  const response = await fetch(new URL(`clip/${name}.webm`, document.baseURI), { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new ClipError('The clip could not be reached.', { cause });
  });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || response.body === null || type.includes('text/html')) {
    throw new ClipError(`The server answered with ${String(response.status)} ${type} instead of the clip.`);
  }
  const totalBytes = Number(response.headers.get('content-length') ?? 0);
  const parts: BlobPart[] = [];
  let loadedBytes = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    loadedBytes += part.value.length;
    if (totalBytes > 0) onProgress({ loadedBytes, totalBytes });
  }
  return new Blob(parts, { type: 'video/webm' });
}
