import { FacePrivacyError } from './errors.ts';
import { isProper, type Box } from './geometry.ts';
import { isObject } from './options.ts';
import type { Microseconds } from './time.ts';

/** How much of a claimed face is sealed. Numbers are decided in docs/decisions/0012. */
export const ORIGINAL_LIMITS = Object.freeze({
  cropsPerSecond: 10,
  /** Longest side of a crop, pixels; a larger face is made smaller. */
  longestSidePx: 320,
  /** A chunk is sealed when it spans so much. */
  chunkUs: 1_000_000,
  /** For how long a crop stands for the face: where the next one is later than that, there is none. */
  standsForUs: 250_000,
});

/** Whose originals, of what. */
export interface OriginalIds {
  readonly originalId: string;
  /** The recording in whose time they were sealed. */
  readonly recordingId: string;
  /** Of the redaction session, as in its `faces` event. */
  readonly trackId: number;
}

/** What the redaction worker is told of an original that it is to seal. */
export interface OriginalSealing extends Omit<OriginalIds, 'trackId'> {
  /** What the content key is wrapped with. */
  readonly publicKey: CryptoKey;
}

/** One face, uncovered. It holds pixels; its holder overwrites them when done. */
export interface OriginalCrop {
  /** In the time of the recorded media. */
  readonly timeUs: Microseconds;
  /** Where it lies in the recorded picture, pixels of that picture; its own pixels may be fewer. */
  readonly box: Box;
  /** A JPEG file. To be decoded from memory (`ImageDecoder`), never by way of a Blob, whose bytes leave the process and may be written to disk. */
  readonly jpeg: Uint8Array<ArrayBuffer>;
}

/** About a second of crops, encrypted; bound to its original, place and times. */
export interface SealedOriginal extends OriginalIds {
  /** 0, 1, 2 … without gaps. */
  readonly sequence: number;
  /** Times of its first and its last crop. */
  readonly fromUs: Microseconds;
  readonly untilUs: Microseconds;
  /** Number of crops. */
  readonly crops: number;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

/** Everything of a chunk but what is sealed in it: what AES-GCM binds it to. */
export type OriginalPlace = Omit<SealedOriginal, 'iv' | 'sealed'>;

const WRAPPING = { name: 'RSA-OAEP', modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' } as const;
const CONTENT = { name: 'AES-GCM', length: 256 } as const;

/**
 * The key pair of a store of originals. Whoever has the public half can seal and not open; the private half can unwrap content keys and
 * cannot be exported.
 */
export function createOriginalsKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(WRAPPING, false, ['wrapKey', 'unwrapKey']);
}

/**
 * Makes the content key of one original, for the redaction worker alone: `key` seals, and leaves the worker only as `wrappedKey`, which is bound to
 * the ids.
 */
export async function createContentKey(ids: OriginalIds, publicKey: CryptoKey): Promise<{ readonly key: CryptoKey; readonly wrappedKey: ArrayBuffer }> {
  const raw = crypto.getRandomValues(new Uint8Array(CONTENT.length / 8));
  try {
    const exportable = await crypto.subtle.importKey('raw', raw, CONTENT, true, ['encrypt']);
    const wrappedKey = await crypto.subtle.wrapKey('raw', exportable, publicKey, { name: WRAPPING.name, label: keyContext(ids) });
    return { wrappedKey, key: await crypto.subtle.importKey('raw', raw, CONTENT, false, ['encrypt']) };
  } finally {
    raw.fill(0);
  }
}

/** The content key of an original, to decrypt with and not to be exported. @throws FacePrivacyError ERR_VAULT_INTEGRITY for a key that was changed, or of another original. */
export async function openContentKey(ids: OriginalIds, wrappedKey: ArrayBuffer, privateKey: CryptoKey): Promise<CryptoKey> {
  try {
    return await crypto.subtle.unwrapKey('raw', wrappedKey, privateKey, { name: WRAPPING.name, label: keyContext(ids) }, CONTENT, false, ['decrypt']);
  } catch (cause) {
    throw integrityError(ids, 'key', cause);
  }
}

/** Encrypts crops under a fresh nonce and overwrites them. **Takes** the crops. @throws TypeError when there is none. */
export async function sealCrops(crops: readonly OriginalCrop[], ids: OriginalIds, sequence: number, key: CryptoKey): Promise<SealedOriginal> {
  const packed = pack(crops);
  try {
    const [first, last] = [crops[0], crops.at(-1)];
    if (first === undefined || last === undefined) throw new TypeError('There is no crop to seal.');
    const { originalId, recordingId, trackId } = ids;
    const place: OriginalPlace = { originalId, recordingId, trackId, sequence, fromUs: first.timeUs, untilUs: last.timeUs, crops: crops.length };
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: CONTENT.name, iv, additionalData: chunkContext(place) }, key, packed);
    return { ...place, iv, sealed };
  } finally {
    packed.fill(0);
    for (const { jpeg } of crops) jpeg.fill(0);
  }
}

/**
 * The crops of a chunk that has to stand at `sequence` of this original. The caller overwrites them.
 * @throws FacePrivacyError ERR_VAULT_INTEGRITY when it is another one, or not as it was sealed.
 */
export async function openCrops(chunk: SealedOriginal, { originalId, recordingId, trackId }: OriginalIds, sequence: number, key: CryptoKey): Promise<OriginalCrop[]> {
  const { fromUs, untilUs, crops, iv, sealed } = chunk;
  const place: OriginalPlace = { originalId, recordingId, trackId, sequence, fromUs, untilUs, crops };
  let packed: Uint8Array<ArrayBuffer>;
  try {
    packed = new Uint8Array(await crypto.subtle.decrypt({ name: CONTENT.name, iv, additionalData: chunkContext(place) }, key, sealed));
  } catch (cause) {
    throw integrityError({ originalId, recordingId, trackId }, sequence, cause);
  }
  try {
    const opened = unpack(packed);
    if (opened?.length !== crops) throw integrityError({ originalId, recordingId, trackId }, sequence);
    return opened;
  } finally {
    packed.fill(0);
  }
}

/** The crop that shows the face at this time: the latest one that is not later and still stands for it; null where there is none. */
export function cropAt(crops: readonly OriginalCrop[], timeUs: Microseconds): OriginalCrop | null {
  const crop = crops.findLast((each) => each.timeUs <= timeUs);
  return crop !== undefined && timeUs - crop.timeUs <= ORIGINAL_LIMITS.standsForUs ? crop : null;
}

function keyContext({ originalId, recordingId, trackId }: OriginalIds): Uint8Array<ArrayBuffer> {
  return textBytes(['bauta original key 1', originalId, recordingId, trackId]);
}

function chunkContext({ originalId, recordingId, trackId, sequence, fromUs, untilUs, crops }: OriginalPlace): Uint8Array<ArrayBuffer> {
  return textBytes(['bauta original chunk 1', originalId, recordingId, trackId, sequence, fromUs, untilUs, crops]);
}

function textBytes(parts: readonly (string | number)[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(parts));
}

const LENGTH_BYTES = 4;

/** Length of the index, the index as JSON, then the JPEG files. */
function pack(crops: readonly OriginalCrop[]): Uint8Array<ArrayBuffer> {
  const index = new TextEncoder().encode(JSON.stringify(crops.map(({ timeUs, box, jpeg }) => ({ timeUs, box, bytes: jpeg.length }))));
  const packed = new Uint8Array(LENGTH_BYTES + index.length + crops.reduce((sum, { jpeg }) => sum + jpeg.length, 0));
  new DataView(packed.buffer).setUint32(0, index.length);
  packed.set(index, LENGTH_BYTES);
  let at = LENGTH_BYTES + index.length;
  for (const { jpeg } of crops) {
    packed.set(jpeg, at);
    at += jpeg.length;
  }
  return packed;
}

/** Null for what {@link pack} did not make. */
function unpack(packed: Uint8Array<ArrayBuffer>): OriginalCrop[] | null {
  if (packed.length < LENGTH_BYTES) return null;
  let at = LENGTH_BYTES + new DataView(packed.buffer).getUint32(0);
  const index = parsed(packed.subarray(LENGTH_BYTES, at));
  if (!Array.isArray(index)) return null;
  const crops: OriginalCrop[] = [];
  for (const entry of index as unknown[]) {
    if (!isIndexEntry(entry) || at + entry.bytes > packed.length) return null;
    crops.push({ timeUs: entry.timeUs, box: entry.box, jpeg: packed.slice(at, at + entry.bytes) });
    at += entry.bytes;
  }
  return at === packed.length ? crops : null;
}

function parsed(bytes: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isIndexEntry(entry: unknown): entry is { readonly timeUs: Microseconds; readonly box: Box; readonly bytes: number } {
  if (!isObject(entry)) return false;
  const { timeUs, box, bytes } = entry;
  return Number.isFinite(timeUs) && isObject(box) && isProper(box as unknown as Box) && Number.isSafeInteger(bytes) && (bytes as number) > 0;
}

function integrityError({ originalId, recordingId }: OriginalIds, part: number | 'key', cause?: unknown): FacePrivacyError {
  return new FacePrivacyError('ERR_VAULT_INTEGRITY', 'A part of the sealed original is missing or was changed; it is not shown.', {
    details: { originalId, recordingId, part },
    ...(cause === undefined ? {} : { cause }),
  });
}
