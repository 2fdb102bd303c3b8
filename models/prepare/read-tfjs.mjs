import { convPads, transposeWeights } from './graph.mjs';

/**
 * @typedef {{ name: string, op: string, input?: string[], attr?: Record<string, any> }} TfjsNode
 * @typedef {{ name: string, shape: number[], dtype: string }} TfjsWeight
 */

const text = (/** @type {string} */ base64) => Buffer.from(base64, 'base64').toString('utf8');

/**
 * Turns BlazeFace's TensorFlow.js graph model into the layer graph.
 * @param {Uint8Array} json the model file: topology and the list of weights
 * @param {Uint8Array} bin the weights, one after the other
 * @param {{ boxes: string[], scores: string[] }} heads names of the output nodes, in anchor order
 * @returns {import('./graph.mjs').Graph}
 * @throws {Error} on a node or weight type that BlazeFace does not use
 */
export function readTfjsGraph(json, bin, heads) {
  const model = JSON.parse(Buffer.from(json).toString('utf8'));
  const constants = readWeights(model.weightsManifest[0].weights, bin);
  /** @type {TfjsNode[]} */
  const nodes = model.modelTopology.node;

  /** Height, width and channels of every tensor, needed for SAME padding. @type {Map<string, [number, number, number]>} */
  const sizes = new Map();
  /** @type {import('./graph.mjs').Layer[]} */
  const layers = [];
  let graphInput = '';
  let inputSize = 0;
  for (const node of nodes) {
    const output = node.name;
    const [input = '', second = '', third = ''] = node.input ?? [];
    const size = sizes.get(input) ?? [0, 0, 0];
    const [height, width, channels] = size;
    switch (node.op) {
      case 'Const':
        break;
      case 'Placeholder': {
        const dims = node.attr?.['shape'].shape.dim.map((/** @type {{ size: string }} */ dim) => Number(dim.size));
        graphInput = output;
        inputSize = dims[1];
        sizes.set(output, [dims[1], dims[2], dims[3]]);
        break;
      }
      case '_FusedConv2D':
      case 'DepthwiseConv2dNative': {
        const depthwise = node.op === 'DepthwiseConv2dNative';
        const stride = Number(node.attr?.['strides'].list.i[1]);
        const padding = text(node.attr?.['padding'].s);
        if (padding !== 'SAME' && padding !== 'VALID') throw new Error(`${output}: padding ${padding} is not handled`);
        // HWIO becomes OIHW; a depthwise kernel (height, width, channel, 1) becomes (channel, 1, height, width).
        const weights = transposeWeights(floats(constants, second), depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]);
        const bias = depthwise ? null : floats(constants, third);
        const [outputChannels = 0, , kernelHeight = 0, kernelWidth = 0] = weights.shape;
        const pads = convPads(padding, [height, width], [kernelHeight, kernelWidth], stride);
        const fused = depthwise ? [] : node.attr?.['fused_ops'].list.s.map(text);
        const relu = fused.includes('Relu');
        if (fused.some((/** @type {string} */ op) => op !== 'BiasAdd' && op !== 'Relu')) throw new Error(`${output}: fused ${fused.join()} is not handled`);
        const convOutput = relu ? `${output}/linear` : output;
        layers.push({ kind: 'conv', input, output: convOutput, weights, bias, stride, pads, group: depthwise ? channels : 1 });
        if (relu) layers.push({ kind: 'relu', input: convOutput, output });
        const rows = Math.floor((height + pads[0] + pads[2] - kernelHeight) / stride) + 1;
        const columns = Math.floor((width + pads[1] + pads[3] - kernelWidth) / stride) + 1;
        sizes.set(output, [rows, columns, outputChannels]);
        break;
      }
      case 'AddV2':
        layers.push({ kind: 'add', inputs: [input, second], output });
        sizes.set(output, size);
        break;
      case 'Relu':
        layers.push({ kind: 'relu', input, output });
        sizes.set(output, size);
        break;
      case 'MaxPool': {
        const windows = [...(node.attr?.['ksize'].list.i ?? []), ...(node.attr?.['strides'].list.i ?? [])].join();
        if (windows !== '1,2,2,1,1,2,2,1' || height % 2 !== 0 || width % 2 !== 0) throw new Error(`${output}: only 2x2 pooling of even sizes is handled`);
        layers.push({ kind: 'maxPool', input, output });
        sizes.set(output, [height / 2, width / 2, channels]);
        break;
      }
      case 'Pad': {
        const amounts = [...(constants.get(second)?.data ?? [])];
        if (amounts.length !== 8 || amounts.slice(0, 7).some((amount) => amount !== 0)) throw new Error(`${output}: only channels after the last are padded`);
        const count = amounts[7] ?? 0;
        layers.push({ kind: 'padChannels', input, output, count });
        sizes.set(output, [height, width, channels + count]);
        break;
      }
      case 'Reshape':
        layers.push({ kind: 'rows', input, output, columns: constants.get(second)?.data[2] ?? 0 });
        break;
      case 'Identity': // an alias for an output; resolved below
        break;
      default:
        throw new Error(`node ${output} is a ${node.op}, which is not handled`);
    }
  }
  const alias = (/** @type {string} */ name) => nodes.find((node) => node.name === name && node.op === 'Identity')?.input?.[0] ?? name;
  layers.push({ kind: 'concatRows', inputs: heads.boxes.map(alias), output: 'boxes' });
  layers.push({ kind: 'concatRows', inputs: heads.scores.map(alias), output: 'scores' });
  return { input: graphInput, inputSize, layers, outputs: { boxes: 'boxes', scores: 'scores' } };
}

/**
 * @param {TfjsWeight[]} list
 * @param {Uint8Array} bin
 */
function readWeights(list, bin) {
  /** @type {Map<string, { shape: number[], data: Float32Array | Int32Array }>} */
  const constants = new Map();
  let offset = 0;
  for (const { name, shape, dtype } of list) {
    const byteLength = 4 * shape.reduce((a, b) => a * b, 1);
    const { buffer } = bin.slice(offset, offset + byteLength);
    if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`weight ${name} has type ${dtype}, which is not handled`);
    constants.set(name, { shape, data: dtype === 'float32' ? new Float32Array(buffer) : new Int32Array(buffer) });
    offset += byteLength;
  }
  if (offset !== bin.length) throw new Error(`the weights list names ${offset} bytes, the file has ${bin.length}`);
  return constants;
}

/**
 * @param {ReturnType<typeof readWeights>} constants
 * @param {string} name
 * @returns {import('./graph.mjs').Weights}
 */
function floats(constants, name) {
  const constant = constants.get(name);
  if (constant === undefined || !(constant.data instanceof Float32Array)) throw new Error(`weight ${name} is missing or not float32`);
  return { dtype: 'float32', shape: constant.shape, data: constant.data };
}
