import { FacePrivacyError } from './errors.ts';
import { ZIP } from './zip-records.ts';

/** What is wrong with an archive. */
export type ZipFault = 'not-an-archive' | 'damaged' | 'compressed' | 'encrypted' | 'extra-entry' | 'missing-entry' | 'too-large';

/** Entries that an archive may have: the most bytes of each, and whether it has to be there. */
export type ZipExpectation = Readonly<Record<string, { readonly most: number; readonly optional?: true }>>;

const { signature: END, bytes: END_BYTES } = ZIP.end;
const { signature: CENTRAL, bytes: CENTRAL_BYTES } = ZIP.central;
const { signature: LOCAL, bytes: LOCAL_BYTES } = ZIP.local;
const DESCRIPTOR = 0x08074b50;
const DESCRIPTOR_BYTES = 16;
const FULL32 = 0xffff_ffff;
/** Sizes follow the content; names are UTF-8. */
const SIZES_FOLLOW = 1 << 3;
const ALLOWED_FLAGS = SIZES_FOLLOW | (1 << 11);
const ENCRYPTED_FLAGS = 1 | (1 << 6) | (1 << 13);
/** Of the extra field with both sizes. */
const WIDE_SIZES_BYTES = 20;
/** More, and it is no archive of ours. */
const MOST_DIRECTORY_BYTES = 64 * 1024;

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly crc: number;
  readonly bytes: number;
  /** Its sizes take 64 bits. */
  readonly isWide: boolean;
  readonly at: number;
}

/**
 * Reads a ZIP archive that stores its files as they are (APPNOTE 6.3), without trusting anything in it: every byte belongs to an entry that is
 * expected or to the directory, nothing is unpacked, so that nothing can grow. Its contents are slices of `archive`, which is not read as a whole.
 * Whether they are what was put in, their hashes have to show.
 * @throws FacePrivacyError ERR_BUNDLE_INVALID; `details.reason` is a {@link ZipFault}, `details.file` names the entry where there is one.
 */
export async function readStoredZip(archive: Blob, expected: ZipExpectation): Promise<ReadonlyMap<string, Blob>> {
  if (archive.size < END_BYTES) throw fault('not-an-archive');
  const end = await viewOf(archive, archive.size - END_BYTES, END_BYTES);
  if (end.getUint32(0, true) !== END) throw fault('not-an-archive');
  const isOneDisk = end.getUint32(4, true) === 0 && end.getUint16(8, true) === end.getUint16(10, true) && end.getUint16(20, true) === 0;
  const { count, directoryBytes, directoryAt, endBytes } = end.getUint32(16, true) === FULL32 ? await readWideEnd(archive, end) : narrowEnd(end);
  if (!isOneDisk || directoryAt + directoryBytes + endBytes !== archive.size) throw fault('damaged');
  if (count > Object.keys(expected).length || directoryBytes > MOST_DIRECTORY_BYTES) throw fault('extra-entry');
  const entries = readDirectory(await viewOf(archive, directoryAt, directoryBytes), count, expected);
  const contents = new Map<string, Blob>();
  let at = 0;
  for (const entry of [...entries].sort((a, b) => a.at - b.at)) {
    if (entry.at !== at) throw fault('damaged', entry.name);
    const contentAt = await checkLocal(archive, entry, directoryAt);
    contents.set(entry.name, archive.slice(contentAt, contentAt + entry.bytes));
    at = contentAt + entry.bytes + ((entry.flags & SIZES_FOLLOW) === 0 ? 0 : DESCRIPTOR_BYTES);
  }
  if (at !== directoryAt) throw fault('damaged');
  const missing = Object.keys(expected).find((name) => expected[name]?.optional !== true && !contents.has(name));
  if (missing !== undefined) throw fault('missing-entry', missing);
  return contents;
}

interface End {
  readonly count: number;
  readonly directoryBytes: number;
  readonly directoryAt: number;
  /** Of all that follows the directory. */
  readonly endBytes: number;
}

function narrowEnd(end: DataView): End {
  return { count: end.getUint16(10, true), directoryBytes: end.getUint32(12, true), directoryAt: end.getUint32(16, true), endBytes: END_BYTES };
}

/** The end of an archive of more than 4 GB: a record of 64 bits, one that says where it lies, and the old one, full of ones. */
async function readWideEnd(archive: Blob, end: DataView): Promise<End> {
  const endBytes = ZIP.end64.bytes + ZIP.locator64.bytes + END_BYTES;
  if (archive.size < endBytes || end.getUint16(10, true) !== 0xffff || end.getUint32(12, true) !== FULL32) throw fault('damaged');
  const at = archive.size - endBytes;
  const view = await viewOf(archive, at, endBytes);
  const locator = ZIP.end64.bytes;
  const isPlain =
    view.getUint32(0, true) === ZIP.end64.signature && wideOf(view, 4) === ZIP.end64.bytes - 12 && view.getUint32(16, true) === 0 && view.getUint32(20, true) === 0 &&
    view.getUint32(locator, true) === ZIP.locator64.signature && view.getUint32(locator + 4, true) === 0 && wideOf(view, locator + 8) === at && view.getUint32(locator + 16, true) === 1;
  const count = wideOf(view, 32);
  if (!isPlain || wideOf(view, 24) !== count) throw fault('damaged');
  return { count, directoryBytes: wideOf(view, 40), directoryAt: wideOf(view, 48), endBytes };
}

/** A size or place beyond what numbers hold is none. */
function wideOf(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN;
}

/** The numbers of 64 bits of a header, in the order of the fields that are full of ones; nothing else may stand there. */
function readExtra(view: DataView, at: number, bytes: number, narrow: readonly number[], name: string): number[] {
  const wide = narrow.filter((value) => value === FULL32).length;
  if (bytes !== (wide === 0 ? 0 : 4 + wide * 8) || at + bytes > view.byteLength) throw fault('damaged', name);
  if (wide > 0 && (view.getUint16(at, true) !== ZIP.extra64 || view.getUint16(at + 2, true) !== wide * 8)) throw fault('damaged', name);
  let next = at + 4;
  return narrow.map((value) => {
    if (value !== FULL32) return value;
    next += 8;
    return wideOf(view, next - 8);
  });
}

function readDirectory(view: DataView<ArrayBuffer>, count: number, expected: ZipExpectation): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_BYTES > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw fault('damaged');
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    // No comment, one disk.
    const isPlain = view.getUint16(at + 32, true) === 0 && view.getUint16(at + 34, true) === 0;
    if (!isPlain || at + CENTRAL_BYTES + nameBytes > view.byteLength) throw fault('damaged');
    const name = textOf(view, at + CENTRAL_BYTES, nameBytes);
    const most = Object.hasOwn(expected, name) ? expected[name]?.most : undefined;
    if (most === undefined || entries.some((entry) => entry.name === name)) throw fault('extra-entry', name);
    const flags = view.getUint16(at + 8, true);
    if ((flags & ENCRYPTED_FLAGS) !== 0) throw fault('encrypted', name);
    if (view.getUint16(at + 10, true) !== 0) throw fault('compressed', name);
    const narrow = [24, 20, 42].map((place) => view.getUint32(at + place, true));
    const [bytes, storedBytes, localAt] = readExtra(view, at + CENTRAL_BYTES + nameBytes, extraBytes, narrow, name) as [number, number, number];
    if ((flags & ~ALLOWED_FLAGS) !== 0 || storedBytes !== bytes) throw fault('damaged', name);
    if (bytes > most) throw fault('too-large', name);
    entries.push({ name, flags, bytes, isWide: narrow[0] === FULL32, crc: view.getUint32(at + 16, true), at: localAt });
    at += CENTRAL_BYTES + nameBytes + extraBytes;
  }
  if (at !== view.byteLength) throw fault('damaged');
  return entries;
}

/** What stands before and after an entry's content has to say the same as the directory. @returns where the content begins. */
async function checkLocal(archive: Blob, { name, flags, crc, bytes, isWide, at }: Entry, directoryAt: number): Promise<number> {
  const headerBytes = LOCAL_BYTES + name.length + (isWide ? WIDE_SIZES_BYTES : 0);
  const contentAt = at + headerBytes;
  const after = contentAt + bytes;
  const hasDescriptor = (flags & SIZES_FOLLOW) !== 0;
  // Sizes of 64 bits that follow the content are none of ours.
  if (!(after + (hasDescriptor ? DESCRIPTOR_BYTES : 0) <= directoryAt) || (hasDescriptor && isWide)) throw fault('damaged', name);
  const view = await viewOf(archive, at, headerBytes);
  const agrees =
    view.getUint32(0, true) === LOCAL && view.getUint16(6, true) === flags && view.getUint16(8, true) === 0 &&
    view.getUint16(26, true) === name.length && textOf(view, LOCAL_BYTES, name.length) === name;
  if (!agrees || (hasDescriptor && view.getUint16(28, true) !== 0)) throw fault('damaged', name);
  if (hasDescriptor) {
    const descriptor = await viewOf(archive, after, DESCRIPTOR_BYTES);
    if (descriptor.getUint32(0, true) !== DESCRIPTOR || descriptor.getUint32(4, true) !== crc || descriptor.getUint32(8, true) !== bytes || descriptor.getUint32(12, true) !== bytes) throw fault('damaged', name);
    return contentAt;
  }
  const [own, stored] = readExtra(view, LOCAL_BYTES + name.length, view.getUint16(28, true), [22, 18].map((place) => view.getUint32(place, true)), name) as [number, number];
  if (view.getUint32(14, true) !== crc || own !== bytes || stored !== bytes) throw fault('damaged', name);
  return contentAt;
}

async function viewOf(archive: Blob, at: number, bytes: number): Promise<DataView<ArrayBuffer>> {
  return new DataView(await archive.slice(at, at + bytes).arrayBuffer());
}

/** Names of ours are ASCII; all others are none of them. */
function textOf(view: DataView<ArrayBuffer>, at: number, bytes: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, bytes));
}

function fault(reason: ZipFault, file?: string): FacePrivacyError {
  return new FacePrivacyError('ERR_BUNDLE_INVALID', `The archive cannot be used (${reason}${file === undefined ? '' : `: ${file.slice(0, 100)}`}).`, {
    details: { reason, ...(file === undefined ? {} : { file: file.slice(0, 100) }) },
  });
}
