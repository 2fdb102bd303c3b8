import { FacePrivacyError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';

/** Kinds of pictures whose headers are known; what the browser cannot decode of them, it refuses itself. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'bmp';

/** What a picture says of itself before anything of it is decoded. */
export interface PictureHeader {
  readonly format: PictureFormat;
  /** As stored: an EXIF orientation may swap width and height. */
  readonly size: Size;
}

/** What is wrong with a picture, `details.reason` of ERR_PICTURE_INVALID. */
export type PictureFault = 'unreadable' | 'format' | 'truncated' | 'size' | 'decode';

const CHUNK_BYTES = 64 * 1024;
/** A JPEG has a few dozen segments before its frame; more are made to keep a reader busy. */
const MAX_SEGMENTS = 1000;

/** A refusal. The message has no name of the file in it, which may be one of a person. */
export function invalidPicture(reason: PictureFault, format: string | null, cause?: unknown): FacePrivacyError {
  const text = {
    unreadable: 'The file cannot be read (any more).',
    format: 'It is no picture of a kind that can be read; JPEG, PNG, WebP, AVIF, GIF and BMP can.',
    truncated: 'The picture ends too early.',
    size: 'The picture has no width or no height.',
    decode: 'The browser cannot decode the picture.',
  }[reason];
  return new FacePrivacyError('ERR_PICTURE_INVALID', text, { cause, details: { reason, ...(format === null ? {} : { format }) } });
}

/**
 * Reads format and size out of the first bytes, whatever the type of the Blob claims (ITU-T T.81 B.2, PNG 3rd edition 11.2.1, RFC 9649, GIF89a
 * 17-18, ISO/IEC 14496-12 and 23008-12 for AVIF). Borrows the Blob.
 * @throws FacePrivacyError ERR_PICTURE_INVALID.
 */
export async function readPictureHeader(picture: Blob): Promise<PictureHeader> {
  const bytes = new ByteWindow(picture);
  const start = await bytes.view(0, Math.min(16, picture.size));
  const format = formatOf(start);
  if (format === null) throw invalidPicture('format', null);
  if (format === 'heic') throw invalidPicture('format', format);
  let size: Size;
  try {
    size = await SIZES[format](bytes);
  } catch (error) {
    if (error instanceof EndOfPicture) throw invalidPicture('truncated', format);
    throw error;
  }
  if (size.width <= 0 || size.height <= 0) throw invalidPicture('size', format);
  return { format, size };
}

function formatOf(start: DataView): PictureFormat | 'heic' | null {
  const text = String.fromCharCode(...new Uint8Array(start.buffer, start.byteOffset, start.byteLength));
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.startsWith('BM')) return 'bmp';
  if (text.slice(4, 8) === 'ftyp') return /avi[fs]|mif1|msf1/.test(text.slice(8, 12)) ? 'avif' : /hei|hev/.test(text.slice(8, 12)) ? 'heic' : null;
  return null;
}

const SIZES: Readonly<Record<PictureFormat, (bytes: ByteWindow) => Promise<Size>>> = {
  jpeg: jpegSize,
  png: async (bytes) => {
    const header = await bytes.view(8, 16);
    if (header.getUint32(4) !== fourCc('IHDR')) throw invalidPicture('format', 'png');
    return { width: header.getUint32(8), height: header.getUint32(12) };
  },
  gif: async (bytes) => {
    const screen = await bytes.view(6, 4);
    return { width: screen.getUint16(0, true), height: screen.getUint16(2, true) };
  },
  bmp: async (bytes) => {
    const header = await bytes.view(14, 12);
    // OS/2 bitmaps have 16-bit sizes; the height of the others is negative where rows go down.
    if (header.getUint32(0, true) === 12) return { width: header.getUint16(4, true), height: header.getUint16(6, true) };
    return { width: header.getInt32(4, true), height: Math.abs(header.getInt32(8, true)) };
  },
  webp: webpSize,
  avif: avifSize,
};

async function jpegSize(bytes: ByteWindow): Promise<Size> {
  for (let at = 2, segment = 0; segment < MAX_SEGMENTS; segment++) {
    const head = await bytes.view(at, 4);
    if (head.getUint8(0) !== 0xff) throw invalidPicture('format', 'jpeg');
    const marker = head.getUint8(1);
    if (marker === 0xff) {
      at += 1; // A fill byte.
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const frame = await bytes.view(at + 5, 4);
      return { width: frame.getUint16(2), height: frame.getUint16(0) };
    }
    // Scan or end before any frame: there is no picture.
    if (marker === 0xda || marker === 0xd9) throw invalidPicture('format', 'jpeg');
    at += 2 + Math.max(2, head.getUint16(2));
  }
  throw invalidPicture('format', 'jpeg');
}

async function webpSize(bytes: ByteWindow): Promise<Size> {
  const chunk = await bytes.view(12, 18);
  switch (chunk.getUint32(0)) {
    case fourCc('VP8X'):
      return { width: 1 + uint24(chunk, 12), height: 1 + uint24(chunk, 15) };
    case fourCc('VP8L'): {
      const packed = chunk.getUint32(9, true);
      return { width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) };
    }
    case fourCc('VP8 '):
      return { width: chunk.getUint16(14, true) & 0x3fff, height: chunk.getUint16(16, true) & 0x3fff };
    default:
      throw invalidPicture('format', 'webp');
  }
}

/** The largest of the item sizes in `meta/iprp/ipco`: a picture made of tiles has one for them and one for the whole. */
async function avifSize(bytes: ByteWindow): Promise<Size> {
  let sizes: Size[] = [];
  const walk = async (from: number, to: number): Promise<void> => {
    for (let at = from, boxes = 0; at + 8 <= to && boxes < MAX_SEGMENTS; boxes++) {
      const head = await bytes.view(at, 8);
      const length = head.getUint32(0);
      const kind = head.getUint32(4);
      // 0: to the end; 1: a 64-bit length, as only picture data needs.
      const end = length === 0 ? to : at + length;
      if (length === 1 || (length !== 0 && length < 8)) return;
      if (kind === fourCc('ispe')) {
        const size = await bytes.view(at + 12, 8);
        sizes = [...sizes, { width: size.getUint32(0), height: size.getUint32(4) }];
      } else if (kind === fourCc('meta')) {
        await walk(at + 12, Math.min(end, to));
        return;
      } else if (kind === fourCc('iprp') || kind === fourCc('ipco')) {
        await walk(at + 8, Math.min(end, to));
      }
      at = end;
    }
  };
  await walk(0, bytes.size);
  const largest = sizes.sort((a, b) => b.width * b.height - a.width * a.height)[0];
  if (largest === undefined) throw invalidPicture('format', 'avif');
  return largest;
}

function fourCc(text: string): number {
  return [...text].reduce((code, letter) => ((code << 8) | letter.charCodeAt(0)) >>> 0, 0);
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

/** Thrown where a header goes on after the last byte. */
class EndOfPicture extends Error {}

/** Small parts of a Blob, read a chunk at a time: a file of many megabytes is never in memory for its header. */
class ByteWindow {
  readonly size: number;
  readonly #picture: Blob;
  #offset = 0;
  #chunk: ArrayBuffer = new ArrayBuffer(0);

  constructor(picture: Blob) {
    this.#picture = picture;
    this.size = picture.size;
  }

  async view(offset: number, length: number): Promise<DataView> {
    if (offset + length > this.size) throw new EndOfPicture();
    if (offset < this.#offset || offset + length > this.#offset + this.#chunk.byteLength) {
      this.#chunk = await this.#picture.slice(offset, offset + Math.max(length, CHUNK_BYTES)).arrayBuffer().catch((cause: unknown) => {
        throw invalidPicture('unreadable', null, cause);
      });
      this.#offset = offset;
      if (this.#chunk.byteLength < length) throw new EndOfPicture();
    }
    return new DataView(this.#chunk, offset - this.#offset, length);
  }
}
