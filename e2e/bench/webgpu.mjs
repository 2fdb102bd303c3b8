#!/usr/bin/env node
/**
 * Times the covers and the models on WebGPU beside what they would replace, in a worker, on 1280x720.
 *
 *     node e2e/bench/webgpu.mjs [--gpu] [--runs 5]
 *
 * Without --gpu on the adapter in software, which every machine has; with it on the machine's own.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright';
import { rolldown } from 'rolldown';
import { chromiumArgs, requireChromium, SOFTWARE_WEBGPU_ARGS } from '../../scripts/chromium.mjs';
import { at } from '../../scripts/paths.mjs';
import { serve } from '../../scripts/serve.mjs';

const FILES = ['ort-wasm-simd-threaded.jspi.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'];
const BUILDS = { wasm: 'ort-wasm-simd-threaded.wasm', 'webgpu, jspi': 'ort-wasm-simd-threaded.jspi.wasm', 'webgpu, asyncify': 'ort-wasm-simd-threaded.asyncify.wasm' };
const HARDWARE_ARGS = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'];

const { values } = parseArgs({ options: { gpu: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } } });
const print = (line) => process.stdout.write(`${line}\n`);

for (const [name, file] of Object.entries(BUILDS)) {
  const bytes = await readFile(at('node_modules', 'onnxruntime-web', 'dist', file));
  print(`ONNX Runtime, ${name}: ${(bytes.length / 1e6).toFixed(1)} MB, gzip ${(gzipSync(bytes).length / 1e6).toFixed(1)} MB`);
}
const folder = at('.cache', 'bench');
const bundle = await rolldown({ input: at('e2e', 'bench', 'webgpu-worker.ts'), platform: 'browser', cwd: at(), tsconfig: false, transform: { target: 'es2022' } });
await bundle.write({ file: `${folder}/webgpu-worker.js`, format: 'es', codeSplitting: false });
await bundle.close();
const server = await serve({ routes: { '/bench/': folder, '/ready/': at('models', 'ready') }, intercept: blankPage });
const browser = await chromium.launch({ executablePath: requireChromium(), args: chromiumArgs({ camera: false, extra: values.gpu ? HARDWARE_ARGS : SOFTWARE_WEBGPU_ARGS }) });
try {
  const tab = await browser.newPage();
  await tab.goto(server.url);
  const { adapter, times, error } = await tab.evaluate(measure, { files: FILES, runs: Number(values.runs) });
  if (error !== undefined) throw new Error(error);
  print(`adapter: ${adapter}; ms: first, best, median of the others`);
  for (const [name, [first, ...others]] of Object.entries(times)) {
    const sorted = others.toSorted((a, b) => a - b);
    print(`  ${name.padEnd(28)} ${[first, sorted[0], sorted[sorted.length >> 1]].map((ms) => ms.toFixed(1).padStart(8)).join(' ')}`);
  }
} finally {
  await browser.close();
  await server.close();
}

function blankPage(request, response) {
  if (request.url !== '/') return false;
  response.writeHead(200, { 'Content-Type': 'text/html' });
  response.end('<!doctype html><title>bench</title>');
  return true;
}

/** Runs in the page. */
async function measure({ files, runs }) {
  const bytes = await Promise.all(files.map(async (file) => (await fetch(`/ready/${file}`)).arrayBuffer()));
  const worker = new Worker('/bench/webgpu-worker.js', { type: 'module' });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: message });
    worker.postMessage([runs, ...bytes]);
  });
}
