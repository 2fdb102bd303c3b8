import { describe, expect, it } from 'vitest';
import { planesOf, type PixelBuffer, type WorkableFormat } from '../../core/pixels.ts';
import { createSceneChangeDetector } from './scene-change.ts';

const WIDTH = 320;
const HEIGHT = 180;

/** A smooth but varied landscape that goes on for ever; each seed another one. */
function landscape(x: number, y: number, seed: number): number {
  return 128 + 55 * Math.sin((x + 31 * seed) / (17 + 5 * seed)) + 45 * Math.cos((y - 13 * seed) / (11 + 3 * seed)) + 20 * Math.sin((x + y) / 29);
}

function picture({ seed = 1, panPx = 0, gain = 1, format = 'I420' as WorkableFormat, noise = 0 }): PixelBuffer {
  const size = { width: WIDTH, height: HEIGHT };
  const { planes, byteLength } = planesOf(format, size);
  const data = new Uint8Array(byteLength);
  let random = 7;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      random = (random * 1103515245 + 12345) % 2147483648;
      const value = Math.min(255, Math.max(0, landscape(x + panPx, y, seed) * gain + (random / 2147483648 - 0.5) * noise));
      if (format === 'I420') data[y * WIDTH + x] = value;
      else data.fill(value, 4 * (y * WIDTH + x), 4 * (y * WIDTH + x) + 3);
    }
  }
  return { ...size, format, data, planes, colour: { matrix: 'bt601', fullRange: false }, orientation: { rotation: 0, flip: false }, display: size };
}

describe('createSceneChangeDetector', () => {
  it.each(['I420', 'RGBA'] as const)('sees a cut in %s', (format) => {
    const scene = createSceneChangeDetector();
    expect(scene.compare(picture({ seed: 1, format })).isCut).toBe(false);
    expect(scene.compare(picture({ seed: 1, format })).isCut).toBe(false);
    expect(scene.compare(picture({ seed: 4, format })).isCut).toBe(true);
    expect(scene.compare(picture({ seed: 4, format })).isCut).toBe(false);
  });

  it('takes a fast pan for a pan', () => {
    const scene = createSceneChangeDetector();
    const changes = Array.from({ length: 30 }, (_, i) => scene.compare(picture({ panPx: i * 22 })).isCut);
    expect(changes.filter(Boolean)).toHaveLength(0);
  });

  it('takes noise and slow light for what they are', () => {
    const scene = createSceneChangeDetector();
    const changes = Array.from({ length: 20 }, (_, i) => scene.compare(picture({ noise: 60, gain: 1 - i * 0.02 })).isCut);
    expect(changes.filter(Boolean)).toHaveLength(0);
  });

  it('sees the light go on', () => {
    const scene = createSceneChangeDetector();
    scene.compare(picture({ gain: 0.1 }));
    expect(scene.compare(picture({ gain: 1 })).isCut).toBe(true);
  });

  it('does not call every flash of a flashing light another scene', () => {
    const scene = createSceneChangeDetector();
    const changes = Array.from({ length: 60 }, (_, i) => scene.compare(picture({ seed: i % 2 === 0 ? 1 : 4 })).isCut);
    expect(changes.slice(20).filter(Boolean)).toHaveLength(0);
  });

  it('compares with nothing after a reset', () => {
    const scene = createSceneChangeDetector();
    scene.compare(picture({ seed: 1 }));
    scene.reset();
    expect(scene.compare(picture({ seed: 4 })).isCut).toBe(false);
  });
});
