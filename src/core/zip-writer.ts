import { deflateSync } from 'fflate';
import { crc32 } from './crc32.ts';
import { Sha256Stream } from './sha256-stream.ts';
import type { EpochMs } from './time.ts';
import { centralHeader, endOfArchive, localHeader, ZIP_LIMITS, type ZipEntry, type ZipLimits } from './zip-records.ts';

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
/** From then on what is written is handed to the browser, which may move it out of memory. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * Writes a ZIP file (APPNOTE 6.3, without encryption) file by file: never more than a few MB of it are in memory as bytes. Media are stored as they are,
 * texts are deflated. What older programs cannot read, numbers of 64 bits, is in it only where more than 4 GB or 65,534 files are.
 */
export class ZipWriter {
  readonly #madeAt: EpochMs;
  readonly #limits: ZipLimits;
  readonly #entries = new Map<string, ZipEntry>();
  readonly #blobs: Blob[] = [];
  #bytes = 0;
  #ended = false;
  #failed = false;

  /** @param madeAt what the files say of their age. @param limits from which on numbers take 64 bits; for tests. */
  constructor(madeAt: EpochMs, limits: ZipLimits = ZIP_LIMITS) {
    this.#madeAt = madeAt;
    this.#limits = limits;
  }

  /**
   * Adds a file; one at a time.
   * @throws TypeError for a path that could lead elsewhere, or twice the same; whatever the content throws: the archive is of no use then.
   */
  async add(path: string, content: ZipContent): Promise<ZippedFile> {
    if (this.#ended) throw new TypeError('ZipWriter.add: the archive is finished; make a new one.');
    if (!PATH.test(path) || path.includes('..') || this.#entries.has(path)) throw new TypeError(`ZipWriter.add: path '${path.slice(0, 100)}' is malformed, or there already.`);
    const isDeflated = typeof content === 'string';
    const at = this.#bytes;
    const entry: ZipEntry = { path, at, isDeflated, madeAt: this.#madeAt, crc: 0, bytes: 0, storedBytes: 0 };
    this.#entries.set(path, entry);
    const hash = new Sha256Stream();
    const parts = new Parts();
    let [bytes, crc] = [0, 0];
    this.#failed = true;
    for await (const chunk of chunksOf(content)) {
      bytes += chunk.length;
      crc = crc32(chunk, crc);
      hash.update(chunk);
      // What is stored is the caller's own, which may be used again.
      parts.push(isDeflated ? deflateSync(chunk, { level: 6 }) : new Uint8Array(chunk));
    }
    this.#failed = false;
    const written = { ...entry, crc, bytes, storedBytes: parts.bytes };
    const header = localHeader(written, this.#limits);
    this.#entries.set(path, written);
    this.#blobs.push(new Blob([header]), ...parts.take());
    this.#bytes += header.length + written.storedBytes;
    return { path, bytes, sha256: hash.hex() };
  }

  /** The archive. @throws TypeError when something that was to be in it failed. */
  finish(): Blob {
    if (this.#failed) throw new TypeError('ZipWriter.finish: a file could not be read to its end, or is not in yet; the archive is of no use.');
    this.#ended = true;
    const directory = [...this.#entries.values()].map((entry) => centralHeader(entry, this.#limits));
    const end = endOfArchive({ files: directory.length, at: this.#bytes, bytes: directory.reduce((sum, { length }) => sum + length, 0) }, this.#limits);
    return new Blob([...this.#blobs, ...directory, end], { type: 'application/zip' });
  }
}

/** Bytes handed to the browser every few MB. */
class Parts {
  bytes = 0;
  readonly #blobs: Blob[] = [];
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;

  push(part: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(part);
    this.#waitingBytes += part.length;
    this.bytes += part.length;
    if (this.#waitingBytes >= PART_BYTES) this.#flush();
  }

  take(): Blob[] {
    this.#flush();
    return this.#blobs;
  }

  #flush(): void {
    if (this.#waiting.length > 0) this.#blobs.push(new Blob(this.#waiting));
    this.#waiting = [];
    this.#waitingBytes = 0;
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
