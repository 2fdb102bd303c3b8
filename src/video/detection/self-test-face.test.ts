import { describe, expect, test } from 'vitest';
import { renderSelfTestFace } from './self-test-face.ts';

describe('renderSelfTestFace', () => {
  test('draws the same bytes every time and everywhere', async () => {
    const first = renderSelfTestFace();
    const second = renderSelfTestFace();
    expect(second).toEqual(first);
    expect(second.rgb).not.toBe(first.rgb);
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(first.rgb))).toString('hex');
    expect(digest).toBe('6ce893e94dcb7b8ada2752729512dd985b64ad7f9804ee5275969f23616332bb');
  });

  test('has three bytes a pixel and a box inside the picture', () => {
    const { width, height, rgb, box } = renderSelfTestFace();
    expect(rgb.length).toBe(width * height * 3);
    expect(box.x).toBeGreaterThan(0);
    expect(box.y).toBeGreaterThan(0);
    expect(box.x + box.width).toBeLessThan(width);
    expect(box.y + box.height).toBeLessThan(height);
  });

  test('is a picture of something: skin in the box, dark hair above it, a grey wall in the corner', () => {
    const { width, rgb, box } = renderSelfTestFace();
    const at = (x: number, y: number): number[] => [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    const [red = 0, green = 0, blue = 0] = at(box.x + 12, box.y + 30);
    expect(red).toBeGreaterThan(green);
    expect(green).toBeGreaterThan(blue);
    expect(Math.max(...at(64, 25))).toBeLessThan(80);
    const corner = at(2, 2);
    expect(Math.max(...corner) - Math.min(...corner)).toBeLessThan(25);
  });
});
