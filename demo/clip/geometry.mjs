/**
 * Rectangles and camera moves of the test clips. Pure; rectangles are `{x, y, width, height}` in pixels, origin top left,
 * and may be fractional.
 *
 * @typedef {{ readonly x: number, readonly y: number, readonly width: number, readonly height: number }} Rect
 * @typedef {(frame: number) => Rect} Move  A camera move: the rectangle seen at a frame, counted from the start of the shot.
 */

/** @type {(x: number, y: number, width: number, height: number) => Rect} */
export const rect = (x, y, width, height) => ({ x, y, width, height });

/**
 * The common part of two rectangles; `null` when they share no area.
 * @param {Rect} a
 * @param {Rect} b
 * @returns {Rect | null}
 */
export function intersect(a, b) {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/**
 * Carries `box` along when the rectangle `from` is laid onto the rectangle `to`.
 * @param {Rect} box
 * @param {Rect} from
 * @param {Rect} to
 * @returns {Rect}
 */
export function mapRect(box, from, to) {
  const sx = to.width / from.width;
  const sy = to.height / from.height;
  return { x: to.x + (box.x - from.x) * sx, y: to.y + (box.y - from.y) * sy, width: box.width * sx, height: box.height * sy };
}

/**
 * Grows a rectangle about its centre.
 * @param {Rect} box
 * @param {number} factor  2 doubles both sides.
 * @returns {Rect}
 */
export function grow(box, factor) {
  const width = box.width * factor;
  const height = box.height * factor;
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/**
 * A camera that stands still.
 * @param {Rect} view
 * @returns {Move}
 */
export const still = (view) => () => view;

/**
 * A camera that glides from key to key (smoothstep, so that it starts and stops softly). Two keys on neighbouring frames are a
 * jump. Before the first key and after the last one it stands still.
 * @param {readonly (readonly [frame: number, view: Rect])[]} keys  Ascending frames, at least one key.
 * @returns {Move}
 */
export function glide(keys) {
  return (frame) => {
    const next = keys.findIndex(([at]) => at > frame);
    const before = keys.at(next === -1 ? -1 : Math.max(next - 1, 0));
    if (before === undefined) throw new RangeError('glide: at least one key is needed');
    const after = next === -1 ? before : (keys[next] ?? before);
    const [start, a] = before;
    const [end, b] = after;
    const t = end > start ? Math.max(0, frame - start) / (end - start) : 0;
    const s = t * t * (3 - 2 * t);
    /** @type {(p: number, q: number) => number} */
    const mix = (p, q) => p + (q - p) * s;
    return { x: mix(a.x, b.x), y: mix(a.y, b.y), width: mix(a.width, b.width), height: mix(a.height, b.height) };
  };
}

/**
 * A camera that sways gently about `view` and returns to where it began after `periodFrames`, so that the clip can loop.
 * @param {Rect} view
 * @param {{ periodFrames: number, dxPx: number, dyPx: number, zoom: number }} sway  `zoom` 0.02: the window shrinks and grows by 2 %.
 * @returns {Move}
 */
export function sway(view, { periodFrames, dxPx, dyPx, zoom }) {
  return (frame) => {
    const angle = (2 * Math.PI * frame) / periodFrames;
    const moved = rect(view.x + dxPx * Math.sin(angle), view.y + dyPx * Math.sin(2 * angle), view.width, view.height);
    return grow(moved, 1 + zoom * Math.sin(angle + Math.PI / 3));
  };
}
