import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('../docs/design.md', import.meta.url), 'utf8');
const sources = readdirSync(new URL('../src', import.meta.url), { recursive: true })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !/\.(browser\.)?test\.ts$|\.contract\.ts$/.test(file));

it('docs/design.md names every file of src', () => {
  expect(sources.filter((file) => !text.includes(basename(file)))).toEqual([]);
});

it('docs/design.md names no file that is not there', () => {
  const rows = text.slice(text.indexOf('## src'), text.indexOf('## Beside src'));
  const named = [...rows.matchAll(/`([\w/-]+(?:\.d)?\.ts)`/g)].map((match) => basename(match[1]));
  expect(named.filter((name) => !sources.some((file) => basename(file) === name))).toEqual([]);
});
