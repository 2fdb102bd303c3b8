import { readQuantisedWeights, widen } from './read-quantised.mjs';

/**
 * The graph of dlib's face recognition network, whose weights `@vladmandic/face-api` ships without one. The layers are those of that package's
 * `faceRecognitionNet`: a 7x7 convolution, then residual blocks of 32, 64, 128 and 256 channels, a mean and a matrix. Each convolution is followed by a
 * scale and an offset per channel, which are taken into its weights and bias here.
 *
 * Weights stay the bytes they were: the file widens them itself, by operators on constants, which ONNX Runtime computes once, when it loads it.
 */

/** Of the picture, pixels. */
export const SIDE = 150;
const MEAN_RGB = [122.782, 117.001, 104.298];
/** What the package divides by; dlib itself says 256. */
const FULL_SCALE = 255;

/** In order. `down`: the block halves both sides. @type {{ name: string, channels: number, down: boolean }[]} */
const BLOCKS = [
  ...named(32, ['1', '2', '3']),
  ...named(64, ['down', '1', '2', '3']),
  ...named(128, ['down', '1', '2']),
  ...named(256, ['down', '1', '2', 'down_out']),
];

/**
 * @param {number} channels
 * @param {string[]} suffixes
 */
function named(channels, suffixes) {
  return suffixes.map((suffix) => ({ name: `conv${channels}_${suffix}`, channels, down: suffix.startsWith('down') }));
}

/**
 * @param {Uint8Array} manifest list of the weights
 * @param {Uint8Array} bin the weights
 * @param {{ name: string, metadata: Record<string, string> }} options
 * @returns {import('./write-onnx.mjs').OnnxModel}
 * @throws {Error} when a weight is missing, left over or of another shape
 */
export function faceResnetToOnnx(manifest, bin, { name, metadata }) {
  const builder = new Builder(readQuantisedWeights(manifest, bin));
  builder.constant('mean', 'float32', [1, 3, 1, 1], Float32Array.from(MEAN_RGB));
  builder.constant('full-scale', 'float32', [1], Float32Array.of(FULL_SCALE));
  builder.node('Sub', ['image', 'mean'], 'image/centred');
  builder.node('Div', ['image/centred', 'full-scale'], 'image/normalised');

  let tensor = builder.relu(builder.conv('image/normalised', 'conv32_down', { stride: 2, pad: 0 }));
  tensor = builder.node('MaxPool', [tensor], 'pool', { kernel_shape: [3, 3], strides: [2, 2] });
  // Without padding: 150 -> 72 by the first convolution, 35 by the pool.
  let side = 35;
  let channels = 32;
  for (const block of BLOCKS) {
    ({ tensor, side } = builder.block(tensor, block, side, channels));
    channels = block.channels;
  }
  const mean = builder.node('GlobalAveragePool', [tensor], 'mean-of-places');
  const flat = builder.node('Flatten', [mean], 'mean-of-places/flat', { axis: 1 });
  builder.node('MatMul', [flat, builder.matrix('fc')], 'vector');
  builder.expectAllUsed();
  return {
    name,
    nodes: builder.nodes,
    initializers: builder.initializers,
    inputs: [{ name: 'image', shape: ['batch', 3, SIDE, SIDE] }],
    outputs: [{ name: 'vector', shape: ['batch', 128] }],
    metadata,
  };
}

class Builder {
  /** @type {import('./write-onnx.mjs').OnnxNode[]} */
  nodes = [];
  /** @type {import('./write-onnx.mjs').OnnxTensor[]} */
  initializers = [];

  /** @param {Map<string, import('./read-quantised.mjs').ListedWeight>} weights */
  constructor(weights) {
    this.unused = new Map(weights);
  }

  /**
   * @param {string} op
   * @param {string[]} inputs
   * @param {string} output
   * @param {Record<string, number | number[] | string>} [attributes]
   */
  node(op, inputs, output, attributes = {}) {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /**
   * @param {string} name
   * @param {'float32' | 'uint8' | 'int64'} dtype
   * @param {number[]} shape
   * @param {Float32Array | Uint8Array | BigInt64Array} data
   */
  constant(name, dtype, shape, data) {
    this.initializers.push({ name, dtype, shape, data });
    return name;
  }

  /** @param {string} input */
  relu(input) {
    return this.node('Relu', [input], `${input}/relu`);
  }

  /**
   * @param {string} input
   * @param {{ name: string, channels: number, down: boolean }} block
   * @param {number} side of the input
   * @param {number} channelsIn
   */
  block(input, { name, channels, down }, side, channelsIn) {
    const first = this.relu(this.conv(input, `${name}/conv1`, down ? { stride: 2, pad: 0 } : { stride: 1, pad: 1 }));
    let residual = this.conv(first, `${name}/conv2`, { stride: 1, pad: 1 });
    if (!down) return { tensor: this.relu(this.node('Add', [residual, input], name)), side };

    let shortcut = this.node('AveragePool', [input], `${name}/pool`, { kernel_shape: [2, 2], strides: [2, 2] });
    const pooledSide = Math.floor(side / 2);
    const residualSide = Math.floor((side - 3) / 2) + 1;
    // Zeros below and to the right where the convolution gave one row less than the pool; zeros for the new channels.
    if (residualSide < pooledSide) residual = this.pad(residual, [0, 0, 0, 0, 0, 0, pooledSide - residualSide, pooledSide - residualSide]);
    if (channels > channelsIn) shortcut = this.pad(shortcut, [0, 0, 0, 0, 0, channels - channelsIn, 0, 0]);
    return { tensor: this.relu(this.node('Add', [residual, shortcut], name)), side: pooledSide };
  }

  /**
   * @param {string} input
   * @param {number[]} amounts before each axis, then after each
   */
  pad(input, amounts) {
    const pads = this.constant(`${input}/pads`, 'int64', [amounts.length], BigInt64Array.from(amounts, BigInt));
    return this.node('Pad', [input, pads], `${input}/padded`);
  }

  /**
   * @param {string} input
   * @param {string} layer
   * @param {{ stride: number, pad: number }} place
   */
  conv(input, layer, { stride, pad }) {
    const filters = this.take(`${layer}/conv/filters`);
    const gain = widen(this.take(`${layer}/scale/weights`));
    const offset = widen(this.take(`${layer}/scale/biases`));
    const bias = widen(this.take(`${layer}/conv/bias`)).map((value, channel) => value * (gain[channel] ?? NaN) + (offset[channel] ?? NaN));
    // Height, width, input, output becomes output, input, height, width.
    const ordered = transpose(filters, [3, 2, 0, 1]);
    const [, , height = 0, width = 0] = ordered.shape;
    const weights = this.widened(`${layer}/weights`, ordered, gain);
    const pads = [pad, pad, pad, pad];
    return this.node('Conv', [input, weights, this.constant(`${layer}/bias`, 'float32', [bias.length], bias)], layer, {
      kernel_shape: [height, width],
      strides: [stride, stride],
      pads,
    });
  }

  /** @param {string} name */
  matrix(name) {
    return this.widened(`${name}/weights`, this.take(name), null);
  }

  /**
   * Weights as floats: `stored * scale + min`, times the gain of the output channel, which is the first axis.
   * @param {string} name
   * @param {import('./read-quantised.mjs').ListedWeight} weight
   * @param {Float32Array | null} gain
   */
  widened(name, { shape, data, quantization }, gain) {
    const perChannel = (/** @type {number} */ factor) =>
      gain === null ? Float32Array.of(factor) : Float32Array.from(gain, (value) => value * factor);
    const factorShape = gain === null ? [1] : [gain.length, ...shape.slice(1).map(() => 1)];
    if (data instanceof Float32Array) {
      const stored = this.constant(`${name}/stored`, 'float32', shape, data);
      return this.node('Mul', [stored, this.constant(`${name}/scale`, 'float32', factorShape, perChannel(1))], name);
    }
    if (quantization === null) throw new Error(`${name}: bytes without a scale`);
    const stored = this.constant(`${name}/stored`, 'uint8', shape, data);
    const wide = this.node('Cast', [stored], `${name}/wide`, { to: 1 });
    const scaled = this.node('Mul', [wide, this.constant(`${name}/scale`, 'float32', factorShape, perChannel(quantization.scale))], `${name}/scaled`);
    return this.node('Add', [scaled, this.constant(`${name}/min`, 'float32', factorShape, perChannel(quantization.min))], name);
  }

  /** @param {string} name */
  take(name) {
    const weight = this.unused.get(name);
    if (weight === undefined) throw new Error(`weight ${name} is missing`);
    this.unused.delete(name);
    return weight;
  }

  expectAllUsed() {
    if (this.unused.size > 0) throw new Error(`weights without a place in the network: ${[...this.unused.keys()].join(', ')}`);
  }
}

/**
 * @param {import('./read-quantised.mjs').ListedWeight} weight
 * @param {number[]} order `order[i]` is the source axis that becomes axis i
 * @returns {import('./read-quantised.mjs').ListedWeight}
 */
function transpose({ shape, data, quantization }, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const newShape = order.map((axis) => shape[axis] ?? 0);
  const result = data instanceof Float32Array ? new Float32Array(data.length) : new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    let offset = 0;
    for (let axis = newShape.length - 1; axis >= 0; axis--) {
      const length = newShape[axis] ?? 1;
      offset += (rest % length) * (strides[order[axis] ?? 0] ?? 0);
      rest = Math.floor(rest / length);
    }
    result[i] = data[offset] ?? 0;
  }
  return { shape: newShape, data: result, quantization };
}
