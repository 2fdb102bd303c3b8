import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import { distanceBetween } from './distance.ts';
import { VECTOR_LENGTH, type Embedder } from './embedder.ts';
import { drawnCrop } from './embedder-self-test.ts';

const SAME = 0.001;

/** What every embedder must do. @param make called a few times; the embedders are closed here */
export function testEmbedder(name: string, make: () => Promise<Embedder>): void {
  describe(`${name} as an embedder`, () => {
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = await make();
    }, 60_000);
    afterAll(() => {
      embedder.close();
    });

    it('gives one vector of 128 finite numbers a crop, in order, as many as there are', async () => {
      const crops = Array.from({ length: 11 }, (_, i) => shadedCrop(i));
      const together = await embedder.embed(crops);
      expect(together).toHaveLength(crops.length);
      for (const [i, vector] of together.entries()) {
        expect(vector).toHaveLength(VECTOR_LENGTH);
        expect(vector.every(Number.isFinite)).toBe(true);
        const [alone] = await embedder.embed([crops[i]!]);
        expect(distanceBetween(vector, alone!), `crop ${i}`).toBeLessThan(SAME);
      }
      expect(distanceBetween(together[0]!, together[10]!)).toBeGreaterThan(0.05);
    });

    it('gives vectors of about one length, each in memory of its own', async () => {
      const [first, second] = await embedder.embed([drawnCrop(false), drawnCrop(true)]);
      for (const vector of [first!, second!]) expect(Math.hypot(...vector)).toBeGreaterThan(1);
      for (const vector of [first!, second!]) expect(Math.hypot(...vector)).toBeLessThan(2);
      expect(first!.buffer).not.toBe(second!.buffer);
      expect(first!.buffer.byteLength).toBe(VECTOR_LENGTH * 4);
    });

    it('answers nothing for no crops', async () => {
      expect(await embedder.embed([])).toEqual([]);
    });

    it('leaves the crops as they are', async () => {
      const crop = drawnCrop(false);
      await embedder.embed([crop]);
      expect(crop.rgb).toEqual(drawnCrop(false).rgb);
    });

    it('answers calls that overlap, each with its own', async () => {
      const [[a], [b]] = await Promise.all([embedder.embed([drawnCrop(false)]), embedder.embed([drawnCrop(true)])]);
      const [expected] = await embedder.embed([drawnCrop(true)]);
      expect(distanceBetween(b!, expected!)).toBeLessThan(SAME);
      expect(distanceBetween(a!, b!)).toBeGreaterThan(0.3);
    });

    it('rejects once it is closed, which can be done twice, also in the middle of a call', async () => {
      const other = await make();
      const last = other.embed([drawnCrop(false)]).then(() => 'answered', (error: unknown) => (error as { code: string }).code);
      other.close();
      other.close();
      expect(['answered', 'ERR_SESSION_CLOSED']).toContain(await last);
      await expect(other.embed([drawnCrop(false)])).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
      await expect(other.embed([])).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    });
  });
}

/** The drawn face, a shade darker to the one side with each step. */
function shadedCrop(step: number): FaceCrop {
  const { rgb, face } = drawnCrop(false);
  return { rgb: rgb.map((value, i) => value - Math.round((value * step * (Math.floor(i / 3) % CROP_SIDE)) / CROP_SIDE / 12)), face };
}
