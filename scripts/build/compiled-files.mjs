import { existsSync, readFileSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { listFiles } from '../fingerprint.mjs';

/**
 * Removes compiled files that no entry of the package reaches: what only the workers use is in their bundles, and tells
 * an app nothing but names to import by accident.
 * @param {string} folder the built package.
 * @param {readonly string[]} entries relative to `folder`, .js and .d.ts.
 */
export function pruneUnreached(folder, entries) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    if (!existsSync(file)) throw new Error(`${file} is named by an export or import, but was not built`);
    reached.add(file);
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) visit(builtFile(resolve(dirname(file), specifier), file));
    }
  };
  for (const entry of entries) visit(join(folder, entry));
  for (const file of listFiles(folder)) if (!reached.has(file)) rmSync(file);
  removeEmptyFolders(folder);
}

/**
 * The compiler rewrites `./x.ts` to `./x.js` in code but not in declarations, where only newer compilers follow it.
 * @param {string} folder the built package.
 */
export function renameDeclarationImports(folder) {
  for (const file of listFiles(folder).filter((path) => path.endsWith('.d.ts'))) {
    let text = readFileSync(file, 'utf8');
    // From the end, so that earlier positions stay true.
    for (const { fileName, pos, end } of ts.preProcessFile(text, true, true).importedFiles.toReversed()) {
      if (!/^\..*\.ts$/.test(fileName)) continue;
      text = text.slice(0, pos) + text.slice(pos, end).replace(/\.ts(['"]?)$/, '.js$1') + text.slice(end);
    }
    writeFileSync(file, text);
  }
}

/** Everything a file imports, exports from or names in `import('...')`, types included. */
export function importsOf(file) {
  // Without looking for `require('...')`: these are modules, in which that is a method of somebody's.
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, false).importedFiles.map(({ fileName }) => fileName);
}

/** Declarations import `./x.js`; their target is `x.d.ts`. */
function builtFile(target, from) {
  return from.endsWith('.d.ts') ? target.replace(/\.[jt]s$/, '.d.ts') : target;
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const child = join(folder, entry.name);
    removeEmptyFolders(child);
    if (readdirSync(child).length === 0) rmdirSync(child);
  }
}
