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

/** All that the page loads for `import * from` an entry of the package, dependencies included, minified; not what is imported when it is needed. */
async function bundlePage(entry) {
  const bundle = await rolldown({ input: entry, platform: 'browser', tsconfig: false });
  try {
    const { output } = await bundle.generate({ format: 'es', minify: true, comments: false });
    const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
    const loaded = new Set([...chunks.values()].filter(({ isEntry }) => isEntry));
    for (const chunk of loaded) for (const name of chunk.imports) if (chunks.has(name)) loaded.add(chunks.get(name));
    return Buffer.from([...loaded].map(({ code }) => code).join('\n'));
  } finally {
    await bundle.close();
  }
}
