/**
 * What the test clips show: for every frame which part of which photo lies where in the picture, and from that the exact box of
 * every visible face. Numbers only, no pixels: tests and browsers may import it.
 *
 * @typedef {import('./geometry.mjs').Rect} Rect
 * @typedef {import('./geometry.mjs').Move} Move
 * @typedef {{ readonly photo: string, readonly source: Rect, readonly destination: Rect }} Layer
 *   The part `source` of a photo (photo pixels) fills `destination` (clip pixels, inside the picture). Layers never overlap.
 * @typedef {{ readonly id: string, readonly x: number, readonly y: number, readonly width: number, readonly height: number,
 *   readonly visible: number }} ClipFace
 *   The visible part of a face box in clip pixels; `visible` is its share of the whole box, 0 to 1. `id` stays with the person.
 * @typedef {{ readonly photo: string, readonly at: Rect, readonly view: Move }} Tile
 *   A photo hung on the shot's canvas at `at` (canvas pixels), showing `view` of itself (photo pixels).
 * @typedef {{ readonly from: number, readonly tiles: readonly Tile[], readonly camera: Move }} Shot
 *   Begins at frame `from`; the camera looks at a window of the canvas.
 * @typedef {{ readonly name: string, readonly width: number, readonly height: number, readonly fps: number,
 *   readonly frames: number, readonly shots: readonly Shot[] }} Clip
 * @typedef {{ readonly file: string, readonly sha256: string, readonly width: number, readonly height: number,
 *   readonly faces: readonly (Rect & { readonly id: string })[] }} Photo
 */
import annotated from './faces.json' with { type: 'json' };
import { glide, intersect, mapRect, rect, still, sway } from './geometry.mjs';

const FPS = 30;
/** A face of which less than one pixel shows, in width or height, counts as not visible. */
const LEAST_VISIBLE_PX = 1;

/** The sample photos with their hand-checked faces (hairline to chin, ear to ear), in photo pixels. @type {readonly Photo[]} */
export const PHOTOS = annotated;

/** @type {(file: string) => Photo} */
function photoNamed(file) {
  const photo = PHOTOS.find((candidate) => candidate.file === file);
  if (photo === undefined) throw new RangeError(`scenes: no photo is called ${file}`);
  return photo;
}

/** @type {(n: number) => string} */
const sample = (n) => `sample${String(n)}.jpg`;

/** A shot of one photo: the canvas is the photo itself. @type {(from: number, n: number, camera: Move) => Shot} */
function photoShot(from, n, camera) {
  const { file, width, height } = photoNamed(sample(n));
  const whole = rect(0, 0, width, height);
  return { from, tiles: [{ photo: file, at: whole, view: still(whole) }], camera };
}

/** A 16:9 window. @type {(x: number, y: number, width: number) => Rect} */
const wide = (x, y, width) => rect(x, y, width, (width * 9) / 16);

/** All six photos, three by two on a 1280x720 canvas. @type {readonly Tile[]} */
const WALL = [
  { n: 3, view: rect(200, 0, 1600, 1350) },
  { n: 1, view: rect(300, 0, 1517, 1280) },
  { n: 5, view: rect(150, 0, 1656, 1397) },
  { n: 4, view: rect(100, 0, 1500, 1265.625) },
  { n: 6, view: rect(130, 60, 1700, 1434.375) },
  { n: 2, view: rect(250, 0, 1620, 1366.875) },
].map(({ n, view }, i) => ({
  photo: sample(n),
  at: rect((1280 / 3) * (i % 3), 360 * Math.floor(i / 3), 1280 / 3, 360),
  view: still(view),
}));

/** The frames in which the picture of the main clip changes at a stroke. */
export const MAIN_CUTS = Object.freeze({
  sceneChanges: Object.freeze([60, 120, 180, 230, 270, 310]),
  jump: 150,
  fastPan: Object.freeze({ first: 194, last: 202 }),
});

/** @type {Clip} */
const MAIN = {
  name: 'main', width: 1280, height: 720, fps: FPS, frames: 360,
  shots: [
    // Zoom in: the two on the left leave at the left edge.
    photoShot(0, 6, glide([[5, wide(20, 60, 1880)], [55, wide(880, 246, 1040)]])),
    // Nobody at first; then a pan with three faces coming in from the right, the first leaving on the left.
    photoShot(60, 3, glide([[8, wide(0, 20, 550)], [36, wide(20, 200, 1200)], [58, wide(720, 200, 1200)]])),
    // Zoom out from one near face; then, at frame 150, a jump of 700 px.
    photoShot(120, 1, glide([[0, wide(225, 310, 600)], [29, wide(170, 110, 1100)], [30, wide(770, 197, 1100)], [59, wide(815, 197, 1100)]])),
    // A fast pan: 93 px per frame on average.
    photoShot(180, 4, glide([[14, wide(720, 0, 1100)], [22, wide(80, 0, 1100)], [30, wide(80, 0, 1100)], [49, wide(40, 0, 1180)]])),
    photoShot(230, 2, glide([[0, wide(20, 30, 1250)], [39, wide(620, 30, 1250)]])),
    photoShot(270, 5, glide([[0, wide(10, 95, 1900)], [39, wide(90, 150, 1600)]])),
    // From six faces back to a wall of 22 small ones, the upper row coming in from the top edge.
    { from: 310, tiles: WALL, camera: glide([[6, rect(0, 360, 640, 360)], [40, rect(0, 0, 1280, 720)]]) },
  ],
};

/**
 * A clip that loops: tiles laid out in the picture, each swaying gently, as far in pixels of the photos as five seconds allow.
 * @param {string} name
 * @param {{ width: number, height: number, frames: number }} size
 * @param {readonly { n: number, at: Rect, view: Rect }[]} tiles
 * @returns {Clip}
 */
function loopingClip(name, { width, height, frames }, tiles) {
  const share = frames / (5 * FPS);
  const motion = { periodFrames: frames, dxPx: 18 * share, dyPx: 6 * share, zoom: 0.01 * share };
  return {
    name, width, height, fps: FPS, frames,
    shots: [{
      from: 0,
      tiles: tiles.map(({ n, at, view }) => ({ photo: sample(n), at, view: sway(view, motion) })),
      camera: still(rect(0, 0, width, height)),
    }],
  };
}

/**
 * @param {string} count  "1", "4" or "10"
 * @param {number} width
 * @param {number} height
 * @param {readonly { n: number, at: Rect, view: Rect }[]} tiles
 * @returns {Clip}
 */
function benchClip(count, width, height, tiles) {
  return loopingClip(`bench-${String(width)}x${String(height)}-${count}`, { width, height, frames: 5 * FPS }, tiles);
}

/** The sizes that a cost is followed over; above Full HD a shorter loop, as each of its frames is two megabytes. */
const SCALE_SIZES = [
  { height: 360, frames: 5 * FPS },
  { height: 720, frames: 5 * FPS },
  { height: 1080, frames: 5 * FPS },
  { height: 2160, frames: FPS },
];

/**
 * The same 16:9 picture in all sizes, so that only the number of pixels differs.
 * @type {readonly { faces: number, tiles: readonly { n: number, at: Rect, view: Rect }[] }[]}
 */
const SCALE_LAYOUTS = [
  { faces: 1, tiles: [{ n: 3, at: rect(0, 0, 1280, 720), view: rect(30, 150, 980, 551.25) }] },
  {
    faces: 5,
    tiles: [
      { n: 6, at: rect(0, 0, 960, 720), view: rect(150, 130, 1640, 1230) },
      { n: 3, at: rect(960, 0, 320, 720), view: rect(430, 90, 500, 1125) },
    ],
  },
  {
    faces: 20,
    tiles: [
      { n: 3, view: rect(855, 60, 1040, 877.5) },
      { n: 1, view: rect(320, 20, 1450, 1223.4375) },
      { n: 5, view: rect(200, 30, 1560, 1316.25) },
      { n: 4, view: rect(120, 20, 1480, 1248.75) },
      { n: 6, view: rect(140, 80, 1660, 1400.625) },
      { n: 2, view: rect(690, 20, 1200, 1012.5) },
    ].map(({ n, view }, i) => ({ n, view, at: rect((1280 / 3) * (i % 3), 360 * Math.floor(i / 3), 1280 / 3, 360) })),
  },
];

/** @type {() => Clip[]} */
function scaleClips() {
  return SCALE_SIZES.flatMap(({ height, frames }) => {
    const s = height / 720;
    return SCALE_LAYOUTS.map(({ faces, tiles }) => {
      const scaled = tiles.map(({ n, at, view }) => ({ n, view, at: rect(at.x * s, at.y * s, at.width * s, at.height * s) }));
      return loopingClip(`scale-${String(height)}-${String(faces)}`, { width: 1280 * s, height, frames }, scaled);
    });
  });
}

/** Eleven faces; `s` scales the 1280x720 layout. @type {(s: number) => { n: number, at: Rect, view: Rect }[]} */
const wideCrowd = (s) => [
  { n: 4, at: rect(0, 0, 1280 * s, 420 * s), view: rect(120, 16, 1500, 492.1875) },
  { n: 1, at: rect(0, 420 * s, 640 * s, 300 * s), view: rect(240, 140, 1500, 703.125) },
  { n: 6, at: rect(640 * s, 420 * s, 640 * s, 300 * s), view: rect(170, 180, 1600, 750) },
];

/** Every clip the generator can make. @type {readonly Clip[]} */
export const CLIPS = [
  MAIN,
  benchClip('1', 640, 480, [{ n: 3, at: rect(0, 0, 640, 480), view: rect(40, 130, 900, 675) }]),
  benchClip('4', 640, 480, [{ n: 6, at: rect(0, 0, 640, 480), view: rect(150, 130, 1640, 1230) }]),
  benchClip('10', 640, 480, [
    { n: 4, at: rect(0, 0, 640, 260), view: rect(150, 16, 1400, 568.75) },
    { n: 1, at: rect(0, 260, 320, 220), view: rect(240, 120, 1500, 1031.25) },
    { n: 6, at: rect(320, 260, 320, 220), view: rect(150, 150, 1640, 1127.5) },
  ]),
  benchClip('1', 1280, 720, [{ n: 3, at: rect(0, 0, 1280, 720), view: rect(30, 150, 980, 551.25) }]),
  benchClip('4', 1280, 720, [{ n: 6, at: rect(0, 0, 1280, 720), view: rect(130, 130, 1700, 956.25) }]),
  benchClip('10', 1280, 720, wideCrowd(1)),
  benchClip('10', 1920, 1080, wideCrowd(1.5)),
  ...scaleClips(),
];

/**
 * The clip of that name.
 * @param {string} name
 * @returns {Clip}
 * @throws {RangeError} When there is none.
 */
export function clipNamed(name) {
  const clip = CLIPS.find((candidate) => candidate.name === name);
  if (clip === undefined) throw new RangeError(`scenes: no clip is called ${name}; there are ${CLIPS.map((c) => c.name).join(', ')}`);
  return clip;
}

/**
 * What lies where in one frame.
 * @param {Clip} clip
 * @param {number} frame  From 0.
 * @returns {readonly Layer[]}
 * @throws {RangeError} When the clip has no such frame.
 */
export function layersAt(clip, frame) {
  if (!Number.isInteger(frame) || frame < 0 || frame >= clip.frames) {
    throw new RangeError(`scenes: ${clip.name} has frames 0 to ${String(clip.frames - 1)}, not ${String(frame)}`);
  }
  const shot = clip.shots.findLast((candidate) => candidate.from <= frame);
  if (shot === undefined) throw new RangeError(`scenes: no shot of ${clip.name} holds frame ${String(frame)}`);
  const picture = rect(0, 0, clip.width, clip.height);
  const camera = shot.camera(frame - shot.from);
  return shot.tiles.flatMap(({ photo, at, view }) => {
    const onPicture = mapRect(at, camera, picture);
    const destination = intersect(onPicture, picture);
    if (destination === null) return [];
    return [{ photo, destination, source: mapRect(destination, onPicture, view(frame - shot.from)) }];
  });
}

/**
 * The faces in one layer of a frame, visible part and whole box, in clip pixels.
 * @param {Layer} layer
 * @returns {readonly { id: string, whole: Rect, shown: Rect, visible: number }[]}
 */
export function facesIn({ photo, source, destination }) {
  return photoNamed(photo).faces.flatMap((face) => {
    const whole = mapRect(face, source, destination);
    const shown = intersect(whole, destination);
    if (shown === null || shown.width < LEAST_VISIBLE_PX || shown.height < LEAST_VISIBLE_PX) return [];
    return [{ id: face.id, whole, shown, visible: (shown.width * shown.height) / (whole.width * whole.height) }];
  });
}

/**
 * Every face that shows in a frame. Ids are those of `faces.json`.
 * @param {Clip} clip
 * @param {number} frame  From 0.
 * @returns {readonly ClipFace[]}
 * @throws {RangeError} When the clip has no such frame.
 */
export function facesAt(clip, frame) {
  return layersAt(clip, frame).flatMap(facesIn).map(({ id, shown, visible }) => ({ id, ...shown, visible }));
}
