import { SIDE, faceResnetToOnnx } from './face-resnet.mjs';
import { graphToOnnx } from './graph-to-onnx.mjs';
import { readTfjsGraph } from './read-tfjs.mjs';
import { readTfliteGraph } from './read-tflite.mjs';
import { SOURCES } from './sources.mjs';
import { addTfliteMetadata, buildModelMetadata } from './tflite-metadata.mjs';
import { writeOnnx } from './write-onnx.mjs';

/**
 * One file that set-up makes.
 *
 * @typedef {object} Product
 * @property {string} file name in models/ready/
 * @property {'model' | 'runtime'} kind
 * @property {import('./sources.mjs').Source[]} sources in the order in which `build` takes their bytes
 * @property {(...bytes: Uint8Array[]) => Uint8Array} build
 * @property {Record<string, unknown>} facts what the manifest says beyond origin and hash
 */

const KEYPOINTS = ['right eye', 'left eye', 'nose tip', 'mouth centre', 'right ear', 'left ear'];

/**
 * @param {number} size height and width in pixels
 * @param {{ stride: number, anchorsPerCell: number }[]} anchors layers in output order
 */
function detectorFacts(size, anchors) {
  const anchorCount = anchors.reduce((sum, { stride, anchorsPerCell }) => sum + (size / stride) ** 2 * anchorsPerCell, 0);
  return {
    size,
    anchorCount,
    anchors: {
      count: anchorCount,
      layers: anchors,
      order: 'layer by layer; in a layer row by row from the top left cell; in a cell anchor by anchor',
      centre: '(column + 0.5) * stride, (row + 0.5) * stride, in input pixels',
    },
    decoding: {
      values: 'x offset, y offset, width, height, then x and y offset of each keypoint; in input pixels, offsets from the anchor centre',
      keypoints: KEYPOINTS,
      score: 'logistic function of the logit',
    },
  };
}

const SHORT = detectorFacts(128, [
  { stride: 8, anchorsPerCell: 2 },
  { stride: 16, anchorsPerCell: 6 },
]);
const FULL = detectorFacts(192, [{ stride: 4, anchorsPerCell: 1 }]);
const BACK = detectorFacts(256, [
  { stride: 16, anchorsPerCell: 2 },
  { stride: 32, anchorsPerCell: 6 },
]);

const BACK_HEADS = { boxes: ['Identity_2', 'Identity_3'], scores: ['Identity', 'Identity_1'] };

/** @type {readonly Product[]} */
export const PRODUCTS = [
  onnxProduct('blazeface-short', SHORT, [SOURCES.shortRange], readTfliteGraph),
  onnxProduct('blazeface-full', FULL, [SOURCES.fullRange], readTfliteGraph),
  onnxProduct('blazeface-back', BACK, [SOURCES.backTopology, SOURCES.backWeights], (json, bin) => readTfjsGraph(json, bin, BACK_HEADS)),
  tfliteProduct('blazeface-short', SHORT, SOURCES.shortRange),
  tfliteProduct('blazeface-full', FULL, SOURCES.fullRange),
  embedderProduct('face-resnet', [SOURCES.recognitionManifest, SOURCES.recognitionWeights]),
  runtimeProduct('ort-wasm-simd-threaded.wasm', SOURCES.onnxRuntime),
  runtimeProduct('ort-wasm-simd-threaded.jspi.wasm', SOURCES.onnxRuntimeWebGpu),
  runtimeProduct('vision_wasm_module_internal.js', SOURCES.visionLoader),
  runtimeProduct('vision_wasm_module_internal.wasm', SOURCES.visionRuntime),
];

/**
 * @param {string} name
 * @param {ReturnType<typeof detectorFacts>} facts
 * @param {import('./sources.mjs').Source[]} sources
 * @param {(...bytes: any[]) => import('./graph.mjs').Graph} read
 * @returns {Product}
 */
function onnxProduct(name, { size, anchorCount, anchors, decoding }, sources, read) {
  const origin = sources.map((source) => `${source.package}@${source.version}/${source.file}`).join(', ');
  const licence = sources[0]?.licence ?? '';
  return {
    file: `${name}.onnx`,
    kind: 'model',
    sources,
    build: (...bytes) => writeOnnx(graphToOnnx(read(...bytes), { name, metadata: { source: origin, licence } })),
    facts: {
      input: { name: 'image', type: 'float32', shape: [1, 3, 'height', 'width'], trainedShape: [1, 3, size, size], values: 'RGB planes, value / 127.5 - 1' },
      output: {
        boxes: { type: 'float32', shape: [1, 'anchors', 16], trainedShape: [1, anchorCount, 16] },
        scores: { type: 'float32', shape: [1, 'anchors', 1], trainedShape: [1, anchorCount, 1] },
      },
      anchors,
      decoding,
    },
  };
}

/**
 * @param {string} name
 * @param {ReturnType<typeof detectorFacts>} facts
 * @param {import('./sources.mjs').Source} source
 * @returns {Product}
 */
function tfliteProduct(name, { size, anchorCount, anchors, decoding }, source) {
  return {
    file: `${name}.tflite`,
    kind: 'model',
    sources: [source],
    build: (bytes) => addTfliteMetadata(bytes, buildModelMetadata({ name, licence: source.licence })),
    facts: {
      input: { name: 'input', type: 'float32', shape: [1, size, size, 3], values: 'RGB pixels, value / 127.5 - 1 (done by the runtime)' },
      output: {
        regressors: { type: 'float32', shape: [1, anchorCount, 16] },
        classificators: { type: 'float32', shape: [1, anchorCount, 1] },
      },
      anchors,
      decoding,
    },
  };
}

/**
 * @param {string} name
 * @param {import('./sources.mjs').Source[]} sources manifest, weights
 * @returns {Product}
 */
function embedderProduct(name, sources) {
  const source = sources.map(({ package: origin, version, file }) => `${origin}@${version}/${file}`).join(', ');
  const licence = sources[0]?.licence ?? '';
  return {
    file: `${name}.onnx`,
    kind: 'model',
    sources,
    build: (manifest = new Uint8Array(), bin = new Uint8Array()) => writeOnnx(faceResnetToOnnx(manifest, bin, { name, metadata: { source, licence } })),
    facts: {
      input: { name: 'image', type: 'float32', shape: ['batch', 3, SIDE, SIDE], values: 'RGB planes, 0 to 255; the file subtracts the mean and scales' },
      output: { vector: { type: 'float32', shape: ['batch', 128], comparison: 'Euclidean distance' } },
    },
  };
}

/**
 * @param {string} file
 * @param {import('./sources.mjs').Source} source
 * @returns {Product}
 */
function runtimeProduct(file, source) {
  return { file, kind: 'runtime', sources: [source], build: (bytes) => bytes, facts: {} };
}
