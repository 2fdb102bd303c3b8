/**
 * Reads the weights that a TensorFlow.js weights manifest lists: floats, or bytes that stand for `byte * scale + min`.
 *
 * @typedef {object} ListedWeight
 * @property {number[]} shape
 * @property {Uint8Array | Float32Array} data as stored
 * @property {{ scale: number, min: number } | null} quantization null for floats
 *
 * @typedef {{ name: string, shape: number[], dtype: string, quantization?: { dtype: string, scale: number, min: number } }} ManifestWeight
 */

/**
 * @param {Uint8Array} manifest the JSON file
 * @param {Uint8Array} bin the weights, one after the other
 * @returns {Map<string, ListedWeight>} by name
 * @throws {Error} on a type that is not handled, or when list and file do not fit
 */
export function readQuantisedWeights(manifest, bin) {
  /** @type {{ weights: ManifestWeight[] }[]} */
  const groups = JSON.parse(Buffer.from(manifest).toString('utf8'));
  /** @type {Map<string, ListedWeight>} */
  const weights = new Map();
  let offset = 0;
  for (const { name, shape, dtype, quantization } of groups.flatMap((group) => group.weights)) {
    if (dtype !== 'float32' || (quantization !== undefined && quantization.dtype !== 'uint8')) {
      throw new Error(`weight ${name} is ${dtype} kept as ${quantization?.dtype ?? dtype}, which is not handled`);
    }
    const count = shape.reduce((a, b) => a * b, 1);
    const byteLength = quantization === undefined ? 4 * count : count;
    if (offset + byteLength > bin.length) throw new Error(`the weights list names more than the ${bin.length} bytes of the file`);
    const bytes = bin.slice(offset, offset + byteLength);
    weights.set(name, { shape, data: quantization === undefined ? new Float32Array(bytes.buffer) : bytes, quantization: quantization ?? null });
    offset += byteLength;
  }
  if (offset !== bin.length) throw new Error(`the weights list names ${offset} bytes, the file has ${bin.length}`);
  return weights;
}

/**
 * @param {ListedWeight} weight
 * @returns {Float32Array}
 */
export function widen({ data, quantization }) {
  if (quantization === null) return Float32Array.from(data);
  return Float32Array.from(data, (byte) => byte * quantization.scale + quantization.min);
}
