import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { MARKER_BLOCK_PX, MARKER_FRAMES, markerArea, readFrameMarker, writeFrameMarker } from './marker.mjs';

const SIZE = { width: 320, height: 180 };

/** A busy picture, the same each time. */
function noise(width: number, height: number, channels: number, seed = 1): Uint8Array {
  const pixels = new Uint8Array(width * height * channels);
  let state = seed;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return pixels;
}

function marked(frame: number): Uint8Array {
  const pixels = noise(SIZE.width, SIZE.height, 3);
  writeFrameMarker(pixels, { ...SIZE, channels: 3 }, frame);
  return pixels;
}

const raw = { ...SIZE, channels: 3 as const };

describe('frame marker', () => {
  it('reads back every number that it can hold', () => {
    const plane = new Uint8Array(SIZE.width * SIZE.height).fill(120);
    for (let frame = 0; frame < MARKER_FRAMES; frame++) {
      writeFrameMarker(plane, { ...SIZE, channels: 1 }, frame);
      expect(readFrameMarker(plane, SIZE)).toBe(frame);
    }
  });

  it.each([0, 1, 359, 682, 1023])('survives JPEG and WebP loss: %i', async (frame) => {
    for (const quality of [90, 40]) {
      const jpeg = await sharp(marked(frame), { raw }).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer();
      expect(readFrameMarker(await sharp(jpeg).raw().toBuffer(), raw)).toBe(frame);
      const webp = await sharp(marked(frame), { raw }).webp({ quality }).toBuffer();
      expect(readFrameMarker(await sharp(webp).raw().toBuffer(), raw)).toBe(frame);
    }
  });

  it('reads RGBA, a luma plane with stride and offset, stretched range and a scaled picture', async () => {
    const rgba = await sharp(marked(345), { raw }).ensureAlpha().raw().toBuffer();
    expect(readFrameMarker(rgba, { ...SIZE, channels: 4 })).toBe(345);

    const strideBytes = SIZE.width + 64;
    const plane = new Uint8Array(100 + strideBytes * SIZE.height);
    const rgb = marked(345);
    for (let y = 0; y < SIZE.height; y++) {
      for (let x = 0; x < SIZE.width; x++) {
        // Limited to full range, as a browser does when it shows the frame.
        const luma = rgb[(y * SIZE.width + x) * 3] ?? 0;
        plane[100 + y * strideBytes + x] = Math.min(255, Math.max(0, Math.round((luma - 16) * 1.164)));
      }
    }
    expect(readFrameMarker(plane, { ...SIZE, strideBytes, offsetBytes: 100 })).toBe(345);

    for (const height of [90, 270]) {
      const { data, info } = await sharp(marked(345), { raw }).resize({ height }).raw().toBuffer({ resolveWithObject: true });
      expect(readFrameMarker(data, { width: info.width, height: info.height, channels: 3, clipHeight: SIZE.height })).toBe(345);
    }
  });

  it('is null where there is none: flat, noise, too small', () => {
    for (const value of [0, 16, 128, 235, 255]) expect(readFrameMarker(new Uint8Array(320 * 180).fill(value), SIZE)).toBeNull();
    for (let seed = 1; seed <= 200; seed++) expect(readFrameMarker(noise(320, 180, 1, seed), SIZE)).toBeNull();
    expect(readFrameMarker(new Uint8Array(100 * 20), { width: 100, height: 20 })).toBeNull();
    expect(readFrameMarker(new Uint8Array(10), SIZE)).toBeNull();
  });

  it('is null when one block is wrong, grey or blurred', async () => {
    const { x, y } = markerArea(SIZE.height);
    for (let i = 0; i < 18; i++) {
      for (const paint of [(old: number) => (old > 128 ? 16 : 235), () => 128]) {
        const plane = new Uint8Array(SIZE.width * SIZE.height);
        writeFrameMarker(plane, { ...SIZE, channels: 1 }, 345);
        const left = x + (i % 9) * MARKER_BLOCK_PX;
        const top = y + Math.floor(i / 9) * MARKER_BLOCK_PX;
        const value = paint(plane[top * SIZE.width + left] ?? 0);
        for (let row = 0; row < MARKER_BLOCK_PX; row++) plane.fill(value, (top + row) * SIZE.width + left, (top + row) * SIZE.width + left + MARKER_BLOCK_PX);
        expect(readFrameMarker(plane, SIZE), `block ${i}`).toBeNull();
      }
    }
    const blurred = await sharp(marked(345), { raw }).blur(20).raw().toBuffer();
    expect(readFrameMarker(blurred, raw)).toBeNull();
  });

  it('refuses a number that does not fit', () => {
    for (const frame of [-1, MARKER_FRAMES, 1.5, Number.NaN]) expect(() => writeFrameMarker(marked(0), raw, frame)).toThrow(RangeError);
  });
});
