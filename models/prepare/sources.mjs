/**
 * Where every weight and runtime comes from: a file of an npm package in an exact version, pinned by hash. Nothing is downloaded here; the packages
 * are development dependencies.
 *
 * @typedef {object} Source
 * @property {string} package
 * @property {string} version
 * @property {string} file inside the package
 * @property {string} sha256
 * @property {string} licence of the file, as an SPDX expression
 */

const FACE_DETECTION = { package: '@mediapipe/face_detection', version: '0.4.1657300184', licence: 'Apache-2.0' };
// The package is MIT; its blazeface weights are Google's BlazeFace back-camera model, published under Apache-2.0.
const HUMAN = { package: '@vladmandic/human', version: '3.3.6', licence: 'MIT AND Apache-2.0' };
// The package is MIT; its recognition weights are those of dlib's `dlib_face_recognition_resnet_model_v1`, which its author put in the public domain
// (https://github.com/davisking/dlib-models).
const FACE_API = { package: '@vladmandic/face-api', version: '1.7.15', licence: 'MIT AND LicenseRef-public-domain' };
const TASKS_VISION = { package: '@mediapipe/tasks-vision', version: '0.10.35', licence: 'Apache-2.0' };
const ONNX_RUNTIME = { package: 'onnxruntime-web', version: '1.30.0', licence: 'MIT' };

/** @satisfies {Record<string, Source>} */
export const SOURCES = {
  shortRange: {
    ...FACE_DETECTION,
    file: 'face_detection_short_range.tflite',
    sha256: '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633',
  },
  fullRange: {
    ...FACE_DETECTION,
    file: 'face_detection_full_range.tflite',
    sha256: '99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3',
  },
  backTopology: {
    ...HUMAN,
    file: 'models/blazeface.json',
    sha256: 'cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f',
  },
  backWeights: {
    ...HUMAN,
    file: 'models/blazeface.bin',
    sha256: 'dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72',
  },
  recognitionManifest: {
    ...FACE_API,
    file: 'model/face_recognition_model-weights_manifest.json',
    sha256: 'cbaffa501b0b9275a12b63357a6843e7e30c054e1c9151e1a5f879b26e32986b',
  },
  recognitionWeights: {
    ...FACE_API,
    file: 'model/face_recognition_model.bin',
    sha256: 'b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589',
  },
  onnxRuntime: {
    ...ONNX_RUNTIME,
    file: 'dist/ort-wasm-simd-threaded.wasm',
    sha256: '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2',
  },
  onnxRuntimeWebGpu: {
    ...ONNX_RUNTIME,
    file: 'dist/ort-wasm-simd-threaded.jspi.wasm',
    sha256: 'a54c76f86b0f0d9572380cf1c6292a7b3903716ffcbcd6b0e5c7050bf430eb93',
  },
  visionLoader: {
    ...TASKS_VISION,
    file: 'wasm/vision_wasm_module_internal.js',
    sha256: '1f1d6215324a1fe62f6742d49a3db911170987ca18ad8c1b75f1a1c82acf2b44',
  },
  visionRuntime: {
    ...TASKS_VISION,
    file: 'wasm/vision_wasm_module_internal.wasm',
    sha256: '617b8e0248dbd27e9d7ece4218004eae4cefb499196d1bb4fa0e3fef21708756',
  },
};
