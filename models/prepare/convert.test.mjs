import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { onnx } from 'onnx-proto';
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { renderSelfTestFace } from '../../src/video/detection/self-test-face.ts';
import { decodeDetections, intersectionOverUnion } from './decode.mjs';
import { halfToFloat } from './half-float.mjs';
import { PRODUCTS } from './products.mjs';
import { runTflite } from './reference-tflite.mjs';

const MODULES = path.resolve(import.meta.dirname, '../../node_modules');
const MODELS = [
  { name: 'short', size: 128, anchors: 896, reference: tfliteReference },
  { name: 'full', size: 192, anchors: 2304, reference: tfliteReference },
  { name: 'back', size: 256, anchors: 896, reference: tfjsReference },
];
const SEED = 20261;
/** Both sides are float32 and add in different orders. */
const TOLERANCE = 2e-4;

/** @type {any} */
let tf;

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  tf = await importTfjs();
  await tf.setBackend('cpu');
});

describe.each(MODELS)('ONNX file of blazeface $name', ({ name, size, anchors, reference }) => {
  const product = productOf(`blazeface-${name}.onnx`);

  test.each([
    ['the self-test face', faceImage(size)],
    [`noise, seed ${SEED}`, noiseImage(size, SEED)],
  ])('gives what the original gives on %s', async (_, image) => {
    const sources = await sourcesOf(product);
    const { boxes, scores } = await runOnnx(product.build(...sources), image, size);
    expect(boxes.dims).toEqual([1, anchors, 16]);
    expect(scores.dims).toEqual([1, anchors, 1]);

    const expected = await reference(sources, image, size);
    const differences = { boxes: largestDifference(boxes.data, expected.boxes), scores: largestDifference(scores.data, expected.scores) };
    expect(differences.boxes, 'boxes').toBeLessThan(TOLERANCE);
    expect(differences.scores, 'scores').toBeLessThan(TOLERANCE);
    expect(Math.max(...expected.scores) - Math.min(...expected.scores)).toBeGreaterThan(1);
  });

  test('finds the self-test face where it says, and nothing else', async () => {
    const { boxes, scores } = await runOnnx(product.build(...(await sourcesOf(product))), faceImage(size), size);
    const { layers } = /** @type {any} */ (product.facts['anchors']);
    const [face, ...others] = decodeDetections({ size, layers }, boxes.data, scores.data, 0.3);
    expect(others).toEqual([]);
    expect(face?.score).toBeGreaterThan(0.8);
    const { width, box } = renderSelfTestFace();
    const expected = { x: box.x / width, y: box.y / width, width: box.width / width, height: box.height / width };
    expect(face === undefined ? 0 : intersectionOverUnion(face, expected)).toBeGreaterThan(0.75);
  });

  test('reads back as a valid model of the documented shape', async () => {
    const model = onnx.ModelProto.decode(product.build(...(await sourcesOf(product))));
    expect(Number(model.irVersion)).toBe(8);
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 17]]);
    const shape = (/** @type {any} */ value) => value.type.tensorType.shape.dim.map((/** @type {any} */ dim) => dim.dimParam || Number(dim.dimValue));
    expect(model.graph.input.map((value) => [value.name, shape(value)])).toEqual([['image', [1, 3, 'height', 'width']]]);
    expect(model.graph.output.map((value) => [value.name, shape(value)])).toEqual([
      ['boxes', [1, 'anchors', 16]],
      ['scores', [1, 'anchors', 1]],
    ]);
    expect(Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]))['licence']).toContain('Apache-2.0');
    for (const { name: tensor, dims, dataType, rawData } of model.graph.initializer) {
      const elementBytes = { 1: 4, 7: 8, 10: 2 }[dataType];
      expect(rawData.length, tensor).toBe(elementBytes * dims.reduce((count, dim) => count * Number(dim), 1));
    }
  });
});

test('half floats read as IEEE 754 says', () => {
  expect([0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x7c00].map(halfToFloat)).toEqual([1, -2, 2 ** -24, 65504, -0, Infinity]);
});

/**
 * @param {Uint8Array} model
 * @param {Float32Array} image height x width x 3
 * @param {number} size
 */
async function runOnnx(model, image, size) {
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  try {
    return await session.run({ image: new ort.Tensor('float32', toPlanes(image, size), [1, 3, size, size]) });
  } finally {
    await session.release();
  }
}

/** @param {string} file */
function productOf(file) {
  const product = PRODUCTS.find((candidate) => candidate.file === file);
  if (product === undefined) throw new Error(`no product ${file}`);
  return product;
}

/** @param {import('./products.mjs').Product} product */
function sourcesOf(product) {
  return Promise.all(product.sources.map(async (source) => new Uint8Array(await readFile(path.join(MODULES, source.package, source.file)))));
}

/**
 * @param {Uint8Array[]} sources
 * @param {Float32Array} image
 */
function tfliteReference([bytes], image) {
  return runTflite(bytes, image);
}

/**
 * The original, run by TensorFlow.js.
 * @param {Uint8Array[]} sources
 * @param {Float32Array} image
 * @param {number} size
 */
async function tfjsReference([json, bin], image, size) {
  const { modelTopology, weightsManifest } = JSON.parse(Buffer.from(json).toString('utf8'));
  const weightData = bin.slice().buffer;
  const model = await tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }) });
  const names = ['Identity_2', 'Identity_3', 'Identity', 'Identity_1'];
  const [boxes16, boxes32, scores16, scores32] = await Promise.all(
    model.execute(tf.tensor4d(image, [1, size, size, 3]), names).map((/** @type {any} */ tensor) => tensor.data()),
  );
  return { boxes: Float32Array.of(...boxes16, ...boxes32), scores: Float32Array.of(...scores16, ...scores32) };
}

/** A build for browsers, which the package ships without exporting it: it must not take this process for Node, whose modules were bundled away. */
async function importTfjs() {
  vi.stubGlobal('process', Object.create(process, { versions: { value: {} } }));
  try {
    const tf = await import(pathToFileURL(path.join(MODULES, '@vladmandic/human/dist/tfjs.esm.js')).href);
    tf.env().setPlatform('test', {
      isTypedArray: (/** @type {unknown} */ value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
      now: () => performance.now(),
      encode: (/** @type {string} */ text) => new TextEncoder().encode(text),
      decode: (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes),
    });
    return tf;
  } finally {
    vi.unstubAllGlobals();
  }
}

/**
 * The drawn face in the model's size, nearest pixel, as height x width x 3.
 * @param {number} size
 */
function faceImage(size) {
  const { width, height, rgb } = renderSelfTestFace();
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const x = Math.floor(((pixel % size) * width) / size);
    const y = Math.floor((Math.floor(pixel / size) * height) / size);
    return (rgb[(y * width + x) * 3 + (i % 3)] ?? 0) / 127.5 - 1;
  });
}

/**
 * @param {number} size
 * @param {number} seed
 */
function noiseImage(size, seed) {
  let state = seed;
  return Float32Array.from({ length: size * size * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/**
 * @param {Float32Array} image height x width x 3
 * @param {number} size
 */
function toPlanes(image, size) {
  const area = size * size;
  return Float32Array.from(image, (_, i) => image[(i % area) * 3 + Math.floor(i / area)] ?? 0);
}

/**
 * Relative to the expected value where that is above 1.
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 */
function largestDifference(found, expected) {
  if (found.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const target = expected[i] ?? NaN;
    const difference = Math.abs((found[i] ?? NaN) - target) / Math.max(1, Math.abs(target));
    if (!(difference <= largest)) largest = difference; // NaN counts as a difference
  }
  return largest;
}
