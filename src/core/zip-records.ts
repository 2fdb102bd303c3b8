import type { EpochMs } from './time.ts';

/** A file as the records of an archive tell of it. */
export interface ZipEntry {
  /** ASCII. */
  readonly path: string;
  readonly crc: number;
  /** As it lies in the archive, and as it was. */
  readonly storedBytes: number;
  readonly bytes: number;
  readonly isDeflated: boolean;
  /** Where its local header begins. */
  readonly at: number;
  readonly madeAt: EpochMs;
}

/** From this value on a number lies in a record of 64 bits, and the old field is full of ones. Tests lower it: any value may lie there. */
export interface ZipLimits {
  readonly bytes: number;
  readonly files: number;
}

/** What the format holds without its 64-bit extension (APPNOTE 6.3, 4.4.1.4). */
export const ZIP_LIMITS: ZipLimits = { bytes: 0xffff_ffff, files: 0xffff };

/** Signatures and sizes of the records (APPNOTE 6.3, 4.3). */
export const ZIP = {
  local: { signature: 0x0403_4b50, bytes: 30 },
  central: { signature: 0x0201_4b50, bytes: 46 },
  end: { signature: 0x0605_4b50, bytes: 22 },
  end64: { signature: 0x0606_4b50, bytes: 56 },
  locator64: { signature: 0x0706_4b50, bytes: 20 },
  /** Header id of the extra field with numbers of 64 bits. */
  extra64: 1,
} as const;

/** Version 2.0: folders and deflate; 4.5: numbers of 64 bits. */
const PLAIN_VERSION = 20;
const WIDE_VERSION = 45;
const FULL32 = 0xffff_ffff;
const FULL16 = 0xffff;

type Record = Uint8Array<ArrayBuffer>;

/** What stands before a file's content. */
export function localHeader(entry: ZipEntry, limits: ZipLimits = ZIP_LIMITS): Record {
  // Both sizes or none, as the format asks for here.
  const wide = isWide(entry, limits) ? [entry.bytes, entry.storedBytes] : [];
  return writeRecord(ZIP.local, entry.path, extraOf(wide), (view, extraBytes) => {
    view.setUint16(4, wide.length > 0 ? WIDE_VERSION : PLAIN_VERSION, true);
    writeCommon(view, 8, entry, wide.length > 0);
    view.setUint16(26, entry.path.length, true);
    view.setUint16(28, extraBytes, true);
  });
}

/** A file's line in the directory. */
export function centralHeader(entry: ZipEntry, limits: ZipLimits = ZIP_LIMITS): Record {
  const isFar = entry.at >= limits.bytes;
  const wide = [...(isWide(entry, limits) ? [entry.bytes, entry.storedBytes] : []), ...(isFar ? [entry.at] : [])];
  return writeRecord(ZIP.central, entry.path, extraOf(wide), (view, extraBytes) => {
    const version = wide.length > 0 ? WIDE_VERSION : PLAIN_VERSION;
    view.setUint16(4, version, true);
    view.setUint16(6, version, true);
    writeCommon(view, 10, entry, isWide(entry, limits));
    view.setUint16(28, entry.path.length, true);
    view.setUint16(30, extraBytes, true);
    view.setUint32(42, isFar ? FULL32 : entry.at, true);
  });
}

/** The end of an archive: where its directory lies. */
export function endOfArchive({ files, at, bytes }: { readonly files: number; readonly at: number; readonly bytes: number }, limits: ZipLimits = ZIP_LIMITS): Record {
  const isWide = files >= limits.files || at >= limits.bytes || bytes >= limits.bytes;
  const wideBytes = isWide ? ZIP.end64.bytes + ZIP.locator64.bytes : 0;
  const record = new Uint8Array(wideBytes + ZIP.end.bytes);
  const view = new DataView(record.buffer);
  if (isWide) {
    view.setUint32(0, ZIP.end64.signature, true);
    // Of what follows in this record.
    writeWide(view, 4, ZIP.end64.bytes - 12);
    view.setUint16(12, WIDE_VERSION, true);
    view.setUint16(14, WIDE_VERSION, true);
    for (const [place, value] of [[24, files], [32, files], [40, bytes], [48, at]] as const) writeWide(view, place, value);
    view.setUint32(ZIP.end64.bytes, ZIP.locator64.signature, true);
    writeWide(view, ZIP.end64.bytes + 8, at + bytes);
    view.setUint32(ZIP.end64.bytes + 16, 1, true);
  }
  view.setUint32(wideBytes, ZIP.end.signature, true);
  for (const place of [8, 10]) view.setUint16(wideBytes + place, isWide ? FULL16 : files, true);
  view.setUint32(wideBytes + 12, isWide ? FULL32 : bytes, true);
  view.setUint32(wideBytes + 16, isWide ? FULL32 : at, true);
  return record;
}

function isWide({ bytes, storedBytes }: ZipEntry, limits: ZipLimits): boolean {
  return bytes >= limits.bytes || storedBytes >= limits.bytes;
}

/** Method, time, checksum and sizes, which both headers of a file have in this order. */
function writeCommon(view: DataView, at: number, { isDeflated, madeAt, crc, storedBytes, bytes }: ZipEntry, wide: boolean): void {
  const made = new Date(madeAt);
  view.setUint16(at, isDeflated ? 8 : 0, true);
  view.setUint16(at + 2, (made.getHours() << 11) | (made.getMinutes() << 5) | (made.getSeconds() >> 1), true);
  view.setUint16(at + 4, ((made.getFullYear() - 1980) << 9) | ((made.getMonth() + 1) << 5) | made.getDate(), true);
  view.setUint32(at + 6, crc, true);
  view.setUint32(at + 10, wide ? FULL32 : storedBytes, true);
  view.setUint32(at + 14, wide ? FULL32 : bytes, true);
}

function extraOf(wide: readonly number[]): Record {
  if (wide.length === 0) return new Uint8Array(0);
  const extra = new Uint8Array(4 + wide.length * 8);
  const view = new DataView(extra.buffer);
  view.setUint16(0, ZIP.extra64, true);
  view.setUint16(2, wide.length * 8, true);
  for (const [index, value] of wide.entries()) writeWide(view, 4 + index * 8, value);
  return extra;
}

function writeRecord({ signature, bytes }: { readonly signature: number; readonly bytes: number }, path: string, extra: Record, write: (view: DataView, extraBytes: number) => void): Record {
  const name = new TextEncoder().encode(path);
  const record = new Uint8Array(bytes + name.length + extra.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, signature, true);
  write(view, extra.length);
  record.set(name, bytes);
  record.set(extra, bytes + name.length);
  return record;
}

function writeWide(view: DataView, at: number, value: number): void {
  view.setBigUint64(at, BigInt(value), true);
}
