/**
 * The small graph that both readers produce and the ONNX writer consumes. Only the layer kinds that BlazeFace uses exist here: a source file with
 * anything else is refused by its reader.
 *
 * Tensors are named, batch 1. Weights are already in ONNX order (output, input, height, width).
 *
 * @typedef {object} Weights
 * @property {'float16' | 'float32'} dtype
 * @property {number[]} shape
 * @property {Uint16Array | Float32Array} data float16 as raw bits
 *
 * @typedef {object} ConvLayer
 * @property {'conv'} kind
 * @property {string} input
 * @property {string} output
 * @property {Weights} weights `group` equal to the channel count means depthwise
 * @property {Weights | null} bias
 * @property {number} stride
 * @property {[number, number, number, number]} pads top, left, bottom, right
 * @property {number} group
 *
 * @typedef {{ kind: 'add', inputs: [string, string], output: string }} AddLayer
 * @typedef {{ kind: 'relu', input: string, output: string }} ReluLayer
 * @typedef {{ kind: 'maxPool', input: string, output: string }} MaxPoolLayer 2x2 windows, stride 2
 * @typedef {{ kind: 'padChannels', input: string, output: string, count: number }} PadChannelsLayer zeros after the last channel
 * @typedef {{ kind: 'upsample', input: string, output: string }} UpsampleLayer twice as large, bilinear, half-pixel centres
 * @typedef {{ kind: 'rows', input: string, output: string, columns: number }} RowsLayer height x width x channels, cut into rows of `columns`
 * @typedef {{ kind: 'concatRows', inputs: string[], output: string }} ConcatRowsLayer
 * @typedef {ConvLayer | AddLayer | ReluLayer | MaxPoolLayer | PadChannelsLayer | UpsampleLayer | RowsLayer | ConcatRowsLayer} Layer
 *
 * @typedef {object} Graph
 * @property {string} input name of the input tensor
 * @property {number} inputSize height and width in pixels
 * @property {Layer[]} layers in an order in which they can run
 * @property {{ boxes: string, scores: string }} outputs
 */

/**
 * Padding as TensorFlow's SAME computes it: what does not divide evenly goes to the bottom and the right.
 * @param {number} size input height or width
 * @param {number} kernel
 * @param {number} stride
 * @returns {[number, number]} before, after
 */
export function samePadding(size, kernel, stride) {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/**
 * @param {'SAME' | 'VALID'} padding
 * @param {[number, number]} size height, width of the input
 * @param {[number, number]} kernel height, width
 * @param {number} stride
 * @returns {[number, number, number, number]} top, left, bottom, right
 */
export function convPads(padding, size, kernel, stride) {
  if (padding === 'VALID') return [0, 0, 0, 0];
  const [top, bottom] = samePadding(size[0], kernel[0], stride);
  const [left, right] = samePadding(size[1], kernel[1], stride);
  return [top, left, bottom, right];
}

/**
 * Reorders the axes of a dense tensor.
 * @param {Weights} weights
 * @param {number[]} order `order[i]` is the source axis that becomes axis i
 * @returns {Weights}
 */
export function transposeWeights(weights, order) {
  const { shape, data } = weights;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const newShape = order.map((axis) => shape[axis] ?? 0);
  const newStrides = order.map((axis) => strides[axis] ?? 0);
  const result = weights.dtype === 'float16' ? new Uint16Array(data.length) : new Float32Array(data.length);
  const index = newShape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    let offset = 0;
    for (let axis = 0; axis < index.length; axis++) offset += (index[axis] ?? 0) * (newStrides[axis] ?? 0);
    result[i] = data[offset] ?? 0;
    for (let axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (newShape[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return { dtype: weights.dtype, shape: newShape, data: result };
}
