// How much of boxes and of the rest of a picture regions cover. Boxes are { x, y, width, height } in pixels of the picture.

/** Cells along the longer side of a picture when the area away from faces is counted. */
const CELLS = 256;
/** Beyond faces grown by this, what is covered is covered for nothing. */
export const FACE_SURROUNDINGS = 1.6;
/** The most that a region about a face is larger than these surroundings. */
const MOST_TIMES = 4;

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/** @param {Box} box @param {number} factor @returns {Box} */
export function grow({ x, y, width, height }, factor) {
  return { x: x - (width * (factor - 1)) / 2, y: y - (height * (factor - 1)) / 2, width: width * factor, height: height * factor };
}

/** @param {Box} a @param {Box} b @returns {number} area of both. */
export function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** The part of a box inside the picture; null when nothing is. @param {Box} box @param {{ width: number, height: number }} size @returns {Box | null} */
export function clip(box, size) {
  const x = Math.max(0, box.x);
  const y = Math.max(0, box.y);
  const width = Math.min(size.width, box.x + box.width) - x;
  const height = Math.min(size.height, box.y + box.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** Largest share of a box that lies in a single region. @param {Box} box @param {readonly Box[]} regions */
export function shareInOne(box, regions) {
  return regions.reduce((most, region) => Math.max(most, overlap(box, region)), 0) / (box.width * box.height);
}

/** Share of a box that lies in all regions together, exact. @param {Box} box @param {readonly Box[]} regions */
export function shareInUnion(box, regions) {
  const near = regions.filter((region) => overlap(box, region) > 0);
  const within = (/** @type {number[]} */ edges, /** @type {number} */ from, /** @type {number} */ to) =>
    [...new Set([from, ...edges.filter((edge) => edge > from && edge < to), to])].sort((a, b) => a - b);
  const xs = within(near.flatMap(({ x, width }) => [x, x + width]), box.x, box.x + box.width);
  const ys = within(near.flatMap(({ y, height }) => [y, y + height]), box.y, box.y + box.height);
  let covered = 0;
  for (let i = 0; i + 1 < xs.length; i++) {
    for (let j = 0; j + 1 < ys.length; j++) {
      const cell = { x: xs[i], y: ys[j], width: xs[i + 1] - xs[i], height: ys[j + 1] - ys[j] };
      const middle = { x: cell.x + cell.width / 2, y: cell.y + cell.height / 2 };
      if (near.some((region) => holds(region, middle))) covered += cell.width * cell.height;
    }
  }
  return covered / (box.width * box.height);
}

/**
 * The area away from faces, and how much of it is covered, in cells of a grid of {@link CELLS} along the longer side.
 * @param {{ width: number, height: number }} size of the picture.
 * @param {readonly Box[]} faces all that are known, also those that are not asked for.
 * @param {readonly Box[]} regions
 * @returns `for`: what the covered cells are covered for; where several regions lie, the first of the three.
 */
export function awayFromFaces(size, faces, regions) {
  const pitch = Math.max(size.width, size.height) / CELLS;
  const columns = Math.max(1, Math.round(size.width / pitch));
  const rows = Math.max(1, Math.round(size.height / pitch));
  const grid = new Uint8Array(columns * rows);
  const paint = (/** @type {Box} */ box, /** @type {number} */ bit) => {
    // A cell belongs to a box that holds its middle.
    const first = (/** @type {number} */ at, /** @type {number} */ cells, /** @type {number} */ length) => Math.min(cells, Math.max(0, Math.ceil((at * cells) / length - 0.5)));
    const [left, right] = [first(box.x, columns, size.width), first(box.x + box.width, columns, size.width)];
    const [top, bottom] = [first(box.y, rows, size.height), first(box.y + box.height, rows, size.height)];
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) grid[y * columns + x] |= bit;
  };
  for (const face of faces) paint(grow(face, FACE_SURROUNDINGS), 1);
  for (const region of regions) paint(region, isBorder(region) ? 8 : faces.some((face) => isAbout(region, face)) ? 2 : 4);
  let away = 0;
  const cells = { faces: 0, nothing: 0, border: 0 };
  for (const cell of grid) {
    if ((cell & 1) !== 0) continue;
    away += 1;
    if ((cell & 2) !== 0) cells.faces += 1;
    else if ((cell & 4) !== 0) cells.nothing += 1;
    else if ((cell & 8) !== 0) cells.border += 1;
  }
  return { away, covered: cells.faces + cells.nothing + cells.border, for: cells, cells: columns * rows };
}

/** A strip that the camera's motion brought in, which belongs to no track. @param {Box & { trackId?: number | null }} region */
const isBorder = ({ trackId }) => trackId === null;

/** Whether a region covers a known face, or what is near one. One so many times larger than the face is about something else. @param {Box} region @param {Box} face */
function isAbout(region, face) {
  const around = grow(face, FACE_SURROUNDINGS);
  if (region.width * region.height > MOST_TIMES * around.width * around.height) return false;
  const middleOf = (/** @type {Box} */ { x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 });
  return holds(region, middleOf(face)) || holds(around, middleOf(region));
}

/** @param {Box} box @param {{ x: number, y: number }} point */
export function holds(box, { x, y }) {
  return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
}
