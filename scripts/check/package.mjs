import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { importsOf } from '../build/compiled-files.mjs';
import { listFiles } from '../fingerprint.mjs';

/**
 * What publint says, and what it does not look at: published files that import something an app does not get.
 * @param {string} root of the project, with dist/ built.
 * @returns {Promise<string[]>} one line per fault.
 */
export async function findPackageFaults(root) {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages, pkg } = await publint({ pkgDir: root, strict: true, pack: 'npm' });
  // Workers import and export nothing, so that publint goes by the look of them and takes a method `require` for Node's.
  const told = messages.filter(({ code, path }) => code !== 'FILE_INVALID_FORMAT' || !path.includes('./workers/*'));
  return [...told.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`), ...findForeignImports(root, pkg), ...findMissingFiles(root, pkg)];
}

/** Imports of packages that are neither dependencies nor, for the plugin, Node's own or its host. */
function findForeignImports(root, pkg) {
  const allowed = new Set(Object.keys(pkg.dependencies ?? {}));
  const faults = [];
  for (const file of listFiles(join(root, 'dist'))) {
    const path = relative(root, file);
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    const isPlugin = path.startsWith(join('dist', 'vite'));
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) continue;
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
      if (allowed.has(name) || (isPlugin && (isBuiltin(specifier) || name === 'vite'))) continue;
      faults.push(`${path} imports ${specifier}, which is not among the dependencies`);
    }
  }
  return faults;
}

function findMissingFiles(root, pkg) {
  return pkg.files.filter((file) => !existsSync(join(root, file))).map((file) => `package.json#files names ${file}, which does not exist`);
}
