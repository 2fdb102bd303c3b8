import { describe, expect, it } from 'vitest';
import { displayToStored, mapBox, mapPoint } from './orientation.ts';

/** Where the stored pixel centre (x, y) is shown, by turning and flipping step by step. */
function shownAt(x: number, y: number, width: number, height: number, rotation: number, flip: boolean): { x: number; y: number } {
  let [px, py, w, h] = [x + 0.5, y + 0.5, width, height];
  for (let turned = 0; turned < rotation; turned += 90) [px, py, w, h] = [h - py, px, h, w];
  return { x: flip ? w - px : px, y: py };
}

describe.each([0, 90, 180, 270] as const)('displayToStored at %i degrees', (rotation) => {
  it.each([false, true])('maps every shown pixel back to where it is stored (flip %s)', (flip) => {
    const [width, height] = [5, 3];
    const turned = rotation % 180 !== 0;
    const display = turned ? { width: height, height: width } : { width, height };
    const map = displayToStored({ width, height, display, orientation: { rotation, flip } });
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const stored = mapPoint(map, shownAt(x, y, width, height, rotation, flip));
        expect(stored.x).toBeCloseTo(x + 0.5);
        expect(stored.y).toBeCloseTo(y + 0.5);
      }
    }
  });

  it('scales from a display size that is not the stored one', () => {
    const display = rotation % 180 === 0 ? { width: 100, height: 30 } : { width: 30, height: 100 };
    const map = displayToStored({ width: 50, height: 30, display, orientation: { rotation, flip: false } });
    const whole = mapBox(map, { x: 0, y: 0, ...display });
    expect(whole.x).toBeCloseTo(0);
    expect(whole.y).toBeCloseTo(0);
    expect(whole.width).toBeCloseTo(50);
    expect(whole.height).toBeCloseTo(30);
  });
});
