#!/usr/bin/env node
// A static server for tests, benchmark and soak run: node scripts/serve.mjs FOLDER [--port 4173] [--isolated] [--base /x/]
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, extname, join, normalize, resolve, sep } from 'node:path';
import { argv, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjpeg': 'video/x-motion-jpeg',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp4': 'video/mp4',
  '.onnx': 'application/octet-stream',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tflite': 'application/octet-stream',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.y4m': 'video/x-yuv4mpeg',
};

/**
 * The policy of the worker scripts, as src/assets/worker-csp.ts has it; scripts/serve.test.mjs holds the two together.
 * The server has to run before anything is compiled.
 */
export const WORKER_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src blob:";
const WORKER_SCRIPT = /^(?:redaction-[a-z0-9]+|recording|unmask|features(?:-(?<variant>[a-z0-9]+))?)\.worker(?:[-.][\w-]+)?\.js$/;

/** @param {string} fileName */
export function workerPolicyOf(fileName) {
  const match = WORKER_SCRIPT.exec(fileName);
  if (match === null) return null;
  return match.groups?.variant === 'threads' ? `${WORKER_POLICY}; worker-src 'self'` : WORKER_POLICY;
}

/** Headers that make a page cross-origin isolated. */
export const ISOLATION_HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/**
 * Serves folders over HTTP on the loopback address. Knows byte ranges, which media elements ask for. Worker scripts of the
 * library always come with their policy.
 *
 * @param {object} options
 * @param {string} [options.root] folder for `/`; short for `routes: { '/': root }`.
 * @param {Record<string, string>} [options.routes] folder or file per path prefix; the longest prefix that fits wins.
 * @param {Record<string, string>} [options.headers] sent with every answer.
 * @param {boolean} [options.isolated] also sends {@link ISOLATION_HEADERS}.
 * @param {string} [options.base] sub-path that everything lies under, such as `/app/`; outside of it all is 404.
 * @param {number} [options.port] 0 (default) takes a free one.
 * @param {(request: { method: string, path: string }) => void} [options.onRequest] told of each request.
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => boolean} [options.intercept]
 *   answers a request in its own way when it returns true; for tests of faults.
 * @returns {Promise<{ url: string, port: number, close(): Promise<void> }>} `url` ends with the base.
 */
export async function serve({ root, routes = {}, headers = {}, isolated = false, base = '/', port = 0, onRequest, intercept }) {
  const table = Object.entries(root === undefined ? routes : { ...routes, '/': root })
    .map(([prefix, folder]) => ({ prefix, folder: resolve(folder) }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  if (table.length === 0) throw new TypeError('serve: neither root nor routes given, there is nothing to serve');
  if (!base.startsWith('/') || !base.endsWith('/')) throw new TypeError(`serve: base has to begin and end with "/", not ${base}`);

  const common = { 'Cache-Control': 'no-cache', ...(isolated ? ISOLATION_HEADERS : {}), ...headers };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (response.headersSent) response.destroy(error);
      else refuse(response, 500, String(error));
    });
  });

  async function answer(request, response) {
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    onRequest?.({ method: request.method ?? '', path });
    if (intercept?.(request, response)) return;
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD');
    const file = path.startsWith(base) ? await findFile(table, `/${path.slice(base.length)}`) : null;
    if (file === null) return refuse(response, 404, `no such file: ${path}`);
    send(request, response, file);
  }

  await new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', done);
  });
  const actualPort = server.address().port;
  return {
    url: `http://127.0.0.1:${actualPort}${base}`,
    port: actualPort,
    close: () =>
      new Promise((done, failed) => {
        server.close((error) => (error ? failed(error) : done()));
        server.closeAllConnections();
      }),
  };
}

/** @returns {Promise<{ path: string, size: number } | null>} */
async function findFile(table, path) {
  for (const { prefix, folder } of table) {
    if (!path.startsWith(prefix)) continue;
    let file = join(folder, normalize(`/${path.slice(prefix.length)}`));
    if (file !== folder && !file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
    if (file.endsWith(sep)) file = file.slice(0, -1);
    let found = await statOrNull(file);
    if (found?.isDirectory()) {
      file = join(file, 'index.html');
      found = await statOrNull(file);
    }
    return found?.isFile() ? { path: file, size: found.size } : null;
  }
  return null;
}

const statOrNull = (path) =>
  stat(path).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });

function send(request, response, { path, size }) {
  response.setHeader('Content-Type', TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  const policy = workerPolicyOf(basename(path));
  if (policy !== null) response.setHeader('Content-Security-Policy', policy);
  const range = readRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    return refuse(response, 416, 'no such range');
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range !== null) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  response.writeHead(range === null ? 200 : 206, { 'Content-Length': size === 0 ? 0 : end - start + 1 });
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  const stream = createReadStream(path, { start, end });
  stream.on('error', (error) => response.destroy(error));
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}

/**
 * One range of bytes (RFC 9110, section 14). Anything else, several ranges too, counts as no range: the whole file.
 * @returns {{ start: number, end: number } | null | 'unsatisfiable'}
 */
export function readRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const [, first, last] = match;
  if (first === '') {
    const count = Number(last);
    return count === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - count), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}

function refuse(response, status, text) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(text);
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string', default: '4173' }, isolated: { type: 'boolean', default: false }, base: { type: 'string', default: '/' } },
  });
  if (positionals.length !== 1) {
    stderr.write('usage: node scripts/serve.mjs FOLDER [--port 4173] [--isolated] [--base /x/]\n');
    exit(2);
  }
  const { url } = await serve({ root: positionals[0], port: Number(values.port), isolated: values.isolated, base: values.base });
  stdout.write(`${url}\n`);
}
