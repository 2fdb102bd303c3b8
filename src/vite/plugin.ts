import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connect, Plugin, ResolvedConfig } from 'vite';
import { workerPolicyOf } from '../assets/worker-csp.ts';

/**
 * The Vite plugin of this library, for development, preview and build:
 *
 * - keeps the package out of dependency pre-bundling, which would break its `new URL(..., import.meta.url)` references;
 * - serves the worker scripts untransformed and with their policy ({@link workerPolicyOf}) in `vite` and `vite preview`;
 * - writes a `_headers` file (the format of Netlify and Cloudflare Pages) into the build that asks for the same policy.
 *   A `_headers` file in the public folder is kept and added to. Other hosts have to be told to send the header.
 *
 * @example
 * ```ts
 * import { bauta } from 'bauta/vite';
 * export default { plugins: [bauta()] };
 * ```
 */
export function bauta(): Plugin {
  let config: ResolvedConfig | undefined;
  return {
    name: 'bauta',
    config: () => ({ optimizeDeps: { exclude: ['bauta'] } }),
    configResolved(resolved) {
      config = resolved;
    },
    configureServer(server) {
      server.middlewares.use(serveWorkers(server.config.server.headers));
    },
    configurePreviewServer(server) {
      server.middlewares.use(addWorkerPolicy);
    },
    generateBundle(_options, bundle) {
      if (config === undefined || config.build.ssr !== false) return;
      const workers = Object.keys(bundle).filter((file) => workerPolicyOf(basename(file)) !== null);
      if (workers.length === 0) return;
      const own = readPublicHeaders(config.publicDir);
      this.emitFile({ type: 'asset', fileName: '_headers', source: own + headerRules(workers, config.base) });
    },
  };
}

/**
 * The lines of a `_headers` file that put the policy on the given worker scripts.
 * @param files paths below the root of the build.
 * @param base Vite's `base`; a relative one counts as the root of the host.
 */
export function headerRules(files: readonly string[], base: string): string {
  const root = base.startsWith('/') ? base : '/';
  return files.map((file) => `${root}${file}\n  Content-Security-Policy: ${workerPolicyOf(basename(file))}\n`).join('');
}

function readPublicHeaders(publicDir: string): string {
  const path = join(publicDir, '_headers');
  if (publicDir === '' || !existsSync(path)) return '';
  const text = readFileSync(path, 'utf8');
  return text.endsWith('\n') ? text : `${text}\n`;
}

/**
 * Answers requests for the worker scripts of this package with the file itself. Vite's own handling would add imports of
 * its client to the module, which the policy refuses.
 * @param headers of the server's configuration: an isolated page takes a worker only if its script is isolated, too.
 */
function serveWorkers(headers: OutgoingHttpHeaders = {}): Connect.NextHandleFunction {
  return (request, response, next) => {
    const name = workerName(request.url);
    if (name === null) {
      next();
      return;
    }
    readFile(fileURLToPath(new URL(`../workers/${name}`, import.meta.url))).then(
      (script) => {
        for (const [header, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(header, value);
        setPolicy(response, name);
        response.setHeader('Content-Type', 'text/javascript');
        response.setHeader('Cache-Control', 'no-cache');
        response.end(script);
      },
      () => {
        next(); // not one of ours by content, or not built: the server's own answer says so
      },
    );
  };
}

const addWorkerPolicy: Connect.NextHandleFunction = (request, response, next) => {
  const name = workerName(request.url);
  if (name !== null) setPolicy(response, name);
  next();
};

function setPolicy(response: ServerResponse, name: string): void {
  response.setHeader('Content-Security-Policy', workerPolicyOf(name) ?? "default-src 'none'");
}

function workerName(url: string | undefined): string | null {
  const name = basename((url ?? '').split(/[?#]/, 1)[0] ?? '');
  return workerPolicyOf(name) === null ? null : name;
}
