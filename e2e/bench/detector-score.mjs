// How much of the annotated faces, and of the rest, detections cover. For detectors.mjs.

/** Longer side of a face, pixels of the picture: from, to. */
export const BANDS = [
  [8, 16],
  [16, 32],
  [32, 64],
  [64, 128],
  [128, Infinity],
];
/** A face is covered when this share of its box lies in one detection grown by COVER_MARGIN. */
const COVERED_SHARE = 0.85;
const COVER_MARGIN = 1.4;
/** Beyond faces grown by this, what is covered is covered for nothing. */
const FACE_SURROUNDINGS = 1.6;
const GRID = 64;

export function createScore() {
  const hits = BANDS.map(() => 0);
  const totals = BANDS.map(() => 0);
  let looked = 0;
  let pictures = 0;
  let over = 0;
  let rest = 0;
  return {
    add({ width, height, faces }, boxes, looks) {
      pictures += 1;
      looked += looks;
      const covers = boxes.map((box) => grow(box, COVER_MARGIN));
      for (const { x, y, w, h, invalid, difficulty } of faces) {
        const band = BANDS.findIndex(([from, to]) => Math.max(w, h) >= from && Math.max(w, h) < to);
        if (invalid === 1 || difficulty === 'none' || band < 0) continue;
        totals[band] += 1;
        if (covers.some((cover) => overlap(cover, { x, y, width: w, height: h }) >= COVERED_SHARE * w * h)) hits[band] += 1;
      }
      const surroundings = faces.map(({ x, y, w, h }) => grow({ x, y, width: w, height: h }, FACE_SURROUNDINGS));
      for (let i = 0; i < GRID * GRID; i++) {
        const point = { x: (((i % GRID) + 0.5) * width) / GRID, y: ((Math.floor(i / GRID) + 0.5) * height) / GRID };
        if (surroundings.some((box) => holds(box, point))) continue;
        rest += 1;
        if (covers.some((box) => holds(box, point))) over += 1;
      }
    },
    line() {
      const parts = hits.map((hit, band) => (totals[band] === 0 ? '  -  ' : ((100 * hit) / totals[band]).toFixed(1).padStart(5)));
      return `${parts.join(' ')}   over ${((100 * over) / rest).toFixed(1)}   ${(looked / pictures).toFixed(1)} looks a picture, faces ${totals.join('/')}`;
    },
  };
}

function grow({ x, y, width, height }, factor) {
  return { x: x - (width * (factor - 1)) / 2, y: y - (height * (factor - 1)) / 2, width: width * factor, height: height * factor };
}

function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

function holds(box, { x, y }) {
  return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
}
