import { FacePrivacyError } from './errors.ts';

/** What is wrong with an archive. */
export type ZipFault = 'not-an-archive' | 'damaged' | 'compressed' | 'encrypted' | 'extra-entry' | 'missing-entry' | 'too-large';

/** Entries that an archive may have: the most bytes of each, and whether it has to be there. */
export type ZipExpectation = Readonly<Record<string, { readonly most: number; readonly optional?: true }>>;

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const DESCRIPTOR_BYTES = 16;
/** Sizes follow the content; names are UTF-8. */
const SIZES_FOLLOW = 1 << 3;
const ALLOWED_FLAGS = SIZES_FOLLOW | (1 << 11);
const ENCRYPTED_FLAGS = 1 | (1 << 6) | (1 << 13);
/** More, and it is no archive of ours. */
const MOST_DIRECTORY_BYTES = 64 * 1024;

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly crc: number;
  readonly bytes: number;
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
  const count = end.getUint16(10, true);
  const directoryBytes = end.getUint32(12, true);
  const directoryAt = end.getUint32(16, true);
  const isOneDisk = end.getUint32(4, true) === 0 && end.getUint16(8, true) === count && end.getUint16(20, true) === 0;
  if (!isOneDisk || directoryAt + directoryBytes + END_BYTES !== archive.size) throw fault('damaged');
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

function readDirectory(view: DataView<ArrayBuffer>, count: number, expected: ZipExpectation): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_BYTES > view.byteLength || view.getUint32(at, true) !== CENTRAL) throw fault('damaged');
    const nameBytes = view.getUint16(at + 28, true);
    // No extra fields (among them ZIP64 and Unicode names), no comment, one disk.
    const isPlain = view.getUint32(at + 30, true) === 0 && view.getUint16(at + 34, true) === 0;
    if (!isPlain || at + CENTRAL_BYTES + nameBytes > view.byteLength) throw fault('damaged');
    const name = textOf(view, at + CENTRAL_BYTES, nameBytes);
    const most = Object.hasOwn(expected, name) ? expected[name]?.most : undefined;
    if (most === undefined || entries.some((entry) => entry.name === name)) throw fault('extra-entry', name);
    const flags = view.getUint16(at + 8, true);
    if ((flags & ENCRYPTED_FLAGS) !== 0) throw fault('encrypted', name);
    const bytes = view.getUint32(at + 24, true);
    if (view.getUint16(at + 10, true) !== 0) throw fault('compressed', name);
    if ((flags & ~ALLOWED_FLAGS) !== 0 || view.getUint32(at + 20, true) !== bytes) throw fault('damaged', name);
    if (bytes > most) throw fault('too-large', name);
    entries.push({ name, flags, bytes, crc: view.getUint32(at + 16, true), at: view.getUint32(at + 42, true) });
    at += CENTRAL_BYTES + nameBytes;
  }
  if (at !== view.byteLength) throw fault('damaged');
  return entries;
}

/** What stands before and after an entry's content has to say the same as the directory. @returns where the content begins. */
async function checkLocal(archive: Blob, { name, flags, crc, bytes, at }: Entry, directoryAt: number): Promise<number> {
  const contentAt = at + LOCAL_BYTES + name.length;
  const after = contentAt + bytes;
  const hasDescriptor = (flags & SIZES_FOLLOW) !== 0;
  if (after + (hasDescriptor ? DESCRIPTOR_BYTES : 0) > directoryAt) throw fault('damaged', name);
  const view = await viewOf(archive, at, LOCAL_BYTES + name.length);
  const sizesAgree = (of: DataView, from: number): boolean => of.getUint32(from, true) === crc && of.getUint32(from + 4, true) === bytes && of.getUint32(from + 8, true) === bytes;
  const agrees =
    view.getUint32(0, true) === LOCAL && view.getUint16(6, true) === flags && view.getUint16(8, true) === 0 &&
    view.getUint16(26, true) === name.length && view.getUint16(28, true) === 0 && textOf(view, LOCAL_BYTES, name.length) === name;
  if (!agrees) throw fault('damaged', name);
  if (hasDescriptor) {
    const descriptor = await viewOf(archive, after, DESCRIPTOR_BYTES);
    if (descriptor.getUint32(0, true) !== DESCRIPTOR || !sizesAgree(descriptor, 4)) throw fault('damaged', name);
  } else if (!sizesAgree(view, 14)) throw fault('damaged', name);
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
