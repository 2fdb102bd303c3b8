import { readFileSync } from 'node:fs';
import { at } from '../../scripts/paths.mjs';
import { expect, test } from '../support/stage-test.ts';

interface Photo {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly { readonly id: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number }[];
}

const photos = JSON.parse(readFileSync(at('demo', 'clip', 'faces.json'), 'utf8')) as Photo[];

test('all 22 faces of the six sample photos are found and covered as stills', async ({ stage: page }) => {
  test.setTimeout(120_000);
  const results = await page.evaluate(async (photos) => {
    const { stage } = window;
    const grant = await stage.grant();
    await stage.act();
    const redactor = await stage.bauta.openPictureRedactor({ grant });
    const found = [];
    for (const { file, width, height, faces } of photos) {
      const blob = await (await fetch(`/photos/${file}`)).blob();
      const raw = await stage.real.createImageBitmap(blob);
      const { bitmap, whole, faces: told } = await redactor.redact(blob);
      const source = stage.lumaOfImage(raw, width, height);
      const output = stage.lumaOfImage(bitmap, width, height);
      const shown = stage.measure(source, output, { x: 0, y: 0, width, height }).exposed;
      found.push({
        file,
        size: `${bitmap.width}x${bitmap.height}`,
        whole,
        told: told.length,
        shown,
        faces: faces.map((face) => ({ id: face.id, exposed: stage.measure(source, output, face).exposed })),
      });
      raw.close();
      bitmap.close();
    }
    await redactor.close();
    return found;
  }, photos);
  const faces = results.flatMap((result) => result.faces);
  test.info().annotations.push({ type: 'figures', description: JSON.stringify(results) });
  expect(faces).toHaveLength(22);
  expect(faces.filter(({ exposed }) => exposed > 0.05)).toEqual([]);
  for (const [i, { file, whole, told, shown, size }] of results.entries()) {
    expect(whole, file).toBeNull();
    expect(told, file).toBeGreaterThanOrEqual(photos[i]!.faces.length);
    expect(size).toBe(`${photos[i]!.width}x${photos[i]!.height}`);
    // The picture is there, and what is not covered is untouched.
    expect(shown, file).toBeGreaterThan(0.2);
  }
  await expect.poll(() => page.workers().length).toBe(0);
});
