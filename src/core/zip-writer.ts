import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { FacePrivacyError } from './errors.ts';
import { Sha256Stream } from './sha256-stream.ts';
import type { EpochMs } from './time.ts';

/** What goes into an archive: bytes as they come, or a text, which is compressed. */
export type ZipContent = string | Blob | AsyncIterable<Uint8Array<ArrayBuffer>>;

/** A file as it went into an archive. */
export interface ZippedFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of its content, hexadecimal. */
  readonly sha256: string;
}

/** Folders and names of letters, digits, `.`, `_`, `-`: no archive program makes anything else of them. */
const PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
/** What the format holds without its 64-bit extension, which older programs cannot read. */
const MOST_BYTES = 0xffff_ffff - 64 * 1024 * 1024;
const MOST_FILES = 0xfffe;
/** From then on what is written is handed to the browser, which may move it out of memory. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * Writes a ZIP file (APPNOTE 6.3, without encryption and ZIP64) file by file: never more than a few MB of it are in memory as bytes.
 * Media are stored as they are, texts are deflated.
 */
export class ZipWriter {
  readonly #zip: Zip;
  readonly #madeAt: EpochMs;
  readonly #paths = new Set<string>();
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #partBytes = 0;
  #blobs: Blob[] = [];
  #bytes = 0;
  #ended = false;
  #failure: Error | null = null;

  /** @param madeAt what the files say of their age. */
  constructor(madeAt: EpochMs) {
    this.#madeAt = madeAt;
    this.#zip = new Zip((error, chunk, final) => { this.#take(error, chunk, final); });
  }

  /**
   * Adds a file.
   * @throws TypeError for a path that could lead elsewhere, or twice the same; FacePrivacyError ERR_MEDIA_INVALID, `details.reason`
   * `too-large`; whatever the content throws: the archive is of no use then.
   */
  async add(path: string, content: ZipContent): Promise<ZippedFile> {
    if (this.#ended) throw new TypeError('ZipWriter.add: the archive is finished; make a new one.');
    if (!PATH.test(path) || path.includes('..') || this.#paths.has(path)) throw new TypeError(`ZipWriter.add: path '${path.slice(0, 100)}' is malformed, or there already.`);
    if (this.#paths.size >= MOST_FILES) throw tooLarge();
    this.#paths.add(path);
    const file = typeof content === 'string' ? new ZipDeflate(path, { level: 6 }) : new ZipPassThrough(path);
    file.mtime = new Date(this.#madeAt);
    this.#zip.add(file);
    const hash = new Sha256Stream();
    let bytes = 0;
    for await (const chunk of chunksOf(content)) {
      bytes += chunk.length;
      if (this.#bytes + chunk.length > MOST_BYTES) throw tooLarge();
      hash.update(chunk);
      file.push(chunk);
      this.#assertSound();
    }
    file.push(new Uint8Array(0), true);
    this.#assertSound();
    return { path, bytes, sha256: hash.hex() };
  }

  /** The archive. @throws Error when it could not be made. */
  finish(): Blob {
    this.#ended = true;
    this.#zip.end();
    this.#assertSound();
    this.#flush();
    return new Blob(this.#blobs, { type: 'application/zip' });
  }

  #take(error: Error | null, chunk: Uint8Array, final: boolean): void {
    if (error !== null) this.#failure ??= error;
    // What passes through is the caller's own bytes, which may be used again.
    else if (chunk.length > 0) this.#parts.push(new Uint8Array(chunk));
    this.#partBytes += chunk.length;
    this.#bytes += chunk.length;
    if (final || this.#partBytes >= PART_BYTES) this.#flush();
  }

  #flush(): void {
    if (this.#parts.length > 0) this.#blobs.push(new Blob(this.#parts));
    this.#parts = [];
    this.#partBytes = 0;
  }

  #assertSound(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}

async function* chunksOf(content: ZipContent): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (typeof content === 'string') {
    yield new TextEncoder().encode(content);
    return;
  }
  if (!(content instanceof Blob)) {
    yield* content;
    return;
  }
  const reader = content.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

function tooLarge(): FacePrivacyError {
  return new FacePrivacyError('ERR_MEDIA_INVALID', 'An archive holds at most 4 GB and 65,534 files; ask for less at a time.', { details: { reason: 'too-large' } });
}
