import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LIBRARY } from './library.ts';

test('name and version are those of the package', () => {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string };
  expect(LIBRARY).toEqual({ name, version });
});
