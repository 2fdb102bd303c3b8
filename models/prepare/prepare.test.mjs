import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify } from './manifest.mjs';
import { prepareModels } from './prepare.mjs';
import { PRODUCTS } from './products.mjs';
import { SOURCES } from './sources.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** @type {string} */
let directory;
/** @type {import('./prepare.mjs').PrepareOptions} */
let options;
/** @type {string[]} */
let lines;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'prepare-models-'));
  lines = [];
  options = {
    modulesDir: path.join(directory, 'node_modules'),
    readyDir: path.join(directory, 'ready'),
    manifestPath: path.join(directory, 'manifest.json'),
    typeScriptDir: directory,
    update: false,
    log: (line) => lines.push(line),
  };
  for (const { package: name, file } of Object.values(SOURCES)) {
    const link = path.join(options.modulesDir, name, file);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(ROOT, 'node_modules', name, file), link);
  }
  await copyText('models/manifest.json', options.manifestPath);
  for (const name of ['onnx-manifest.ts', 'model-manifest.ts']) await copyText(`src/assets/${name}`, path.join(directory, name));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('prepareModels', () => {
  test('makes exactly the files of the committed manifest, and is idle the second time', async () => {
    await prepareModels(options);
    const manifest = JSON.parse(await readFile(options.manifestPath, 'utf8'));
    expect(manifest.map((/** @type {{ file: string }} */ entry) => entry.file)).toEqual(PRODUCTS.map((product) => product.file));
    expect((await readdir(options.readyDir)).sort()).toEqual(PRODUCTS.map((product) => product.file).sort());
    for (const { file, bytes, sha256 } of manifest) {
      expect(identify(await readFile(path.join(options.readyDir, file)))).toEqual({ bytes, sha256 });
    }
    const before = await modificationTimes();
    lines.length = 0;
    await prepareModels(options);
    expect(await modificationTimes()).toEqual(before);
    expect(lines).toEqual(PRODUCTS.map((product) => `${product.file}: ready`));
  });

  test('repairs a ready file of which one byte has changed', async () => {
    await prepareModels(options);
    const file = path.join(options.readyDir, 'blazeface-short.onnx');
    const good = await readFile(file);
    await writeFile(file, flipByte(good, 1000));
    await prepareModels(options);
    expect((await readFile(file)).equals(good)).toBe(true);
  });

  test.each(Object.values(SOURCES))('one changed byte in $file: an error that names file, expected and found hash; nothing written', async (source) => {
    const file = path.join(options.modulesDir, source.package, source.file);
    const changed = flipByte(await readFile(file), 77);
    await rm(file);
    await writeFile(file, changed);
    const error = await failure();
    expect(error.message).toContain(file);
    expect(error.message).toContain(`expected SHA-256 ${source.sha256}`);
    expect(error.message).toContain(`found ${identify(changed).sha256}`);
    await expectNothingWritten();
  });

  test('a missing source: an error that names file, expected hash and package; nothing written', async () => {
    const { package: name, version, file, sha256 } = SOURCES.backWeights;
    await rm(path.join(options.modulesDir, name, file));
    const error = await failure();
    expect(error.message).toContain(path.join(name, file));
    expect(error.message).toContain(`expected SHA-256 ${sha256}, found no file`);
    expect(error.message).toContain(`${name}@${version}`);
    await expectNothingWritten();
  });

  test('a result that is not the one in the manifest is refused, and accepted with update', async () => {
    const committed = await readFile(options.manifestPath, 'utf8');
    const entry = JSON.parse(committed)[0];
    const other = '0'.repeat(64);
    await writeFile(options.manifestPath, committed.replace(entry.sha256, other));
    const error = await failure();
    expect(error.message).toContain(entry.file);
    expect(error.message).toContain(`expected SHA-256 ${other}, found ${entry.sha256}`);
    await expectNothingWritten();

    await prepareModels({ ...options, update: true });
    expect(await readFile(options.manifestPath, 'utf8')).toBe(committed);
  });

  test('an edited generated file is refused, and rewritten with update', async () => {
    const typeScriptPath = path.join(directory, 'onnx-manifest.ts');
    const committed = await readFile(typeScriptPath, 'utf8');
    await writeFile(typeScriptPath, committed.replace('bytes: ', 'bytes: 1'));
    expect((await failure()).message).toContain(`${typeScriptPath} is out of date`);
    await expectNothingWritten();
    await prepareModels({ ...options, update: true });
    expect(await readFile(typeScriptPath, 'utf8')).toBe(committed);
  });
});

async function failure() {
  try {
    await prepareModels(options);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('prepareModels did not fail');
}

async function expectNothingWritten() {
  expect((await readdir(directory)).sort()).toEqual(['manifest.json', 'model-manifest.ts', 'node_modules', 'onnx-manifest.ts']);
}

async function modificationTimes() {
  const names = await readdir(options.readyDir);
  return Promise.all(names.map(async (name) => [name, (await stat(path.join(options.readyDir, name))).mtimeMs]));
}

/**
 * @param {string} from relative to the project
 * @param {string} to
 */
async function copyText(from, to) {
  await writeFile(to, await readFile(path.join(ROOT, from)));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} index
 */
function flipByte(bytes, index) {
  const copy = Uint8Array.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
