/** Euclidean. @param {Float32Array} a @param {Float32Array} b */
export function distanceOf(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

/** Share of equal bits. @param {Uint32Array} a @param {Uint32Array} b */
export function likenessOf(a, b) {
  let differing = 0;
  for (let i = 0; i < a.length; i++) {
    let word = a[i] ^ b[i];
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    differing += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return 1 - differing / (a.length * 32);
}

/** One row of many in one array. @param {Uint32Array} bits @param {number} words @param {number} row */
export const rowOf = (bits, words, row) => bits.subarray(row * words, (row + 1) * words);
