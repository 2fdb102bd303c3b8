import { expect, it } from 'vitest';
import { testEmbedder } from './embedder.contract.ts';
import { drawnCrop } from './embedder-self-test.ts';
import { createFakeEmbedder } from './fake-embedder.ts';
import { createSparedEmbedder } from './spared-embedder.ts';

testEmbedder('A pair', () => Promise.resolve(createSparedEmbedder({ first: createFakeEmbedder(), spare: createFakeEmbedder(), isLost: () => false })));

it('asks the spare once the first is lost, the call that was lost with it included', async () => {
  let lost = false;
  const spare = createFakeEmbedder();
  const first = createFakeEmbedder({
    onCrop: () => {
      if (first.seen < 1) return;
      queueMicrotask(() => {
        lost = true;
      });
      throw new Error('the device is gone');
    },
  });
  const embedder = createSparedEmbedder({ first, spare, isLost: () => lost });
  await embedder.embed([drawnCrop(false)]);
  expect([first.seen, spare.seen]).toEqual([1, 0]);
  expect(await embedder.embed([drawnCrop(false)])).toHaveLength(1);
  await embedder.embed([drawnCrop(false)]);
  expect([first.seen, spare.seen]).toEqual([1, 2]);
});

it('does not hide a failure of the first that is not lost', async () => {
  const first = createFakeEmbedder({
    onCrop: () => {
      throw new Error('wrong');
    },
  });
  const spare = createFakeEmbedder();
  const embedder = createSparedEmbedder({ first, spare, isLost: () => false });
  await expect(embedder.embed([drawnCrop(false)])).rejects.toThrow('wrong');
  expect(spare.seen).toBe(0);
});
