import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { at } from './paths.mjs';

// Pages of tests and measurements take files of the built library by their path; most of them are only run with patience.
it('what e2e imports from the library by its path is there', () => {
  const pages = readdirSync(at('e2e'), { recursive: true, encoding: 'utf8' }).filter((file) => /\.(ts|mjs|html)$/.test(file));
  const imports = pages.flatMap((page) => [...readFileSync(at('e2e', page), 'utf8').matchAll(/(?:from |import\()'\/bauta\/([\w/-]+)\.js'/g)].map(([, file]) => ({ page, file })));
  expect(imports.length).toBeGreaterThan(1);
  expect(imports.filter(({ file }) => !existsSync(at('src', `${file}.ts`)))).toEqual([]);
});
