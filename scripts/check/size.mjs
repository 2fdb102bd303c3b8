import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

/**
 * Sizes of what an app downloads, against scripts/check/size-budget.json.
 * @param {string} root of the project, with dist/ built.
 * @returns {Promise<{ name: string, bytes: number, gzipBytes: number, maxGzipBytes: number }[]>}
 */
export async function measureSizes(root) {
  const budget = JSON.parse(readFileSync(join(root, 'scripts', 'check', 'size-budget.json'), 'utf8'));
  return await Promise.all(
    Object.entries(budget).map(async ([name, { entry, maxGzipBytes }]) => {
      const code = entry === undefined ? readFileSync(join(root, 'dist', name)) : await bundlePage(join(root, 'dist', entry));
      return { name, bytes: code.length, gzipBytes: gzipSync(code, { level: 9 }).length, maxGzipBytes };
    }),
  );
}

/** All that the page loads for `import * from` an entry of the package, dependencies included, minified. */
async function bundlePage(entry) {
  const bundle = await rolldown({ input: entry, platform: 'browser', tsconfig: false });
  try {
    const { output } = await bundle.generate({ format: 'es', minify: true, comments: false, codeSplitting: false });
    return Buffer.from(output[0].code);
  } finally {
    await bundle.close();
  }
}
