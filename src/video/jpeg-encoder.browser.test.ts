import { describe, expect, test } from 'vitest';
import type { Size } from '../core/geometry.ts';
import { encodeJpeg } from './jpeg-encoder.ts';

/** Soft colours, edges and noise, as faces have them. */
function pictureOf({ width, height }: Size): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  let state = 7;
  for (let y = 0, o = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, o += 3) {
      state = (state * 48_271) % 0x7fff_ffff;
      const noise = (state % 9) - 4;
      const edge = (x >> 4) % 2 === 0 ? 30 : 0;
      rgb.set([(x * 200) / width + edge + noise, (y * 200) / height + edge + noise, 120 + noise].map((value) => Math.min(Math.max(Math.round(value), 0), 255)), o);
    }
  }
  return rgb;
}

async function decoded(jpeg: Uint8Array<ArrayBuffer>): Promise<ImageData> {
  const decoder = new ImageDecoder({ data: jpeg, type: 'image/jpeg' });
  const { image } = await decoder.decode();
  const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  image.close();
  decoder.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Mean difference of a channel, 0 to 255. */
function meanError(rgb: Uint8Array, { data }: ImageData): number {
  let sum = 0;
  for (let i = 0, o = 0; i < data.length; i += 4, o += 3) for (let c = 0; c < 3; c += 1) sum += Math.abs(data[i + c]! - rgb[o + c]!);
  return sum / rgb.length;
}

describe('encodeJpeg', () => {
  test.each<[number, number]>([[320, 200], [16, 16], [17, 33], [1, 1], [7, 120]])('a browser decodes it to what went in: %i x %i', async (width, height) => {
    const rgb = pictureOf({ width, height });
    const image = await decoded(encodeJpeg(rgb, { width, height }, 90));
    expect([image.width, image.height]).toEqual([width, height]);
    expect(meanError(rgb, image)).toBeLessThan(width * height < 1000 ? 6 : 4);
    const other = pictureOf({ width, height }).map((value) => 255 - value);
    expect(meanError(other, image)).toBeGreaterThan(20);
  });

  test('quality costs bytes and gives likeness; the hardest picture still fits', async () => {
    const size = { width: 128, height: 96 };
    const rgb = pictureOf(size);
    const [low, high] = [encodeJpeg(rgb, size, 30), encodeJpeg(rgb, size, 95)];
    expect(high.length).toBeGreaterThan(1.5 * low.length);
    expect(meanError(rgb, await decoded(high))).toBeLessThan(meanError(rgb, await decoded(low)));
    const harsh = Uint8Array.from({ length: rgb.length }, (_, i) => ((i * 2_654_435_761) >>> 13) % 2 === 0 ? 0 : 255);
    expect(meanError(harsh, await decoded(encodeJpeg(harsh, size, 100)))).toBeLessThan(100);
  });

  test('a size that is not the picture\'s is refused', () => {
    expect(() => encodeJpeg(new Uint8Array(12), { width: 3, height: 2 }, 80)).toThrow(RangeError);
    expect(() => encodeJpeg(new Uint8Array(0), { width: 0, height: 2 }, 80)).toThrow(RangeError);
  });
});
