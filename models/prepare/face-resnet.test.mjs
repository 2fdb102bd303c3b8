import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { onnx } from 'onnx-proto';
import * as ort from 'onnxruntime-web/wasm';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { renderSelfTestFace } from '../../src/video/detection/self-test-face.ts';
import { SIDE, faceResnetToOnnx } from './face-resnet.mjs';
import { PRODUCTS } from './products.mjs';
import { readQuantisedWeights } from './read-quantised.mjs';
import { SOURCES } from './sources.mjs';

const PACKAGE = path.resolve(import.meta.dirname, '../../node_modules/@vladmandic/face-api');
const AREA = SIDE * SIDE;
const SEED = 20262;
/** The original runs in plain JavaScript; `BAUTA_SLOW_TESTS=1` shows it all six. */
const PHOTOS = process.env['BAUTA_SLOW_TESTS'] === '1' ? 6 : 2;
/** Of numbers up to about 0.5; both sides are float32 and add in different orders. */
const TOLERANCE = 1e-5;

/** @type {any} */
let network;
/** @type {any} */
let faceApi;
/** @type {Uint8Array} */
let model;
/** @type {ort.InferenceSession} */
let session;

beforeAll(async () => {
  const [manifest, bin] = await sources();
  ({ network, faceApi } = await originalNetwork(manifest, bin));
  const product = PRODUCTS.find(({ file }) => file === 'face-resnet.onnx');
  model = product?.build(manifest, bin) ?? new Uint8Array();
  ort.env.wasm.numThreads = 1;
  session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
}, 60_000);

afterAll(() => session.release());

describe('ONNX file of face-resnet', () => {
  test(`gives what the original gives: ${PHOTOS} photos and their faces, the drawn face, noise; one by one and as a batch`, { timeout: 120_000 }, async () => {
    const pictures = [...(await photos()), drawnFace(), noise(SEED)];
    const together = await embed(pictures);
    let largest = 0;
    for (const [index, picture] of pictures.entries()) {
      const expected = await original(picture);
      const [alone = new Float32Array()] = await embed([picture]);
      expect(Math.hypot(...expected), `picture ${index}`).toBeGreaterThan(0.5);
      largest = Math.max(largest, largestDifference(alone, expected), largestDifference(together[index], expected));
    }
    expect(largest).toBeLessThan(TOLERANCE);
    const [first, second] = together;
    expect(largestDifference(first, second ?? [])).toBeGreaterThan(0.02);
  });

  test('reads back as a valid model of the documented shape, its weights the bytes of the package', async () => {
    const read = onnx.ModelProto.decode(model);
    expect(Number(read.irVersion)).toBe(8);
    expect(read.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 17]]);
    const shape = (/** @type {any} */ value) => value.type.tensorType.shape.dim.map((/** @type {any} */ dim) => dim.dimParam || Number(dim.dimValue));
    expect(read.graph.input.map((value) => [value.name, shape(value)])).toEqual([['image', ['batch', 3, 150, 150]]]);
    expect(read.graph.output.map((value) => [value.name, shape(value)])).toEqual([['vector', ['batch', 128]]]);
    expect(Object.fromEntries(read.metadataProps.map(({ key, value }) => [key, value]))['licence']).toContain('public-domain');
    const stored = read.graph.initializer.filter(({ name }) => name.endsWith('/stored'));
    for (const { name, dims, dataType, rawData } of read.graph.initializer) {
      const elementBytes = { 1: 4, 2: 1, 7: 8 }[dataType];
      expect(rawData.length, name).toBe(elementBytes * dims.reduce((count, dim) => count * Number(dim), 1));
    }
    const [manifest, bin] = await sources();
    const sum = (/** @type {Iterable<number>} */ bytes) => [...bytes].reduce((a, b) => a + b, 0);
    const weights = readQuantisedWeights(manifest, bin);
    for (const { name, rawData } of stored) {
      const listed = weights.get(name === 'fc/weights/stored' ? 'fc' : name.replace('/weights/stored', '/conv/filters'));
      const bytes = new Uint8Array(listed?.data.buffer ?? new ArrayBuffer());
      expect([rawData.length, sum(rawData)], name).toEqual([bytes.length, sum(bytes)]);
    }
    expect(model.length).toBeLessThan(6.6e6);
  });
});

describe('weights that do not fit', () => {
  const build = (/** @type {(list: any[]) => void} */ change, /** @type {Uint8Array} */ manifest, /** @type {Uint8Array} */ bin) => {
    const groups = JSON.parse(Buffer.from(manifest).toString('utf8'));
    change(groups[0].weights);
    return faceResnetToOnnx(new TextEncoder().encode(JSON.stringify(groups)), bin, { name: 'x', metadata: {} });
  };

  test.each([
    ['a missing weight', (/** @type {any[]} */ list) => list.pop(), /the file has/],
    ['another name', (/** @type {any[]} */ list) => (list[0].name = 'elsewhere'), /conv32_down\/conv\/filters is missing/],
    ['another type', (/** @type {any[]} */ list) => (list[0].quantization.dtype = 'uint16'), /uint16, which is not handled/],
    ['a larger shape', (/** @type {any[]} */ list) => (list[0].shape[0] = 1e6), /names more than/],
  ])('%s is refused', async (_, change, message) => {
    const [manifest, bin] = await sources();
    expect(() => build(change, manifest, bin)).toThrow(message);
  });

  test('a weight too many is refused', async () => {
    const [manifest, bin] = await sources();
    const more = new Uint8Array([...bin, 1]);
    expect(() => build((list) => list.push({ name: 'more', shape: [1], dtype: 'float32', quantization: { dtype: 'uint8', scale: 1, min: 0 } }), manifest, more)).toThrow(
      'weights without a place in the network: more',
    );
  });
});

/** @returns {Promise<[Uint8Array, Uint8Array]>} */
async function sources() {
  const [manifest, bin] = await Promise.all([SOURCES.recognitionManifest, SOURCES.recognitionWeights].map(({ file }) => readFile(path.join(PACKAGE, file))));
  return [new Uint8Array(manifest ?? []), new Uint8Array(bin ?? [])];
}

/**
 * The package's own network on its own TensorFlow.js. It is a build for browsers: it must not take this process for Node.
 * @param {Uint8Array} manifest
 * @param {Uint8Array} bin
 */
async function originalNetwork(manifest, bin) {
  vi.stubGlobal('process', Object.create(process, { versions: { value: {} } }));
  try {
    const faceApi = await import(pathToFileURL(path.join(PACKAGE, 'dist/face-api.esm.js')).href);
    const { tf } = faceApi;
    tf.env().setPlatform('test', {
      isTypedArray: (/** @type {unknown} */ value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
      now: () => performance.now(),
      encode: (/** @type {string} */ text) => new TextEncoder().encode(text),
      decode: (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes),
    });
    await tf.setBackend('cpu');
    const network = new faceApi.FaceRecognitionNet();
    const specs = JSON.parse(Buffer.from(manifest).toString('utf8'))[0].weights;
    network.loadFromWeightMap(tf.io.decodeWeights(bin.slice().buffer, specs));
    return { network, faceApi };
  } finally {
    vi.unstubAllGlobals();
  }
}

/** @param {Uint8Array} rgb */
async function original(rgb) {
  const input = new faceApi.NetInput([faceApi.tf.tensor3d(Float32Array.from(rgb), [SIDE, SIDE, 3])]);
  return network.forwardInput(input).data();
}

/**
 * @param {Uint8Array[]} pictures RGB, {@link SIDE} x {@link SIDE}
 * @returns {Promise<Float32Array[]>}
 */
async function embed(pictures) {
  const planes = new Float32Array(pictures.length * 3 * AREA);
  for (const [index, rgb] of pictures.entries()) {
    for (let i = 0; i < 3 * AREA; i++) planes[index * 3 * AREA + i] = rgb[(i % AREA) * 3 + Math.floor(i / AREA)] ?? 0;
  }
  const { vector } = await session.run({ image: new ort.Tensor('float32', planes, [pictures.length, 3, SIDE, SIDE]) });
  return pictures.map((_, index) => vector.data.slice(index * 128, (index + 1) * 128));
}

/** Each sample photo as a whole, and its middle. */
async function photos() {
  const files = Array.from({ length: PHOTOS }, (_, i) => path.join(PACKAGE, `demo/sample${i + 1}.jpg`));
  const pictures = await Promise.all(
    files.map(async (file) => {
      const { width, height } = await sharp(file).metadata();
      const half = { left: width >> 2, top: height >> 3, width: width >> 1, height: height >> 1 };
      const raw = (/** @type {sharp.Sharp} */ picture) => picture.removeAlpha().resize(SIDE, SIDE, { fit: 'cover' }).raw().toBuffer();
      return Promise.all([raw(sharp(file)), raw(sharp(file).extract(half))]);
    }),
  );
  return pictures.flat().map((bytes) => new Uint8Array(bytes));
}

function drawnFace() {
  const { width, height, rgb } = renderSelfTestFace();
  return Uint8Array.from({ length: 3 * AREA }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const x = Math.floor(((pixel % SIDE) * width) / SIDE);
    const y = Math.floor((Math.floor(pixel / SIDE) * height) / SIDE);
    return rgb[(y * width + x) * 3 + (i % 3)] ?? 0;
  });
}

/** @param {number} seed */
function noise(seed) {
  let state = seed;
  return Uint8Array.from({ length: 3 * AREA }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/**
 * @param {ArrayLike<number> | undefined} found
 * @param {ArrayLike<number>} expected
 */
function largestDifference(found, expected) {
  if (found?.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((found[i] ?? NaN) - (expected[i] ?? NaN));
    if (!(difference <= largest)) largest = difference; // NaN counts as a difference
  }
  return largest;
}
