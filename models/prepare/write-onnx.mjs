/**
 * Writes the few ONNX protobuf messages that a model needs.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 8, operator set 17).
 */

const IR_VERSION = 8;
const OPERATOR_SET = 17;
const ELEMENT_TYPE = { float32: 1, uint8: 2, int64: 7, float16: 10 };

/**
 * @typedef {{ name: string, dtype: 'float32' | 'float16' | 'uint8' | 'int64', shape: number[], data: Float32Array | Uint16Array | Uint8Array | BigInt64Array }} OnnxTensor
 * @typedef {{ op: string, inputs: string[], outputs: string[], attributes?: Record<string, number | number[] | string> }} OnnxNode
 * @typedef {{ name: string, shape: (number | string)[] }} OnnxValue a float32 tensor; a string names a dimension that the file leaves open
 * @typedef {object} OnnxModel
 * @property {string} name
 * @property {OnnxNode[]} nodes
 * @property {OnnxTensor[]} initializers
 * @property {OnnxValue[]} inputs
 * @property {OnnxValue[]} outputs
 * @property {Record<string, string>} metadata
 */

/**
 * @param {OnnxModel} model
 * @returns {Uint8Array}
 */
export function writeOnnx(model) {
  const graph = message(
    ...model.nodes.map((node) => bytesField(1, writeNode(node))),
    stringField(2, model.name),
    ...model.initializers.map((tensor) => bytesField(5, writeTensor(tensor))),
    ...model.inputs.map((value) => bytesField(11, writeValue(value))),
    ...model.outputs.map((value) => bytesField(12, writeValue(value))),
  );
  return message(
    intField(1, IR_VERSION),
    stringField(2, 'bauta'),
    bytesField(7, graph),
    bytesField(8, message(stringField(1, ''), intField(2, OPERATOR_SET))),
    ...Object.entries(model.metadata).map(([key, value]) => bytesField(14, message(stringField(1, key), stringField(2, value)))),
  );
}

/** @param {OnnxNode} node */
function writeNode({ op, inputs, outputs, attributes = {} }) {
  return message(
    ...inputs.map((name) => stringField(1, name)),
    ...outputs.map((name) => stringField(2, name)),
    stringField(3, outputs[0] ?? ''),
    stringField(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, writeAttribute(name, value))),
  );
}

/**
 * @param {string} name
 * @param {number | number[] | string} value numbers are integers
 */
function writeAttribute(name, value) {
  if (typeof value === 'string') return message(stringField(1, name), stringField(4, value), intField(20, 3));
  if (typeof value === 'number') return message(stringField(1, name), intField(3, value), intField(20, 2));
  return message(stringField(1, name), ...value.map((item) => intField(8, item)), intField(20, 7));
}

/** @param {OnnxTensor} tensor */
function writeTensor({ name, dtype, shape, data }) {
  return message(
    ...shape.map((dim) => intField(1, dim)),
    intField(2, ELEMENT_TYPE[dtype]),
    stringField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
}

/** @param {OnnxValue} value */
function writeValue({ name, shape }) {
  const dims = message(...shape.map((dim) => bytesField(1, message(typeof dim === 'string' ? stringField(2, dim) : intField(1, dim)))));
  const tensorType = message(intField(1, ELEMENT_TYPE.float32), bytesField(2, dims));
  return message(stringField(1, name), bytesField(2, message(bytesField(1, tensorType))));
}

/** @param {Uint8Array[]} fields */
function message(...fields) {
  return new Uint8Array(Buffer.concat(fields));
}

/** @param {number} value a non-negative integer */
function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/**
 * @param {number} field
 * @param {number} value
 */
function intField(field, value) {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`field ${field}: ${value} is not a non-negative integer`);
  return message(varint(field * 8), varint(value));
}

/**
 * @param {number} field
 * @param {Uint8Array} bytes
 */
function bytesField(field, bytes) {
  return message(varint(field * 8 + 2), varint(bytes.length), bytes);
}

/**
 * @param {number} field
 * @param {string} value
 */
function stringField(field, value) {
  return bytesField(field, new TextEncoder().encode(value));
}
