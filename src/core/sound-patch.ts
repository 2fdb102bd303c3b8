/** Bytes of a piece that are its sound, by their place in it. */
export interface SoundRange {
  readonly at: number;
  readonly length: number;
}

/** Place and length of a range, 32 bits each. */
const HEAD_BYTES = 8;

/** Copies these ranges of a piece; {@link putBack} is the inverse. Borrows the bytes. */
export function takeOut(bytes: Uint8Array, ranges: readonly SoundRange[]): Uint8Array<ArrayBuffer> {
  const patch = new Uint8Array(ranges.reduce((sum, { length }) => sum + HEAD_BYTES + length, 0));
  const view = new DataView(patch.buffer);
  let to = 0;
  for (const { at, length } of ranges) {
    view.setUint32(to, at);
    view.setUint32(to + 4, length);
    patch.set(bytes.subarray(at, at + length), to + HEAD_BYTES);
    to += HEAD_BYTES + length;
  }
  return patch;
}

/**
 * Writes into a piece without sound what makes it the piece with sound.
 * @param patch from {@link takeOut}.
 * @throws RangeError when the patch is of another piece.
 */
export function putBack(bytes: Uint8Array, patch: Uint8Array): void {
  const view = new DataView(patch.buffer, patch.byteOffset, patch.byteLength);
  for (let from = 0; from < patch.length; ) {
    const at = view.getUint32(from);
    const length = view.getUint32(from + 4);
    from += HEAD_BYTES;
    if (at + length > bytes.length || from + length > patch.length) throw new RangeError('Sound of another piece.');
    bytes.set(patch.subarray(from, from + length), at);
    from += length;
  }
}
