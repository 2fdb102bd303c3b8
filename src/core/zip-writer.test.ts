import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from './canonical-json.ts';
import { crc32 } from './crc32.ts';
import type { FacePrivacyError } from './errors.ts';
import { readStoredZip } from './zip-reader.ts';
import { centralHeader, endOfArchive, localHeader, type ZipEntry } from './zip-records.ts';
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
    expect(() => zip.finish()).toThrow(TypeError);
  });
});

/** A Blob of which what is said to be large holds nothing but zeros. */
function sparse(parts: readonly (Uint8Array<ArrayBuffer> | { readonly size: number })[]): Blob {
  const size = parts.reduce((sum, part) => sum + ('size' in part ? part.size : part.length), 0);
  return {
    size,
    slice(from: number, until: number) {
      const slices: (Uint8Array<ArrayBuffer> | { readonly size: number })[] = [];
      let at = 0;
      for (const part of parts) {
        const bytes = 'size' in part ? part.size : part.length;
        const [start, end] = [Math.max(0, from - at), Math.min(bytes, until - at)];
        if (start < end) slices.push('size' in part ? { size: end - start } : part.slice(start, end));
        at += bytes;
      }
      return sparse(slices);
    },
    arrayBuffer: () => new Blob(parts.map((part) => ('size' in part ? new Uint8Array(part.size) : part))).arrayBuffer(),
    text: () => new Blob(parts.map((part) => ('size' in part ? new Uint8Array(part.size) : part))).text(),
  } as unknown as Blob;
}

describe('an archive of more than 4 GB', () => {
  const WIDE = { bytes: 0, files: 0 };
  const expected = { 'a.webm': { most: 2 ** 36 }, 'b.json': { most: 2 ** 36 } };

  it('has numbers of 64 bits, which this and other programs read; smaller ones have none', async () => {
    const made = async (limits?: typeof WIDE): Promise<Blob> => {
      const zip = new ZipWriter(MADE_AT, limits);
      await zip.add('a.webm', new Blob(['moving']));
      await zip.add('b.json', pieces('{', '}'));
      return zip.finish();
    };
    const [wide, narrow] = [await made(WIDE), await made()];
    expect(narrow.size).toBe(2 * (30 + 6 + 46 + 6) + 'moving{}'.length + 22);
    // Two sizes before each file; two sizes and a place in its line of the directory; the end and where it lies.
    expect(wide.size - narrow.size).toBe(2 * (20 + 28) + 56 + 20);
    for (const archive of [wide, narrow]) {
      const files = await readStoredZip(archive, expected);
      expect(await Promise.all([...files].map(async ([name, content]) => [name, await content.text()]))).toEqual([['a.webm', 'moving'], ['b.json', '{}']]);
      expect(Object.entries(await unzipped(archive)).map(([name, bytes]) => [name, new TextDecoder().decode(bytes)])).toEqual([['a.webm', 'moving'], ['b.json', '{}']]);
    }
  });

  it('with any one byte changed is read as it was, or not at all', async () => {
    const zip = new ZipWriter(MADE_AT, WIDE);
    await zip.add('a.webm', new Blob(['moving']));
    await zip.add('b.json', pieces('{}'));
    const bytes = new Uint8Array(await zip.finish().arrayBuffer());
    let opened = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const bent = bytes.slice();
      bent[at]! ^= 1 << (at % 8);
      const read = await readStoredZip(new Blob([bent]), expected).then((files) => [...files.values()].map(({ size }) => size), (error: unknown) => (error as FacePrivacyError).code);
      if (typeof read === 'string') expect(read).toBe('ERR_BUNDLE_INVALID');
      else {
        expect(read).toEqual([6, 2]);
        opened += 1;
      }
    }
    // Only contents, for which there are hashes, and what nothing depends on: times, versions, attributes.
    expect(opened).toBeLessThan(bytes.length / 4);
  });

  it('holds files of any size, anywhere: 5 GB before another, of which no byte is read that is not wanted', async () => {
    const GB = 2 ** 30;
    const huge = { size: 5 * GB };
    const small = new TextEncoder().encode('{}');
    const entry = (path: string, at: number, bytes: number, crc: number): ZipEntry => ({ path, at, bytes, storedBytes: bytes, crc, isDeflated: false, madeAt: MADE_AT });
    const first = entry('a.webm', 0, huge.size, 7);
    const second = entry('b.json', localHeader(first).length + huge.size, small.length, crc32(small));
    const before = [localHeader(first), huge, localHeader(second), small];
    const directory = [centralHeader(first), centralHeader(second)];
    const at = second.at + localHeader(second).length + small.length;
    const end = { files: 2, at, bytes: directory[0]!.length + directory[1]!.length };
    // The sizes of one file, the place of the other, the place of the directory: nothing else takes 64 bits.
    expect([localHeader(first), localHeader(second), ...directory].map(({ length }) => length)).toEqual([36 + 20, 36, 52 + 20, 52 + 12]);
    const archive = sparse([...before, ...directory, endOfArchive(end)]);
    const files = await readStoredZip(archive, expected);
    expect([files.get('a.webm')!.size, await files.get('b.json')!.text()]).toEqual([5 * GB, '{}']);
    for (const [wrong, reason] of [
      [[...before, ...directory, endOfArchive({ ...end, at: at + 1 })], 'damaged'],
      [[...before, ...directory, endOfArchive({ ...end, files: 3 })], 'extra-entry'],
      [[...before, centralHeader({ ...first, bytes: first.bytes - 1, storedBytes: first.bytes - 1 }), directory[1]!, endOfArchive(end)], 'damaged'],
      [[...before, directory[0]!, centralHeader({ ...second, at: second.at - 1 }), endOfArchive(end)], 'damaged'],
      [[...before, centralHeader({ ...first, bytes: 2 ** 37, storedBytes: 2 ** 37 }), directory[1]!, endOfArchive(end)], 'too-large'],
    ] as const) {
      await expect(readStoredZip(sparse([...wrong]), expected)).rejects.toMatchObject({ code: 'ERR_BUNDLE_INVALID', details: { reason } });
    }
  });
});
