import { FlatBufferTable } from './flatbuffer-table.mjs';
import { convPads, transposeWeights } from './graph.mjs';

/**
 * Field and operator numbers are those of the TensorFlow Lite schema, version 3
 * (https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs).
 */
const OPERATOR = /** @type {Record<number, string>} */ ({
  0: 'add', 2: 'concat', 3: 'conv', 4: 'depthwise', 6: 'dequantize', 17: 'maxPool', 19: 'relu', 22: 'reshape', 23: 'resize', 34: 'pad',
});
const TENSOR_TYPE = /** @type {Record<number, 'float32' | 'float16' | 'int32'>} */ ({ 0: 'float32', 1: 'float16', 2: 'int32' });

/**
 * One tensor of the file. `data` is empty unless it is a constant.
 * @typedef {{ name: string, shape: number[], type: 'float32' | 'float16' | 'int32', data: Uint8Array }} TfliteTensor
 * @typedef {{ kind: string, inputs: number[], outputs: number[], options: FlatBufferTable | null }} TfliteOperator
 * @typedef {{ tensors: TfliteTensor[], operators: TfliteOperator[], inputs: number[], outputs: number[] }} TfliteFile
 */

/**
 * Reads the tables of a .tflite file as they are.
 * @param {Uint8Array} bytes
 * @returns {TfliteFile}
 * @throws {Error} on an operator or tensor type that BlazeFace does not use
 */
export function parseTflite(bytes) {
  const model = FlatBufferTable.root(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const codes = model.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)));
  const subgraph = model.tables(2)[0];
  if (subgraph === undefined) throw new Error('the .tflite file has no subgraph');
  const buffers = model.tables(4);
  const tensors = subgraph.tables(0).map((table) => {
    const type = TENSOR_TYPE[table.int8(1)];
    if (type === undefined) throw new Error(`tensor ${table.string(3)} has type ${table.int8(1)}, which is not handled`);
    const data = buffers[table.int32(2)]?.bytes(0) ?? new Uint8Array();
    return { name: table.string(3), shape: table.int32s(0), type, data };
  });
  const operators = subgraph.tables(3).map((table) => {
    const code = codes[table.int32(0)] ?? -1;
    const kind = OPERATOR[code];
    if (kind === undefined) throw new Error(`operator ${code} is not handled`);
    return { kind, inputs: table.int32s(1), outputs: table.int32s(2), options: table.table(4) };
  });
  return { tensors, operators, inputs: subgraph.int32s(1), outputs: subgraph.int32s(2) };
}

/**
 * @param {TfliteTensor} tensor a constant of type float16, float32 or int32
 * @returns {Uint16Array | Float32Array | Int32Array} copied, so that alignment inside the file does not matter
 */
export function constantData(tensor) {
  const { buffer } = tensor.data.slice();
  if (tensor.type === 'float16') return new Uint16Array(buffer);
  return tensor.type === 'float32' ? new Float32Array(buffer) : new Int32Array(buffer);
}

/**
 * Turns a BlazeFace .tflite file into the layer graph.
 * @param {Uint8Array} bytes
 * @returns {import('./graph.mjs').Graph}
 */
export function readTfliteGraph(bytes) {
  const file = parseTflite(bytes);
  const { tensors } = file;
  /** @type {Map<number, import('./graph.mjs').Weights>} */
  const constants = new Map();
  tensors.forEach((tensor, id) => {
    if (tensor.data.length === 0 || tensor.type === 'int32') return;
    const data = constantData(tensor);
    if (data instanceof Int32Array) return;
    constants.set(id, { dtype: tensor.type, shape: tensor.shape, data });
  });
  const name = (/** @type {number | undefined} */ id) => `t${String(id)}`;
  const shapeOf = (/** @type {number | undefined} */ id) => tensors[id ?? -1]?.shape ?? [];

  /** @type {import('./graph.mjs').Layer[]} */
  const layers = [];
  for (const operator of file.operators) {
    const [first, second, third] = operator.inputs;
    const input = name(first);
    const output = name(operator.outputs[0]);
    const [, height = 0, width = 0, channels = 0] = shapeOf(first);
    const outputShape = shapeOf(operator.outputs[0]);
    switch (operator.kind) {
      case 'dequantize': {
        // Kept as float16: the ONNX file casts it, which the runtime folds when it loads.
        const weights = constants.get(first ?? -1);
        if (weights === undefined) throw new Error(`dequantize of ${input}, which is not a constant`);
        constants.set(operator.outputs[0] ?? -1, weights);
        break;
      }
      case 'conv':
      case 'depthwise': {
        const raw = constants.get(second ?? -1);
        const bias = constants.get(third ?? -1);
        const options = operator.options;
        if (raw === undefined || bias === undefined || options === null) throw new Error(`${output}: convolution without constant weights`);
        const depthwise = operator.kind === 'depthwise';
        // Conv2DOptions: padding, stride_w, stride_h, activation. DepthwiseConv2DOptions: the same with depth_multiplier before the activation.
        const stride = options.int32(1);
        if (options.int32(2) !== stride || options.int8(depthwise ? 4 : 3) !== 0) throw new Error(`${output}: stride or activation not handled`);
        const weights = transposeWeights(raw, depthwise ? [3, 0, 1, 2] : [0, 3, 1, 2]);
        const [, , kernelHeight = 0, kernelWidth = 0] = weights.shape;
        const pads = convPads(options.int8(0) === 0 ? 'SAME' : 'VALID', [height, width], [kernelHeight, kernelWidth], stride);
        layers.push({ kind: 'conv', input, output, weights, bias, stride, pads, group: depthwise ? channels : 1 });
        break;
      }
      case 'add':
        if (operator.options !== null && operator.options.int8(0) !== 0) throw new Error(`${output}: activation not handled`);
        layers.push({ kind: 'add', inputs: [input, name(second)], output });
        break;
      case 'relu':
        layers.push({ kind: 'relu', input, output });
        break;
      case 'maxPool': {
        const options = operator.options;
        // Pool2DOptions: padding, stride_w, stride_h, filter_width, filter_height, activation.
        if (options === null || [1, 2, 3, 4].some((field) => options.int32(field) !== 2) || height % 2 !== 0 || width % 2 !== 0) {
          throw new Error(`${output}: only 2x2 pooling of even sizes is handled`);
        }
        layers.push({ kind: 'maxPool', input, output });
        break;
      }
      case 'pad': {
        const paddings = tensors[second ?? -1];
        const amounts = paddings === undefined ? [] : [...constantData(paddings)];
        if (amounts.length !== 8 || amounts.slice(0, 7).some((amount) => amount !== 0)) throw new Error(`${output}: only channels after the last are padded`);
        layers.push({ kind: 'padChannels', input, output, count: amounts[7] ?? 0 });
        break;
      }
      case 'resize': {
        // ResizeBilinearOptions: two deprecated fields, align_corners, half_pixel_centers.
        const options = operator.options;
        if (options === null || options.int8(2) !== 0 || options.int8(3) !== 1) throw new Error(`${output}: only half-pixel centres are handled`);
        if (outputShape[1] !== height * 2 || outputShape[2] !== width * 2) throw new Error(`${output}: only doubling is handled`);
        layers.push({ kind: 'upsample', input, output });
        break;
      }
      case 'reshape':
        layers.push({ kind: 'rows', input, output, columns: outputShape[2] ?? 0 });
        break;
      case 'concat':
        if (operator.options?.int32(0) !== 1) throw new Error(`${output}: only rows are joined`);
        layers.push({ kind: 'concatRows', inputs: operator.inputs.map(name), output });
        break;
      default:
        throw new Error(`operator ${operator.kind} is not handled`);
    }
  }
  const boxes = file.outputs.find((id) => shapeOf(id)[2] === 16);
  const scores = file.outputs.find((id) => shapeOf(id)[2] === 1);
  if (boxes === undefined || scores === undefined) throw new Error('the .tflite file has no BlazeFace outputs');
  const inputSize = shapeOf(file.inputs[0])[1] ?? 0;
  return { input: name(file.inputs[0]), inputSize, layers, outputs: { boxes: name(boxes), scores: name(scores) } };
}
