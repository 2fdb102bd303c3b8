#!/usr/bin/env node
// npm start [-- --port 5173]: everything a fresh clone needs, then the demo on Vite's development server.
import { argv, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { at } from './paths.mjs';
import { setUp } from './setup.mjs';

const { values } = parseArgs({ args: argv.slice(2), options: { port: { type: 'string', default: '5173' }, host: { type: 'string', default: '127.0.0.1' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  stderr.write(`--port has to be a whole number from 0 to 65535, not ${values.port}\n`);
  exit(2);
}

try {
  await setUp({ log: (line) => stdout.write(`${line}\n`) });
  const { createServer } = await import('vite');
  const server = await createServer({ configFile: at('demo', 'vite.config.ts'), server: { port, host: values.host }, clearScreen: false });
  await server.listen();
  const [url] = [...(server.resolvedUrls?.local ?? []), ...(server.resolvedUrls?.network ?? [])];
  stdout.write(`\nThe demo is at ${url}\nCtrl+C ends it.\n`);
} catch (error) {
  stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  exit(1);
}
