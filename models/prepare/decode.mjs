/**
 * Decodes BlazeFace output by the anchor layout in the manifest, for measuring and tests. (The library has its own decoder, which also merges.)
 *
 * @typedef {{ score: number, x: number, y: number, width: number, height: number }} Box in parts of the model's square input
 */

/**
 * @param {{ size: number, layers: { stride: number, anchorsPerCell: number }[] }} anchors
 * @param {ArrayLike<number>} boxes anchors x 16
 * @param {ArrayLike<number>} logits
 * @param {number} threshold
 * @returns {Box[]} best first, overlapping ones removed
 */
export function decodeDetections({ size, layers }, boxes, logits, threshold) {
  /** @type {Box[]} */
  const found = [];
  let index = 0;
  for (const { stride, anchorsPerCell } of layers) {
    const cells = size / stride;
    for (let cell = 0; cell < cells * cells; cell++) {
      const centreX = ((cell % cells) + 0.5) * stride;
      const centreY = (Math.floor(cell / cells) + 0.5) * stride;
      for (let anchor = 0; anchor < anchorsPerCell; anchor++, index++) {
        const score = 1 / (1 + Math.exp(-(logits[index] ?? NaN)));
        if (!(score >= threshold)) continue;
        const [x = 0, y = 0, width = 0, height = 0] = [0, 1, 2, 3].map((i) => boxes[index * 16 + i] ?? 0);
        found.push({
          score,
          x: (centreX + x - width / 2) / size,
          y: (centreY + y - height / 2) / size,
          width: width / size,
          height: height / size,
        });
      }
    }
  }
  found.sort((a, b) => b.score - a.score);
  /** @type {Box[]} */
  const kept = [];
  for (const box of found) if (kept.every((other) => intersectionOverUnion(box, other) < 0.3)) kept.push(box);
  return kept;
}

/**
 * @param {Omit<Box, 'score'>} a
 * @param {Omit<Box, 'score'>} b
 */
export function intersectionOverUnion(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}
