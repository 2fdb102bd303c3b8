import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { identify, renderManifest, renderTypeScript } from './manifest.mjs';
import { PRODUCTS } from './products.mjs';

/**
 * @typedef {object} PrepareOptions
 * @property {string} modulesDir the node_modules folder that holds the source packages
 * @property {string} readyDir where the ready files go
 * @property {string} manifestPath models/manifest.json
 * @property {string} typeScriptDir src/assets, where onnx-manifest.ts and model-manifest.ts are
 * @property {boolean} update make everything anew and accept new hashes into the manifest
 * @property {(line: string) => void} log
 */

/**
 * Makes the ready files out of the installed packages. Either everything fits and all files are written, each under a temporary name first, or it
 * throws and nothing is written.
 * @param {PrepareOptions} options
 * @throws {Error} when a source file is missing or not the pinned one, or a result is not the one in the manifest
 */
export async function prepareModels({ modulesDir, readyDir, manifestPath, typeScriptDir, update, log }) {
  const pinned = update ? new Map() : await readPinned(manifestPath);
  /** @type {Map<string, import('./manifest.mjs').FileIdentity>} */
  const identities = new Map();
  /** @type {{ path: string, bytes: Uint8Array | string }[]} */
  const pending = [];

  for (const product of PRODUCTS) {
    const target = path.join(readyDir, product.file);
    const expected = pinned.get(product.file);
    const present = expected === undefined ? null : await readIfPresent(target);
    if (present !== null && identify(present).sha256 === expected) {
      identities.set(product.file, identify(present));
      log(`${product.file}: ready`);
      continue;
    }
    const sources = await Promise.all(product.sources.map((source) => readSource(modulesDir, source)));
    const bytes = product.build(...sources);
    const identity = identify(bytes);
    if (!update && identity.sha256 !== expected) {
      throw new Error(
        `${product.file}: the result is not the one in ${manifestPath}: expected SHA-256 ${expected ?? '(not listed)'}, found ${identity.sha256}. ` +
          'If the change is meant, run `node models/prepare/index.mjs --update` and commit the manifest.',
      );
    }
    identities.set(product.file, identity);
    pending.push({ path: target, bytes });
    log(`${product.file}: made, ${identity.bytes} bytes, SHA-256 ${identity.sha256}`);
  }

  const records = [
    { path: manifestPath, bytes: renderManifest(PRODUCTS, identities) },
    ...Object.entries(renderTypeScript(PRODUCTS, identities)).map(([name, bytes]) => ({ path: path.join(typeScriptDir, name), bytes })),
  ];
  for (const record of records) {
    const present = await readIfPresent(record.path);
    if (present?.toString('utf8') === record.bytes) continue;
    if (!update) throw new Error(`${record.path} is out of date. Run \`node models/prepare/index.mjs --update\` and commit it.`);
    pending.push(record);
  }
  for (const { path: target, bytes } of pending) await writeWhole(target, bytes);
}

/**
 * @param {string} modulesDir
 * @param {import('./sources.mjs').Source} source
 */
async function readSource(modulesDir, source) {
  const file = path.join(modulesDir, source.package, source.file);
  const bytes = await readIfPresent(file);
  if (bytes === null) {
    throw new Error(`${file}: expected SHA-256 ${source.sha256}, found no file. Is ${source.package}@${source.version} installed? Run \`npm ci\`.`);
  }
  const { sha256 } = identify(bytes);
  if (sha256 !== source.sha256) {
    throw new Error(`${file}: expected SHA-256 ${source.sha256} (${source.package}@${source.version}), found ${sha256}. Nothing was written.`);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * @param {string} manifestPath
 * @returns {Promise<Map<string, string>>} SHA-256 by file name
 */
async function readPinned(manifestPath) {
  const bytes = await readIfPresent(manifestPath);
  if (bytes === null) throw new Error(`${manifestPath} is missing: run \`node models/prepare/index.mjs --update\``);
  /** @type {{ file: string, sha256: string }[]} */
  const entries = JSON.parse(bytes.toString('utf8'));
  return new Map(entries.map(({ file, sha256 }) => [file, sha256]));
}

/** @param {string} file */
async function readIfPresent(file) {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Writes a file under a temporary name and renames it, so that nobody ever sees half of it.
 * @param {string} target
 * @param {Uint8Array | string} bytes
 */
async function writeWhole(target, bytes) {
  await mkdir(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}
