import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { at } from '../../../scripts/paths.mjs';
import { serve } from '../../../scripts/serve.mjs';

const modules = (/** @type {string[]} */ ...parts) => at('node_modules', ...parts);
/** The WebAssembly of the peers' tfjs, which their own packages leave to a CDN. */
const TFJS_WASM = modules('@tensorflow', 'tfjs-backend-wasm', 'dist');

/** What a way is made of, the library's own dependencies with it: its size is the way's. */
const PRODUCTS = {
  '/bauta/': at('dist'),
  '/comlink/': modules('comlink', 'dist', 'esm'),
  '/canonicalize/': modules('canonicalize', 'lib'),
  '/idb/': modules('idb', 'build'),
  '/mediapipe/': modules('@mediapipe', 'tasks-vision'),
  '/human/': modules('@vladmandic', 'human'),
  '/face-api/': modules('@vladmandic', 'face-api'),
  '/tfjs-wasm/': TFJS_WASM,
};

/**
 * What the peers on tfjs compute on: WebAssembly, their advice for machines without a GPU; plain JavaScript where its files are
 * not installed. Software WebGL is slower still.
 */
export const tfjsBackend = () => (existsSync(TFJS_WASM) ? 'wasm' : 'cpu');

/**
 * The pages of the benchmark, the library as it is published and what it runs against.
 * @param {object} [options]
 * @param {Record<string, string>} [options.routes] further folders by path.
 * @param {boolean} [options.cacheable] lets the browser keep files, as a real host would.
 */
export async function serveBench({ routes = {}, cacheable = false } = {}) {
  /** @type {Map<string, number>} bytes by path */
  const sent = new Map();
  const server = await serve({
    routes: {
      '/': at('e2e', 'bench', 'page'),
      '/clips/': at('.cache', 'clips'),
      '/clip/': at('demo', 'clip'),
      '/consent.mjs': at('e2e', 'support', 'page', 'consent.mjs'),
      ...PRODUCTS,
      ...routes,
    },
    ...(cacheable ? { headers: { 'Cache-Control': 'public, max-age=3600' } } : {}),
    intercept(request, response) {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      response.on('finish', () => sent.set(path, (sent.get(path) ?? 0) + Number(response.getHeader('content-length') ?? 0)));
      return false;
    },
  });
  return {
    ...server,
    /** What was sent of the products since the last call, as it is and as a host that packs would send it. */
    takeTraffic() {
      const products = [...sent].flatMap(([path, bytes]) => {
        const file = fileOf(path);
        return file === null || bytes === 0 ? [] : [{ bytes, gzipBytes: gzipSync(readFileSync(file)).length }];
      });
      sent.clear();
      return { bytes: sum(products, 'bytes'), gzipBytes: sum(products, 'gzipBytes') };
    },
  };
}

function fileOf(path) {
  const entry = Object.entries(PRODUCTS).find(([prefix]) => path.startsWith(prefix));
  return entry === undefined ? null : join(entry[1], path.slice(entry[0].length));
}

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);
