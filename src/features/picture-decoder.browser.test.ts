import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodePicture, MAX_PICTURE_PIXELS, WORKING_SIDE_PX } from './picture-decoder.ts';
import { animatedGif, animatedPng, avif, bmp, cmykJpeg, cornersOf, jpegHeader, losslessWebp, pixelAt, png16, pngHeader, quarters, withOrientation } from './picture-fixture.contract.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const invalid = (reason: string, format?: string) => expect.objectContaining({ code: 'ERR_PICTURE_INVALID', details: { reason, ...(format === undefined ? {} : { format }) } }) as Error;

describe('a picture of an album, upright, in pixels of the original [TEN-album]', () => {
  it.each([
    [1, 'red green blue white'],
    [2, 'green red white blue'],
    [3, 'white blue green red'],
    [4, 'blue white red green'],
    [5, 'red blue green white'],
    [6, 'blue red white green'],
    [7, 'white green blue red'],
    [8, 'green white red blue'],
  ])('EXIF orientation %i of a JPEG', async (orientation, corners) => {
    const pixels = await decodePicture(await withOrientation(await quarters('image/jpeg'), orientation));
    expect(cornersOf(pixels)).toBe(corners);
    expect(pixels.display).toEqual(orientation < 5 ? { width: 64, height: 32 } : { width: 32, height: 64 });
    expect(pixels.orientation).toEqual({ rotation: 0, flip: false });
    expect(pixels.planes[0]).toMatchObject({ width: pixels.width, height: pixels.height });
  });

  it.each(['image/png', 'image/webp'] as const)('%s', async (type) => {
    expect(cornersOf(await decodePicture(await quarters(type)))).toBe('red green blue white');
  });

  it.each([['AVIF', avif], ['lossless WebP', losslessWebp]])('%s', async (_name, make) => {
    const pixels = await decodePicture(make());
    expect(pixels.display).toEqual({ width: 16, height: 8 });
    const [left, right] = [pixelAt(pixels, 3, 4), pixelAt(pixels, 12, 4)];
    expect(left[0]! - left[2]!).toBeGreaterThan(100);
    expect(right[2]! - right[0]!).toBeGreaterThan(100);
  });

  it('BMP', async () => {
    const pixels = await decodePicture(bmp());
    expect([pixelAt(pixels, 0, 0), pixelAt(pixels, 1, 0)]).toEqual([[255, 0, 0], [0, 0, 255]]);
  });

  it('16 bits a channel', async () => {
    expect(pixelAt(await decodePicture(await png16(3, 2, [200, 100, 50])), 1, 1)).toEqual([200, 100, 50]);
  });

  it('a JPEG in four printing inks', async () => {
    const cyan = pixelAt(await decodePicture(cmykJpeg(0, 255, 255, 255)), 4, 4);
    expect(cyan[0]).toBeLessThan(90);
    expect(cyan[2]).toBeGreaterThan(150);
    const paper = pixelAt(await decodePicture(cmykJpeg(255, 255, 255, 255)), 4, 4);
    expect(Math.min(...paper)).toBeGreaterThan(240);
  });

  it('one pixel', async () => {
    const pixels = await decodePicture(await png16(1, 1, [10, 20, 30]));
    expect([pixels.width, pixels.height, pixels.display, [...pixels.data]]).toEqual([1, 1, { width: 1, height: 1 }, [10, 20, 30, 255]]);
  });

  it('what is transparent lies on white', async () => {
    const canvas = new OffscreenCanvas(4, 4);
    canvas.getContext('2d')!.clearRect(0, 0, 4, 4);
    expect(pixelAt(await decodePicture(await canvas.convertToBlob({ type: 'image/png' })), 2, 2)).toEqual([255, 255, 255]);
  });

  it('the first frame of an animated PNG and of an animated GIF', async () => {
    expect(pixelAt(await decodePicture(await animatedPng([[10, 200, 30], [200, 0, 0]])), 1, 1)).toEqual([10, 200, 30]);
    expect(pixelAt(await decodePicture(animatedGif()), 0, 0)).toEqual([255, 255, 255]);
  });

  it('goes by what a file is, not by what it is called', async () => {
    const jpeg = await quarters('image/jpeg');
    expect(cornersOf(await decodePicture(new File([jpeg], 'notes.txt', { type: 'text/plain' })))).toBe('red green blue white');
  });

  it('shrinks a large one, and says the size that it had', async () => {
    const pixels = await decodePicture(await withOrientation(await quarters('image/jpeg', 6000, 1000), 6));
    expect(pixels.display).toEqual({ width: 1000, height: 6000 });
    expect([pixels.width, pixels.height]).toEqual([Math.round((1000 * WORKING_SIDE_PX) / 6000), WORKING_SIDE_PX]);
    expect(cornersOf(pixels)).toBe('blue red white green');
  });

  it('takes a bitmap and closes it', async () => {
    const bitmap = await createImageBitmap(await quarters('image/png'));
    expect(cornersOf(await decodePicture(bitmap))).toBe('red green blue white');
    expect(bitmap.width).toBe(0);
    await expect(decodePicture(bitmap)).rejects.toThrow(invalid('size'));
  });
});

describe('what is refused, and why', () => {
  it.each([
    ['nothing', new Blob([])],
    ['text', new Blob(['Dear diary'], { type: 'image/jpeg' })],
    ['a drawing that could fetch', new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'], { type: 'image/svg+xml' })],
    ['a video', new Blob([Uint8Array.from([0, 0, 0, 24]), 'ftypisom', new Uint8Array(40)])],
  ])('%s', async (_name, blob) => {
    await expect(decodePicture(blob)).rejects.toThrow(invalid('format'));
  });

  it('HEIC, by its name', async () => {
    await expect(decodePicture(new Blob([Uint8Array.from([0, 0, 0, 24]), 'ftypheic', new Uint8Array(40)]))).rejects.toThrow(invalid('format', 'heic'));
  });

  it.each(['image/jpeg', 'image/png', 'image/webp'] as const)('a cut-off %s, wherever it is cut', async (type) => {
    const whole = await quarters(type);
    for (const bytes of [12, 24, Math.floor(whole.size / 2), whole.size - 12]) {
      await expect(decodePicture(whole.slice(0, bytes)), String(bytes)).rejects.toThrow(expect.objectContaining({ code: 'ERR_PICTURE_INVALID' }) as Error);
    }
    await expect(decodePicture(whole.slice(0, 14))).rejects.toThrow(invalid('truncated', type.slice(6)));
  });

  it('one whose bytes are no pixels', async () => {
    await expect(decodePicture(pngHeader(20, 20))).rejects.toThrow(invalid('decode', 'png'));
  });

  it('one without width or height', async () => {
    await expect(decodePicture(pngHeader(0, 20))).rejects.toThrow(invalid('size', 'png'));
    await expect(decodePicture(jpegHeader(20, 0))).rejects.toThrow(invalid('size', 'jpeg'));
  });

  it('one of 100 megapixels, before anything of it is decoded', async () => {
    const decode = vi.spyOn(globalThis, 'createImageBitmap');
    for (const picture of [pngHeader(10_000, 10_000), jpegHeader(10_000, 10_000), pngHeader(MAX_PICTURE_PIXELS + 1, 1), pngHeader(0xffffffff, 0xffffffff)]) {
      await expect(decodePicture(picture)).rejects.toThrow(expect.objectContaining({ code: 'ERR_PICTURE_TOO_LARGE' }) as Error);
    }
    await expect(decodePicture(jpegHeader(10_000, 10_000))).rejects.toMatchObject({ details: { width: 10_000, height: 10_000, limit: MAX_PICTURE_PIXELS } });
    expect(decode).not.toHaveBeenCalled();
  });

  it('a file beyond all photographs, without reading it', async () => {
    const file = await quarters('image/png');
    Object.defineProperty(file, 'size', { value: 2 ** 31 });
    await expect(decodePicture(file)).rejects.toThrow(expect.objectContaining({ code: 'ERR_PICTURE_TOO_LARGE', details: { bytes: 2 ** 31, limit: 2 ** 28 } }) as Error);
  });

  it('a JPEG of endless segments', async () => {
    const segments = Uint8Array.from({ length: 8000 }, (_, i) => [0xff, 0xe1, 0, 2][i % 4]!);
    await expect(decodePicture(new Blob([Uint8Array.from([0xff, 0xd8]), segments]))).rejects.toThrow(invalid('format', 'jpeg'));
  });

  it('a file that has gone away', async () => {
    const file = await quarters('image/png');
    file.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) as unknown as Blob;
    await expect(decodePicture(file)).rejects.toThrow(invalid('unreadable'));
  });
});
