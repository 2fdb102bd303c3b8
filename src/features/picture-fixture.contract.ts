import { planesOf, type PixelBuffer } from '../core/pixels.ts';

// Pictures of every kind, made byte by byte where a browser makes none.

/** Red, green, blue and white quarters, as stored. */
const QUARTERS = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255], white: [255, 255, 255] } as const;

/** 64 x 32: red and green above, blue and white below. */
export async function quarters(type: 'image/jpeg' | 'image/png' | 'image/webp', width = 64, height = 32): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  for (const [i, colour] of Object.values(QUARTERS).entries()) {
    context.fillStyle = `rgb(${colour.join(' ')})`;
    context.fillRect(((i % 2) * width) / 2, (Math.floor(i / 2) * height) / 2, width / 2, height / 2);
  }
  return canvas.convertToBlob({ type, quality: 1 });
}

/** What lies in the middle of each quarter of a decoded picture: top left, top right, bottom left, bottom right. */
export function cornersOf({ data, width, height }: PixelBuffer): string {
  return [0, 1, 2, 3]
    .map((i) => {
      const x = Math.floor(width * (i % 2 === 0 ? 0.25 : 0.75));
      const y = Math.floor(height * (i < 2 ? 0.25 : 0.75));
      const pixel = pixelAt({ data, width }, x, y);
      return Object.entries(QUARTERS).find(([, colour]) => colour.every((level, channel) => Math.abs(level - pixel[channel]!) < 60))?.[0] ?? `rgb(${pixel.join(' ')})`;
    })
    .join(' ');
}

/** Red, green and blue of one pixel. */
export function pixelAt({ data, width }: Pick<PixelBuffer, 'data' | 'width'>, x: number, y: number): number[] {
  const at = planesOf('RGBA', { width, height: 1 }).byteLength * y + x * 4;
  return [...data.subarray(at, at + 3)];
}

/** The same JPEG with an EXIF orientation (TIFF tag 0x0112, big endian). */
export async function withOrientation(jpeg: Blob, orientation: number): Promise<Blob> {
  const tiff = [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const body = [...bytesOf('Exif'), 0, 0, ...tiff];
  return new Blob([jpeg.slice(0, 2), Uint8Array.from([0xff, 0xe1, 0, body.length + 2, ...body]), jpeg.slice(2)], { type: 'image/jpeg' });
}

/** 8 x 8 pixels of one colour in four channels, as printers have them: a baseline JPEG with the marker of Adobe, for which 255 is no ink. */
export function cmykJpeg(cyan: number, magenta: number, yellow: number, black: number): Blob {
  // One Huffman code of four bits for each number of bits, and one code of one bit for "no more coefficients".
  const dcTable = [0, 0, 0, 9, ...new Array<number>(12).fill(0), 0, 1, 2, 3, 4, 5, 6, 7, 8];
  const acTable = [1, ...new Array<number>(15).fill(0), 0];
  let bits = '';
  for (const level of [cyan, magenta, yellow, black]) {
    const value = level - 128;
    const length = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
    bits += length.toString(2).padStart(4, '0');
    if (length > 0) bits += (value > 0 ? value : value + 2 ** length - 1).toString(2).padStart(length, '0');
    bits += '0';
  }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  const scan = bits.match(/.{8}/g)!.flatMap((byte) => (byte === '11111111' ? [0xff, 0] : [Number.parseInt(byte, 2)]));
  const segment = (marker: number, body: readonly number[]): number[] => [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body];
  const channels = [1, 2, 3, 4];
  return new Blob([
    Uint8Array.from([
      0xff, 0xd8,
      ...segment(0xee, [...bytesOf('Adobe'), 0, 100, 0, 0, 0, 0, 0]),
      // A step of 8 makes the one coefficient as large as the level.
      ...segment(0xdb, [0, ...new Array<number>(64).fill(8)]),
      ...segment(0xc0, [8, 0, 8, 0, 8, 4, ...channels.flatMap((id) => [id, 0x11, 0])]),
      ...segment(0xc4, [0x00, ...dcTable]),
      ...segment(0xc4, [0x10, ...acTable]),
      ...segment(0xda, [4, ...channels.flatMap((id) => [id, 0]), 0, 63, 0]),
      ...scan,
      0xff, 0xd9,
    ]),
  ], { type: 'image/jpeg' });
}

/** A PNG of one colour, 16 bits a channel. */
export async function png16(width: number, height: number, [red, green, blue]: readonly [number, number, number]): Promise<Blob> {
  const row = [0, ...Array.from({ length: width }, () => [red, red, green, green, blue, blue]).flat()];
  return png(width, height, 16, [chunk('IDAT', await deflate(Array.from({ length: height }, () => row).flat()))]);
}

/** An animated PNG: each colour a frame. */
export async function animatedPng(colours: readonly (readonly [number, number, number])[]): Promise<Blob> {
  const [width, height] = [4, 4];
  const frames: Uint8Array<ArrayBuffer>[] = [chunk('acTL', [...uint32(colours.length), ...uint32(0)])];
  let sequence = 0;
  for (const [i, colour] of colours.entries()) {
    const row = [0, ...Array.from({ length: width }, () => colour).flat()];
    const data = await deflate(Array.from({ length: height }, () => row).flat());
    frames.push(chunk('fcTL', [...uint32(sequence++), ...uint32(width), ...uint32(height), ...uint32(0), ...uint32(0), 0, 1, 0, 10, 0, 0]));
    frames.push(i === 0 ? chunk('IDAT', data) : chunk('fdAT', [...uint32(sequence++), ...data]));
  }
  return png(width, height, 8, frames);
}

/** The beginning of a PNG that says of itself to be so large. */
export function pngHeader(width: number, height: number): Blob {
  return png(width, height, 8, []);
}

/** The beginning of a JPEG that says of itself to be so large. */
export function jpegHeader(width: number, height: number): Blob {
  return new Blob([Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])]);
}

/** GIF89a of 1 x 1 with two frames: white, then black. */
export function animatedGif(): Blob {
  const frame = (code: number): number[] => [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, code, 1, 0];
  return new Blob([Uint8Array.from([...bytesOf('GIF89a'), 1, 0, 1, 0, 0x80, 0, 0, 255, 255, 255, 0, 0, 0, ...frame(0x44), ...frame(0x4c), 0x3b])]);
}

/** A BMP of 2 x 1: red, then blue. */
export function bmp(): Blob {
  const header = new DataView(new ArrayBuffer(54));
  header.setUint16(0, 0x424d);
  header.setUint32(2, 62, true);
  header.setUint32(10, 54, true);
  header.setUint32(14, 40, true);
  header.setInt32(18, 2, true);
  // Negative: rows go down.
  header.setInt32(22, -1, true);
  header.setUint16(26, 1, true);
  header.setUint16(28, 24, true);
  header.setUint32(34, 8, true);
  return new Blob([header, Uint8Array.from([0, 0, 255, 255, 0, 0, 0, 0])]);
}

const decoded = (base64: string): Blob => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);

/** 16 x 8, left half reddish, right half bluish; made with libavif. */
export const avif = (): Blob =>
  decoded(
    'AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAAA+gABAAAAAAAAAC4AAAAjaWluZgAAAAAAAQAAABVpbmZl' +
      'AgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAABAAAAVmlwcnAAAAA4aXBjbwAAAAxhdjFDgSACAAAAABRpc3BlAAAAAAAAABAAAAAIAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAgMAAAA2bWRhdBIACgg4DL+0gIaD' +
      'SDIgGUJjBMAANAAA4CNTTWfO1K4EsOc6Jbllwlh2WqBRUoc=',
  );

/** The same without loss in WebP; made with libwebp. */
export const losslessWebp = (): Blob => decoded('UklGRigAAABXRUJQVlA4TBwAAAAvD8ABAA8wKKeQvov5/EcLxILJ/KU7U4jof+QA');

function png(width: number, height: number, depth: number, parts: readonly Uint8Array<ArrayBuffer>[]): Blob {
  const header = chunk('IHDR', [...uint32(width), ...uint32(height), depth, 2, 0, 0, 0]);
  return new Blob([Uint8Array.from([0x89, ...bytesOf('PNG\r\n\x1a\n')]), header, ...parts, chunk('IEND', [])], { type: 'image/png' });
}

function chunk(kind: string, body: Iterable<number>): Uint8Array<ArrayBuffer> {
  const content = [...bytesOf(kind), ...body];
  return Uint8Array.from([...uint32(content.length - 4), ...content, ...uint32(crc32(content))]);
}

async function deflate(bytes: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function crc32(bytes: readonly number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb88320);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function bytesOf(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}
