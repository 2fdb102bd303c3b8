import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FlatBufferTable } from './flatbuffer-table.mjs';
import { identify } from './manifest.mjs';
import { parseTflite } from './read-tflite.mjs';
import { SOURCES } from './sources.mjs';
import { addTfliteMetadata, buildModelMetadata } from './tflite-metadata.mjs';

const MODULES = path.resolve(import.meta.dirname, '../../node_modules');
const viewOf = (/** @type {Uint8Array} */ bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

test.each([SOURCES.shortRange, SOURCES.fullRange])('$file keeps its graph and weights and gains metadata', async (source) => {
  const old = new Uint8Array(await readFile(path.join(MODULES, source.package, source.file)));
  const metadata = buildModelMetadata({ name: 'blazeface', licence: source.licence });
  const result = addTfliteMetadata(old, metadata);

  expect((result.length - old.length) % 16).toBe(0);
  expect(Buffer.from(result.subarray(result.length - old.length)).equals(old)).toBe(true);
  expect(Buffer.from(result.subarray(4, 8)).toString()).toBe('TFL3');
  const graph = (/** @type {Uint8Array} */ bytes) => {
    const { tensors, operators, inputs, outputs } = parseTflite(bytes);
    return {
      tensors: tensors.map(({ data, ...rest }) => ({ ...rest, sha256: identify(data).sha256 })),
      inputs,
      outputs,
      operators: operators.map(({ options, ...rest }) => ({ ...rest, options: options?.int8(1) })),
    };
  };
  expect(graph(result)).toEqual(graph(old));

  const model = FlatBufferTable.root(viewOf(result));
  const [entry, ...others] = model.tables(6);
  expect(others).toEqual([]);
  expect(entry?.string(0)).toBe('TFLITE_METADATA');
  const buffer = model.tables(4)[entry?.int32(1) ?? -1];
  expect(buffer?.vector(0).position).toSatisfy((position) => position % 16 === 0);
  expect(Buffer.from(buffer?.bytes(0) ?? []).equals(metadata)).toBe(true);
});

test('the metadata says how the input is normalised', () => {
  const metadata = buildModelMetadata({ name: 'blazeface', licence: 'Apache-2.0' });
  expect(Buffer.from(metadata.subarray(4, 8)).toString()).toBe('M001');
  const subgraph = FlatBufferTable.root(viewOf(metadata)).tables(3)[0];
  const input = subgraph?.tables(2)[0];
  const content = input?.table(3);
  expect([content?.int8(0), content?.table(1)?.int8(0)]).toEqual([2, 1]); // ImageProperties, RGB
  const unit = input?.tables(4)[0];
  const normalization = unit?.table(1);
  const float = (/** @type {number} */ field) => normalization?.view.getFloat32(normalization.vector(field).position, true);
  expect([unit?.int8(0), float(0), float(1)]).toEqual([1, 127.5, 127.5]);
  expect(subgraph?.tables(3).map((output) => output.string(0))).toEqual(['regressors', 'classificators']);
});

test('a file that has metadata is refused', async () => {
  const { package: name, file, licence } = SOURCES.shortRange;
  const old = new Uint8Array(await readFile(path.join(MODULES, name, file)));
  const once = addTfliteMetadata(old, buildModelMetadata({ name: 'blazeface', licence }));
  expect(() => addTfliteMetadata(once, new Uint8Array(4))).toThrow('has metadata already');
});
