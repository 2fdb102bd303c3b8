const SEGMENT = [0x18, 0x53, 0x80, 0x67];
const SEEK_HEAD = [0x11, 0x4d, 0x9b, 0x74];
const DURATION = [0x44, 0x89, 0x88];
/** Bytes of the segment's length, and that length unknown: all ones (RFC 8794, 6.2). */
const UNKNOWN_SIZE = [0x07, 0xff, 0xff, 0xff, 0xff, 0xff];
const VOID = 0xec;

/**
 * The header of a WebM file of which nobody knows yet how long it gets (RFC 9559): the segment's length unknown, and neither duration nor
 * index named. Without this, a file that is cut off would end, for a player, with its header.
 * @param header EBML header and segment header as they are for a complete file.
 */
export function openEndedWebmHeader(header: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(header);
  const segment = find(bytes, SEGMENT, 0);
  bytes.set(UNKNOWN_SIZE, segment + SEGMENT.length);
  const content = segment + SEGMENT.length + UNKNOWN_SIZE.length;
  const seekHead = find(bytes, SEEK_HEAD, content);
  const { size, length } = readSize(bytes, seekHead + SEEK_HEAD.length);
  makeVoid(bytes, seekHead, SEEK_HEAD.length + length + size);
  makeVoid(bytes, find(bytes, DURATION, content), DURATION.length + 8);
  return bytes;
}

/** Makes an element of `total` bytes one that players skip. */
function makeVoid(bytes: Uint8Array, at: number, total: number): void {
  bytes.fill(0, at, at + total);
  bytes[at] = VOID;
  bytes[at + 1] = 0x01; // The length takes eight bytes, the first of which says so.
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 5, total - 9);
}

function readSize(bytes: Uint8Array, at: number): { readonly size: number; readonly length: number } {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  let size = first & (0xff >> length);
  for (let i = 1; i < length; i += 1) size = size * 256 + (bytes[at + i] ?? 0);
  return { size, length };
}

function find(bytes: Uint8Array, id: readonly number[], from: number): number {
  for (let at = from; at + id.length <= bytes.length; at += 1) if (id.every((byte, i) => bytes[at + i] === byte)) return at;
  throw new Error(`a WebM header without element ${id.map((byte) => byte.toString(16)).join('')}`);
}
