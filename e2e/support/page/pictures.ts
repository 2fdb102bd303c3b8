import { real } from './real.ts';

/** A still picture as packed RGBA, rows from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/** Draws one of the sample photos, whole, at the given size. */
export async function photoAt(name: string, width: number, height: number): Promise<Picture> {
  const blob = await (await fetch(`/photos/${name}`)).blob();
  const bitmap = await real.createImageBitmap(blob);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  context.imageSmoothingQuality = 'high';
  real.drawImage.call(context, bitmap, 0, 0, width, height);
  bitmap.close();
  return { width, height, rgba: real.getImageData.call(context, 0, 0, width, height).data };
}

/** The picture as it has to be stored so that turning it clockwise by `degrees` shows it upright. */
export function storedFor({ width, height, rgba }: Picture, degrees: 0 | 90 | 180 | 270): Picture {
  if (degrees === 0) return { width, height, rgba };
  const swap = degrees !== 180;
  const stored = { width: swap ? height : width, height: swap ? width : height };
  const out = new Uint32Array(stored.width * stored.height);
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  for (let y = 0; y < stored.height; y++) {
    for (let x = 0; x < stored.width; x++) {
      // Where the stored pixel lands when the picture is turned clockwise.
      const [u, v] = degrees === 90 ? [width - 1 - y, x] : degrees === 180 ? [width - 1 - x, height - 1 - y] : [y, height - 1 - x];
      out[y * stored.width + x] = pixels[v * width + u]!;
    }
  }
  return { ...stored, rgba: new Uint8ClampedArray(out.buffer) };
}

/** The formats that test frames are made in. */
export type PictureFormat = 'I420' | 'NV12' | 'RGBA' | 'BGRA';

/** How a test frame is stored. */
export interface Storage {
  readonly format: PictureFormat;
  readonly rotation?: 0 | 90 | 180 | 270;
  readonly displayWidth?: number;
  readonly displayHeight?: number;
}

/** A frame of the picture in the given form. The caller closes it. */
export function frameOf(picture: Picture, { format, rotation = 0, displayWidth, displayHeight }: Storage, timestampUs: number): VideoFrame {
  const { width, height, rgba } = storedFor(picture, rotation);
  const init = {
    format,
    codedWidth: width,
    codedHeight: height,
    timestamp: timestampUs,
    rotation,
    ...(displayWidth === undefined ? {} : { displayWidth }),
    ...(displayHeight === undefined ? {} : { displayHeight }),
  };
  return new real.VideoFrame(bytesOf(format, width, height, rgba), init);
}

function bytesOf(format: PictureFormat, width: number, height: number, rgba: Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  if (format === 'RGBA') return new Uint8Array(rgba);
  if (format === 'BGRA') {
    const bgra = new Uint8Array(rgba);
    for (let i = 0; i < bgra.length; i += 4) [bgra[i], bgra[i + 2]] = [bgra[i + 2]!, bgra[i]!];
    return bgra;
  }
  const chromaWidth = (width + 1) >> 1;
  const chromaHeight = (height + 1) >> 1;
  const bytes = new Uint8Array(width * height + 2 * chromaWidth * chromaHeight);
  for (let i = 0; i < width * height; i++) {
    bytes[i] = 16 + (65.481 * rgba[4 * i]! + 128.553 * rgba[4 * i + 1]! + 24.966 * rgba[4 * i + 2]!) / 255;
  }
  for (let y = 0; y < chromaHeight; y++) {
    for (let x = 0; x < chromaWidth; x++) {
      const at = 4 * (2 * y * width + 2 * x);
      const [r, g, b] = [rgba[at]!, rgba[at + 1]!, rgba[at + 2]!];
      const u = 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255;
      const v = 128 + (112 * r - 93.786 * g - 18.214 * b) / 255;
      const sample = y * chromaWidth + x;
      const [atU, atV] =
        format === 'NV12' ? [width * height + 2 * sample, width * height + 2 * sample + 1] : [width * height + sample, width * height + chromaWidth * chromaHeight + sample];
      bytes[atU] = u;
      bytes[atV] = v;
    }
  }
  return bytes;
}

/** A track that shows what it is fed, about 30 times a second. */
export class FedTrack {
  readonly track: MediaStreamTrack;
  #make: (timestampUs: number) => VideoFrame;
  #timer: ReturnType<typeof setInterval>;
  #fed = 0;

  constructor(make: (timestampUs: number) => VideoFrame, intervalMs = 33) {
    const generator = new real.MediaStreamTrackGenerator({ kind: 'video' });
    const writer = generator.writable.getWriter();
    this.track = generator;
    this.#make = make;
    this.#timer = setInterval(() => {
      const frame = this.#make(this.#fed * intervalMs * 1000);
      this.#fed += 1;
      // The track ends when a test stops it; what is written then has nowhere to go.
      writer.write(frame).catch(() => {
        frame.close();
        clearInterval(this.#timer);
      });
    }, intervalMs);
  }

  /** Shows other frames from now on. */
  show(make: (timestampUs: number) => VideoFrame): void {
    this.#make = make;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.track.stop();
  }
}
