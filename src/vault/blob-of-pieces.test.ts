import { expect, it } from 'vitest';
import { blobOfPieces } from './blob-of-pieces.ts';

async function* pieces(count: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for (let i = 0; i < count; i += 1) {
    await Promise.resolve();
    yield new Uint8Array([i, i]);
  }
}

it.each([0, 1, 16, 17, 40])('%i pieces are one Blob, in order', async (count) => {
  const blob = await blobOfPieces(pieces(count), 'video/webm');
  expect(blob.type).toBe('video/webm');
  const bytes = [...new Uint8Array(await blob.arrayBuffer())];
  expect(bytes).toEqual(Array.from({ length: count }, (_, i) => [i, i]).flat());
});

it('what fails while it is read comes out', async () => {
  const failing = (async function* () {
    yield* pieces(3);
    throw new Error('changed');
  })();
  await expect(blobOfPieces(failing)).rejects.toThrow('changed');
});
