import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from './canonical-json.ts';
import { ZipWriter } from './zip-writer.ts';

const MADE_AT = Date.UTC(2026, 10, 22, 12);

async function unzipped(blob: Blob): Promise<Record<string, Uint8Array>> {
  return unzipSync(new Uint8Array(await blob.arrayBuffer()));
}

async function* pieces(...all: readonly string[]): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for (const piece of all) yield new TextEncoder().encode(piece);
}

describe('an archive', () => {
  it('holds texts, blobs and streams as they were, and tells their hashes', async () => {
    const zip = new ZipWriter(MADE_AT);
    const text = '遮住的脸 '.repeat(1000);
    expect(await zip.add('read-me.txt', text)).toEqual({ path: 'read-me.txt', bytes: new TextEncoder().encode(text).length, sha256: await sha256Hex(text) });
    expect((await zip.add('media/a.webm', pieces('one', 'two'))).sha256).toBe(await sha256Hex('onetwo'));
    expect((await zip.add('media/empty.bin', new Blob([]))).bytes).toBe(0);
    await zip.add('media/b.webm', new Blob(['three']));
    const blob = zip.finish();
    expect(blob.type).toBe('application/zip');
    const files = await unzipped(blob);
    const told = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]));
    expect(told).toEqual({ 'read-me.txt': text, 'media/a.webm': 'onetwo', 'media/empty.bin': '', 'media/b.webm': 'three' });
    // Texts are deflated, media are not.
    expect(blob.size).toBeLessThan(2000);
  });

  it('takes bytes of which the owner makes other use afterwards, and more than one part', async () => {
    const zip = new ZipWriter(MADE_AT);
    async function* reused(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
      const buffer = new Uint8Array(1024 * 1024);
      for (let i = 0; i < 10; i += 1) yield buffer.fill(i);
    }
    await zip.add('a.bin', reused());
    const { 'a.bin': bytes } = await unzipped(zip.finish());
    expect(Array.from({ length: 10 }, (_, i) => bytes?.[i * 1024 * 1024])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it.each(['', '/etc/passwd', '../a', 'a/../b', 'a//b', 'a/', 'a b', 'C:\\a', '.hidden', 'ü'])('refuses the path %o', async (path) => {
    await expect(new ZipWriter(MADE_AT).add(path, '')).rejects.toThrow(TypeError);
  });

  it('refuses the same path twice, and anything after its end', async () => {
    const zip = new ZipWriter(MADE_AT);
    await zip.add('a', '1');
    await expect(zip.add('a', '2')).rejects.toThrow(TypeError);
    zip.finish();
    await expect(zip.add('b', '2')).rejects.toThrow(TypeError);
  });

  it('comes to nothing when what goes into it does', async () => {
    const zip = new ZipWriter(MADE_AT);
    async function* breaking(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
      yield new Uint8Array(3);
      throw new Error('a piece is missing');
    }
    await expect(zip.add('a', breaking())).rejects.toThrow('a piece is missing');
  });
});
