import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildEvaluated } from './build.mjs';
import { openHarness } from './harness.mjs';
import { album } from './measures/album/album.mjs';
import { CASES } from './measures/reid/covers.mjs';
import { attackCovers } from './measures/reid/reid.mjs';
import { verify } from './measures/verify/verify.mjs';
import { makePeopleSet } from './people-set.mjs';
import { isPatient, PATIENCE } from '../support/slow.ts';

const PEOPLE = 8;
const PICTURES = 5;

interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
interface Attack {
  readonly ranks: readonly (Figure & { readonly chance: number })[];
  readonly auc: Figure;
}

test('people of the demo\'s clip are told apart by vectors and templates, not across keys, not under covers that read nothing', async () => {
  test.skip(!isPatient, PATIENCE);
  test.setTimeout(600_000);
  const data = mkdtempSync(join(tmpdir(), 'bauta-people-set-'));
  await makePeopleSet(data, { people: PEOPLE, pictures: PICTURES });
  const evaluated = await buildEvaluated({ log: () => undefined });
  const harness = await openHarness({ data, evaluated, signal: new AbortController().signal });
  try {
    const quiet = { progress: () => undefined, log: () => undefined };
    const options = { data, limit: null, seed: 1 };
    const context = { harness, data, options, ...quiet } as unknown as Parameters<typeof attackCovers>[0];
    const run = (measure: unknown): Promise<unknown> => (measure as { run(given: unknown): Promise<unknown> }).run(context);

    const verified = (await run(verify)) as {
      sets: { lfw: { withoutFace: number; ungated: Record<'raw' | 'protected', { auc: Figure }> } };
      acrossKeys: Record<'samePicture' | 'strangers', { auc: number; mean: number }>;
      searchMs: readonly { templates: number; p50: number }[];
    };
    expect(verified.sets.lfw.withoutFace).toBe(0);
    expect(verified.sets.lfw.ungated.raw.auc.value).toBeGreaterThan(0.98);
    expect(verified.sets.lfw.ungated.protected.auc.value).toBeGreaterThan(0.95);
    expect(verified.acrossKeys.samePicture.auc).toBeGreaterThan(0.4);
    expect(verified.acrossKeys.samePicture.auc).toBeLessThan(0.6);
    expect(verified.acrossKeys.strangers.mean).toBeCloseTo(0.5, 1);
    expect(verified.searchMs.map(({ templates }) => templates)).toEqual([1000, 10_000, 100_000]);

    const wanted = CASES.filter(({ name }) => ['mosaic 16 x 16', 'solid', 'frost 0.5'].includes(name));
    const { cases, blind, probes } = (await attackCovers(context, wanted)) as {
      probes: number;
      cases: readonly { name: string; scene: string; attacks: Record<'naive' | 'parrot' | 'trainedOnPixels' | 'trainedOnVectors', Attack> }[];
      blind: readonly { name: string; same: number; of: number }[];
    };
    expect(probes).toBe(2 * PEOPLE);
    const attacksOn = (name: string): Record<'naive' | 'parrot' | 'trainedOnPixels' | 'trainedOnVectors', Attack> => cases.find((one) => one.name === name && one.scene === 'strange')!.attacks;
    const weak = attacksOn('mosaic 16 x 16').trainedOnPixels;
    expect(weak.ranks[0]!.low).toBeGreaterThan(weak.ranks[0]!.chance);
    expect(weak.auc.value).toBeGreaterThan(0.9);
    const solid = attacksOn('solid').trainedOnPixels;
    expect(solid.ranks[0]!.value).toBeCloseTo(1 / PEOPLE, 12);
    expect(solid.auc.value).toBe(0.5);
    const frost = attacksOn('frost 0.5').trainedOnPixels;
    expect(frost.auc.value).toBeLessThan(weak.auc.value - 0.2);
    expect(blind.map(({ name, same, of }) => [name, same === of, of])).toEqual([['solid', true, PEOPLE * PICTURES], ['frost 0.5', true, PEOPLE * PICTURES]]);

    const grouped = (await run(album)) as { known: number; figures: Record<'pairPrecision' | 'cubedRecall', Figure>; added: { goes: readonly { pictures: number; added: number; faces: number; skipped: readonly string[] }[] } };
    expect(grouped.figures.pairPrecision.value).toBeGreaterThan(0.9);
    expect(grouped.figures.cubedRecall.value).toBeGreaterThan(0.5);
    expect(grouped.added.goes).toHaveLength(1);
    expect(grouped.added.goes[0]).toMatchObject({ pictures: PEOPLE * PICTURES, added: PEOPLE * PICTURES, skipped: [] });
    expect(grouped.added.goes[0]!.faces).toBeGreaterThanOrEqual(grouped.known);
  } finally {
    await harness.close();
    evaluated.remove();
    rmSync(data, { recursive: true, force: true });
  }
});
