/**
 * Lowers the layer graph to ONNX operators, in channels-first order from end to end: the only transposes are at the four heads, where the maps are
 * small. Convolution, addition and Relu stay separate operators, because ONNX Runtime fuses them itself when it loads the model.
 */

/**
 * @param {import('./graph.mjs').Graph} graph
 * @param {{ name: string, metadata: Record<string, string> }} options
 * @returns {import('./write-onnx.mjs').OnnxModel}
 */
export function graphToOnnx(graph, { name, metadata }) {
  /** @type {import('./write-onnx.mjs').OnnxNode[]} */
  const nodes = [];
  /** @type {import('./write-onnx.mjs').OnnxTensor[]} */
  const initializers = [];
  const rename = new Map([
    [graph.input, 'image'],
    [graph.outputs.boxes, 'boxes'],
    [graph.outputs.scores, 'scores'],
  ]);
  const tensorName = (/** @type {string} */ source) => rename.get(source) ?? source;

  /**
   * @param {string} constantName
   * @param {import('./graph.mjs').Weights} weights
   */
  const addWeights = (constantName, { dtype, shape, data }) => {
    if (dtype === 'float32') {
      initializers.push({ name: constantName, dtype, shape, data });
      return constantName;
    }
    const stored = `${constantName}/half`;
    initializers.push({ name: stored, dtype, shape, data });
    nodes.push({ op: 'Cast', inputs: [stored], outputs: [constantName], attributes: { to: 1 } });
    return constantName;
  };
  /**
   * @param {string} constantName
   * @param {number[]} values
   */
  const addIntegers = (constantName, values) => {
    initializers.push({ name: constantName, dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return constantName;
  };

  for (const layer of graph.layers) {
    const output = tensorName(layer.output);
    const outputs = [output];
    switch (layer.kind) {
      case 'conv': {
        const inputs = [tensorName(layer.input), addWeights(`${output}/weights`, layer.weights)];
        if (layer.bias !== null) inputs.push(addWeights(`${output}/bias`, layer.bias));
        const [, , kernelHeight = 1, kernelWidth = 1] = layer.weights.shape;
        nodes.push({
          op: 'Conv',
          inputs,
          outputs,
          attributes: {
            kernel_shape: [kernelHeight, kernelWidth],
            strides: [layer.stride, layer.stride],
            pads: layer.pads,
            group: layer.group,
          },
        });
        break;
      }
      case 'add':
        nodes.push({ op: 'Add', inputs: layer.inputs.map(tensorName), outputs });
        break;
      case 'relu':
        nodes.push({ op: 'Relu', inputs: [tensorName(layer.input)], outputs });
        break;
      case 'maxPool':
        nodes.push({ op: 'MaxPool', inputs: [tensorName(layer.input)], outputs, attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
        break;
      case 'padChannels':
        nodes.push({ op: 'Pad', inputs: [tensorName(layer.input), addIntegers(`${output}/pads`, [0, 0, 0, 0, 0, layer.count, 0, 0])], outputs });
        break;
      case 'upsample': {
        const scales = `${output}/scales`;
        initializers.push({ name: scales, dtype: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 2) });
        nodes.push({
          op: 'Resize',
          inputs: [tensorName(layer.input), '', scales],
          outputs,
          attributes: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
        });
        break;
      }
      case 'rows': {
        const lastChannels = `${output}/channels-last`;
        nodes.push({ op: 'Transpose', inputs: [tensorName(layer.input)], outputs: [lastChannels], attributes: { perm: [0, 2, 3, 1] } });
        nodes.push({ op: 'Reshape', inputs: [lastChannels, addIntegers(`${output}/shape`, [1, -1, layer.columns])], outputs });
        break;
      }
      case 'concatRows':
        nodes.push({ op: 'Concat', inputs: layer.inputs.map(tensorName), outputs, attributes: { axis: 1 } });
        break;
    }
  }
  return {
    name,
    nodes,
    initializers,
    // Open sides: the networks are convolutional throughout, so a wide picture needs no letterbox. Both have to be multiples of the largest stride.
    inputs: [{ name: 'image', shape: [1, 3, 'height', 'width'] }],
    outputs: [
      { name: 'boxes', shape: [1, 'anchors', 16] },
      { name: 'scores', shape: [1, 'anchors', 1] },
    ],
    metadata,
  };
}
