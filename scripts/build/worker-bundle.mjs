import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { rolldown } from 'rolldown';
import { at } from '../paths.mjs';

/** The entries: every `workers/*.worker.ts`. */
export function workerEntries() {
  return readdirSync(at('workers'))
    .filter((file) => file.endsWith('.worker.ts'))
    .sort()
    .map((file) => at('workers', file));
}

/**
 * Bundles one worker into a single minified module that imports nothing, now or later, and comes with no other file:
 * its policy refuses every import, and an app's bundler copies it as it is.
 *
 * Rolldown is used bare, because Vite would turn each `new URL('x.wasm', import.meta.url)` of a runtime into an asset.
 * @param {string} entry absolute path of a `.worker.ts`.
 * @param {string} folder where the `.js` goes.
 * @returns {Promise<{ file: string, code: string, modules: string[] }>} `modules`: the files that are really in it.
 */
export async function bundleWorker(entry, folder) {
  const file = join(folder, basename(entry).replace(/\.ts$/, '.js'));
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    cwd: at(),
    tsconfig: false,
    transform: { target: 'es2022' },
    plugins: [shutDynamicImports()],
    onLog(level, log, next) {
      // An import that cannot be resolved would stay as an import: never acceptable here.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      if (level === 'warn' && (log.id ?? '').includes('node_modules')) return;
      next(level, log);
    },
  });
  try {
    const { output } = await bundle.write({ file, format: 'es', codeSplitting: false, minify: true, comments: false });
    const [chunk, ...others] = output;
    if (others.length > 0) throw new Error(`${basename(file)}: unexpected files ${others.map((other) => other.fileName).join(', ')}`);
    assertSelfContained(chunk.code, basename(file));
    return { file, code: chunk.code, modules: Object.keys(chunk.modules) };
  } finally {
    await bundle.close();
  }
}

/**
 * @param {string} code
 * @param {string} name for the message
 * @throws {Error} when the module imports or exports anything
 */
export function assertSelfContained(code, name) {
  const found = [];
  walk(parseAst(code), (node) => {
    if (/^(Import(Declaration|Expression)|Export(All|Default|Named)Declaration)$/.test(node.type)) found.push(node.type);
  });
  if (found.length > 0) throw new Error(`${name} has to be one self-contained module, but holds ${found.join(', ')}`);
}

/** Third-party runtimes can load their glue with `import(url)`; here the glue is part of the bundle and loading is a fault. */
function shutDynamicImports() {
  return {
    name: 'shut-dynamic-imports',
    transform(code, id) {
      if (!id.includes('node_modules') || !code.includes('import(')) return null;
      const spans = [];
      walk(parseAst(code), (node) => {
        if (node.type === 'ImportExpression') spans.push([node.start, node.end]);
      });
      let result = code;
      for (const [start, end] of spans.sort((a, b) => b[0] - a[0])) {
        result = `${result.slice(0, start)}Promise.reject(new Error("this worker loads no script"))${result.slice(end)}`;
      }
      return { code: result };
    },
  };
}

function walk(node, visit) {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, visit);
  } else if (node !== null && typeof node === 'object') {
    if (typeof node.type === 'string') visit(node);
    for (const value of Object.values(node)) if (value !== null && typeof value === 'object') walk(value, visit);
  }
}
