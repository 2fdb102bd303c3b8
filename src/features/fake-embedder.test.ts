import { expect, it } from 'vitest';
import { testEmbedder } from './embedder.contract.ts';
import { drawnCrop } from './embedder-self-test.ts';
import { createFakeEmbedder } from './fake-embedder.ts';

testEmbedder('The fake', () => Promise.resolve(createFakeEmbedder()));

it('counts the crops it has seen and fails when told to', async () => {
  const embedder = createFakeEmbedder({
    onCrop: () => {
      if (embedder.seen === 2) throw new Error('enough');
    },
  });
  await embedder.embed([drawnCrop(false), drawnCrop(false)]);
  expect(embedder.seen).toBe(2);
  await expect(embedder.embed([drawnCrop(false)])).rejects.toThrow('enough');
});
