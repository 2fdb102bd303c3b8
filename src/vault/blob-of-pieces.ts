/** Each is about a second. */
const PIECES_IN_MEMORY = 16;

/** Redacted media as one Blob. Few pieces at a time are in memory; the browser may move the others out of it. @throws whatever reading throws. */
export async function blobOfPieces(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>, type = ''): Promise<Blob> {
  const parts: Blob[] = [];
  let open: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces) {
    open.push(piece);
    if (open.length < PIECES_IN_MEMORY) continue;
    parts.push(new Blob(open));
    open = [];
  }
  return new Blob([...parts, ...open], { type });
}
