import { halfToFloat } from './half-float.mjs';
import { constantData, parseTflite } from './read-tflite.mjs';

/**
 * Runs a .tflite file with plain loops, for tests: slow, in the file's own channels-last order, and sharing nothing with the conversion but the
 * reading of the tables.
 *
 * @typedef {{ shape: number[], data: Float32Array }} Dense
 */

/**
 * @param {Uint8Array} bytes of the .tflite file
 * @param {Float32Array} image height x width x 3, values from -1 to 1
 * @returns {{ boxes: Float32Array, scores: Float32Array }}
 */
export function runTflite(bytes, image) {
  const { tensors, operators, inputs, outputs } = parseTflite(bytes);
  /** @type {Map<number, Dense>} */
  const values = new Map();
  tensors.forEach(({ type, shape, data }, id) => {
    if (data.length === 0 || type === 'int32') return;
    const raw = constantData({ name: '', type, shape, data });
    values.set(id, { shape, data: raw instanceof Uint16Array ? Float32Array.from(raw, halfToFloat) : Float32Array.from(raw) });
  });
  values.set(inputs[0], { shape: tensors[inputs[0]].shape, data: image });
  for (const { kind, inputs: ids, outputs: [output], options } of operators) {
    const [first, second, third] = ids.map((id) => values.get(id));
    const shape = tensors[output].shape;
    const run = {
      dequantize: () => first.data,
      conv: () => convolve(first, second, third.data, shape, options.int32(1), options.int8(0) === 0, false),
      depthwise: () => convolve(first, second, third.data, shape, options.int32(1), options.int8(0) === 0, true),
      add: () => first.data.map((value, i) => value + second.data[i]),
      relu: () => first.data.map((value) => Math.max(value, 0)),
      maxPool: () => maxPool(first, shape),
      pad: () => padChannels(first, shape),
      resize: () => resize(first, shape),
      reshape: () => first.data,
      concat: () => Float32Array.from(ids.flatMap((id) => [...values.get(id).data])),
    }[kind];
    values.set(output, { shape, data: run() });
  }
  const result = (/** @type {number} */ columns) => values.get(outputs.find((id) => tensors[id].shape[2] === columns)).data;
  return { boxes: result(16), scores: result(1) };
}

/**
 * @param {Dense} input
 * @param {Dense} kernel output x height x width x input, or 1 x height x width x channels when depthwise
 * @param {Float32Array} bias
 * @param {number[]} shape of the result
 * @param {number} stride
 * @param {boolean} same
 * @param {boolean} depthwise
 */
function convolve(input, kernel, bias, shape, stride, same, depthwise) {
  const [, height, width, channels] = input.shape;
  const [, rows, columns, outputChannels] = shape;
  const [, kernelHeight, kernelWidth] = kernel.shape;
  const top = same ? Math.floor(Math.max((rows - 1) * stride + kernelHeight - height, 0) / 2) : 0;
  const left = same ? Math.floor(Math.max((columns - 1) * stride + kernelWidth - width, 0) / 2) : 0;
  const result = new Float32Array(rows * columns * outputChannels);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let output = 0; output < outputChannels; output++) {
        let sum = bias[output];
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = row * stride + ky - top;
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const x = column * stride + kx - left;
            if (x < 0 || x >= width) continue;
            const pixel = (y * width + x) * channels;
            if (depthwise) {
              sum += input.data[pixel + output] * kernel.data[(ky * kernelWidth + kx) * channels + output];
              continue;
            }
            const weights = ((output * kernelHeight + ky) * kernelWidth + kx) * channels;
            for (let channel = 0; channel < channels; channel++) sum += input.data[pixel + channel] * kernel.data[weights + channel];
          }
        }
        result[(row * columns + column) * outputChannels + output] = sum;
      }
    }
  }
  return result;
}

/**
 * @param {Dense} input
 * @param {number[]} shape
 */
function maxPool(input, [, rows, columns, channels]) {
  const width = input.shape[2];
  return Float32Array.from({ length: rows * columns * channels }, (_, i) => {
    const channel = i % channels;
    const column = Math.floor(i / channels) % columns;
    const row = Math.floor(i / channels / columns);
    const at = (/** @type {number} */ dy, /** @type {number} */ dx) => input.data[((row * 2 + dy) * width + column * 2 + dx) * channels + channel];
    return Math.max(at(0, 0), at(0, 1), at(1, 0), at(1, 1));
  });
}

/**
 * @param {Dense} input
 * @param {number[]} shape
 */
function padChannels(input, [, rows, columns, channels]) {
  const before = input.shape[3];
  return Float32Array.from({ length: rows * columns * channels }, (_, i) => {
    const channel = i % channels;
    return channel < before ? input.data[Math.floor(i / channels) * before + channel] : 0;
  });
}

/**
 * Bilinear with half-pixel centres, the edge repeated.
 * @param {Dense} input
 * @param {number[]} shape
 */
function resize(input, [, rows, columns, channels]) {
  const [, height, width] = input.shape;
  const clamp = (/** @type {number} */ value, /** @type {number} */ size) => Math.min(Math.max(value, 0), size - 1);
  return Float32Array.from({ length: rows * columns * channels }, (_, i) => {
    const channel = i % channels;
    const x = ((Math.floor(i / channels) % columns) + 0.5) * (width / columns) - 0.5;
    const y = (Math.floor(i / channels / columns) + 0.5) * (height / rows) - 0.5;
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const at = (/** @type {number} */ row, /** @type {number} */ column) => input.data[(clamp(row, height) * width + clamp(column, width)) * channels + channel];
    const above = at(y0, x0) * (1 - (x - x0)) + at(y0, x0 + 1) * (x - x0);
    const below = at(y0 + 1, x0) * (1 - (x - x0)) + at(y0 + 1, x0 + 1) * (x - x0);
    return above * (1 - (y - y0)) + below * (y - y0);
  });
}
