import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { at, ROOT } from './paths.mjs';

const STAMPS = at('.cache', 'stamps');

/**
 * SHA-256 over names and contents of files and folders, so that a step whose inputs did not change can be left out.
 * @param {readonly string[]} paths absolute; what does not exist counts as empty.
 * @param {(path: string) => boolean} [keep] leaves files out when it returns false.
 */
export function fingerprint(paths, keep = () => true) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of listFiles(path)) {
      if (!keep(file)) continue;
      hash.update(`${relative(ROOT, file)}\0`).update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** SHA-256 of one file's content. */
export const fingerprintOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** All files below a path, sorted; the path itself when it is a file. */
export function listFiles(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const child = join(path, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listFiles(child);
      return entry.isFile() ? [child] : [];
    });
}

/** True when the step was last done with these inputs. */
export function isDone(step, print) {
  const file = join(STAMPS, step);
  return existsSync(file) && readFileSync(file, 'utf8') === print;
}

/** Remembers the inputs of a finished step. */
export function markDone(step, print) {
  const file = join(STAMPS, step);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, print);
}
