/**
 * A drawn face with a known box, for asking a detector whether it still sees. It shows nobody: every pixel is computed here, from smooth ellipses
 * shaded as a ball lit from above left. Only `+ - * /`, `Math.sqrt` and `Math.abs` are used, which IEEE 754 rounds the same way everywhere, so every
 * engine draws the same bytes.
 */

/** The picture that {@link renderSelfTestFace} draws. */
export interface SelfTestFace {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Three bytes a pixel (red, green, blue, sRGB), rows from the top, no padding. */
  readonly rgb: Uint8Array;
  /** Where detectors put the face (brows to chin), in pixels of the picture, origin top left. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

type Colour = readonly [red: number, green: number, blue: number];

const SIZE = 128;
const BOX = { x: 37, y: 46, width: 53, height: 53 } as const;

/** Centre and half axes of the face's ellipse, in parts of the picture. All shapes below are placed in units of these half axes. */
const CENTRE = 0.5;
const HALF_WIDTH = 0.205;
const HALF_HEIGHT = 0.275;

const SKIN: Colour = [226, 178, 152];
const HAIR: Colour = [49, 35, 28];
const EYE_X = 0.4;
const EYE_Y = -0.12;
const NOSE_Y = 0.22;
const MOUTH_Y = 0.53;
const MOUTH_WIDTH = 0.36;

/**
 * Draws the self-test face: 128 x 128 pixels, one frontal face over a plain background. Pure and deterministic.
 * All bundled models find it with a score above 0.8.
 */
export function renderSelfTestFace(): SelfTestFace {
  const rgb = new Uint8Array(SIZE * SIZE * 3);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const x = ((column + 0.5) / SIZE - CENTRE) / HALF_WIDTH;
      const y = ((row + 0.5) / SIZE - CENTRE) / HALF_HEIGHT;
      const colour = colourAt(x, y);
      for (let channel = 0; channel < 3; channel++) {
        rgb[(row * SIZE + column) * 3 + channel] = Math.round(255 * clamp01((colour[channel] ?? 0) / 255));
      }
    }
  }
  return { width: SIZE, height: SIZE, rgb, box: BOX };
}

/** From back to front: wall, shoulders, hair, neck, ears, face, fringe. */
function colourAt(x: number, y: number): Colour {
  const side = Math.abs(x);
  let colour = scale([150, 158, 165], 1 - 0.08 * y);
  colour = mix(colour, [54, 68, 95], ellipse(x, y - 2.35, 2.1, 1, 0.04));
  colour = mix(colour, HAIR, ellipse(x, y + 0.18, 1.2, 1.24, 0.05));
  const neck = (1 - ramp(0.46, 0.52, side)) * ramp(0.55, 0.6, y) * (1 - ramp(1.4, 1.5, y));
  colour = mix(colour, scale(SKIN, 0.6 - 0.15 * ramp(0.2, 0.5, side)), neck);
  colour = mix(colour, [176, 130, 108], ellipse(side - 1.03, y - 0.02, 0.13, 0.24, 0.15));

  // The lower half narrows towards the chin.
  const jaw = y > 0 ? 1 - 0.16 * y * y : 1;
  const radius = Math.sqrt((x / jaw) * (x / jaw) + y * y);
  const face = 1 - ramp(0.97, 1.03, radius);
  if (face > 0) colour = mix(colour, faceAt(x, y, radius), face);

  const hairline = -0.62 + 0.28 * x * x - 0.06 * x;
  const fringe = (1 - ramp(0.99, 1.07, radius)) * (1 - ramp(hairline - 0.06, hairline + 0.06, y));
  return mix(colour, scale(HAIR, 1 + 0.25 * ellipse(x + 0.3, y + 0.85, 0.3, 0.12, 0.9)), fringe);
}

function faceAt(x: number, y: number, radius: number): Colour {
  const side = Math.abs(x);
  const towardsViewer = Math.sqrt(clamp01(1 - 0.92 * radius * radius));
  const light = 0.62 + 0.36 * towardsViewer - 0.06 * y - 0.07 * x;
  let colour = scale(SKIN, light);
  colour = mix(colour, scale([214, 120, 105], light), 0.15 * ellipse(side - 0.5, y - 0.28, 0.3, 0.25, 0.6));
  const shade = shadeOf(x, y);
  colour = scale(colour, shade);
  colour = mouthOver(colour, side, y, light);
  return eyeOver(colour, x, y);
}

/** Light on the nose; shadow in the eye sockets, beside and under the nose, above and below the mouth. */
function shadeOf(x: number, y: number): number {
  const side = Math.abs(x);
  let shade = 1 - 0.35 * ellipse(side - EYE_X, y - EYE_Y + 0.03, 0.3, 0.2, 0.7);
  shade *= 1 - 0.18 * ellipse(side - EYE_X, y - EYE_Y - 0.135, 0.2, 0.035, 0.8);
  shade *= 1 + 0.14 * ellipse(x + 0.02, y - 0.02, 0.08, 0.3, 0.8);
  shade *= 1 - 0.09 * ellipse(x - 0.13, y - 0.08, 0.07, 0.22, 0.8);
  shade *= 1 - 0.045 * ellipse(x + 0.13, y - 0.08, 0.06, 0.2, 0.8);
  shade *= 1 + 0.12 * ellipse(x, y - NOSE_Y + 0.06, 0.11, 0.09, 0.8);
  shade *= 1 - 0.35 * ellipse(x, y - NOSE_Y - 0.05, 0.17, 0.045, 0.7);
  shade *= 1 - 0.5 * ellipse(side - 0.08, y - NOSE_Y - 0.03, 0.05, 0.03, 0.6);
  shade *= 1 - 0.21 * ellipse(side - 0.17, y - NOSE_Y + 0.02, 0.04, 0.09, 0.8);
  shade *= 1 - 0.2 * ellipse(x, y - 0.375, 0.06, 0.07, 0.8);
  return shade * (1 - 0.25 * ellipse(x, y - MOUTH_Y - 0.17, 0.22, 0.05, 0.8));
}

function mouthOver(skin: Colour, side: number, y: number, light: number): Colour {
  const lips = mix(skin, scale([176, 84, 80], light), 0.6 * ellipse(side, y - MOUTH_Y, MOUTH_WIDTH, 0.09, 0.18));
  const lineY = MOUTH_Y - 0.02 - 0.23 * side * side;
  const line = (1 - ramp(0.012, 0.035, Math.abs(y - lineY))) * (1 - ramp(0.3, 0.37, side));
  return scale(mix(lips, [82, 32, 32], 0.8 * line), 1 + 0.15 * ellipse(side, y - MOUTH_Y - 0.05, 0.16, 0.03, 0.8));
}

/** Brow, eyeball between the lids, iris, pupil, glint, upper lid. */
function eyeOver(skin: Colour, x: number, y: number): Colour {
  const across = Math.abs(x) - EYE_X;
  const browY = -0.39 + across * across + 0.02 * Math.abs(x);
  const brow = (1 - ramp(0.025, 0.05, Math.abs(y - browY))) * (1 - ramp(0.2, 0.25, Math.abs(across)));
  let colour = mix(skin, HAIR, 0.8 * brow);

  const lid = 1 - (across / 0.19) * (across / 0.19);
  if (lid <= 0) return colour;
  const halfOpening = 0.085 * Math.sqrt(lid);
  const open = 1 - ramp(0.85, 1.1, Math.abs(y - EYE_Y) / Math.max(halfOpening, 0.004));
  colour = mix(colour, [232, 226, 222], open);
  // The iris is round in the picture, not in units of the face's two half axes.
  const down = (y - EYE_Y) * (HALF_HEIGHT / HALF_WIDTH);
  const fromPupil = Math.sqrt(across * across + down * down) / 0.114;
  colour = mix(colour, [66, 44, 30], open * (1 - ramp(0.85, 1.1, fromPupil)));
  colour = mix(colour, [14, 10, 10], open * (1 - ramp(0.4, 0.55, fromPupil)));
  const glint = ellipse(x < 0 ? x + EYE_X + 0.05 : x - EYE_X + 0.05, down + 0.047, 0.023, 0.023, 0.35);
  colour = mix(colour, [245, 245, 245], open * glint);
  return mix(colour, [40, 26, 22], 0.85 * (1 - ramp(0.012, 0.04, Math.abs(y - EYE_Y + halfOpening))));
}

/** 1 inside the ellipse around the origin, 0 outside; `soft` is the half width of the edge in parts of the radius. */
function ellipse(x: number, y: number, radiusX: number, radiusY: number, soft: number): number {
  const horizontal = x / radiusX;
  const vertical = y / radiusY;
  return 1 - ramp(1 - soft, 1 + soft, Math.sqrt(horizontal * horizontal + vertical * vertical));
}

/** Smooth step from 0 at `from` to 1 at `to`. */
function ramp(from: number, to: number, value: number): number {
  const t = clamp01((value - from) / (to - from));
  return t * t * (3 - 2 * t);
}

function mix(from: Colour, to: Colour, share: number): Colour {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, from[2] + (to[2] - from[2]) * share];
}

function scale(colour: Colour, factor: number): Colour {
  return [colour[0] * factor, colour[1] * factor, colour[2] * factor];
}

function clamp01(value: number): number {
  if (value < 0) return 0;
  return value > 1 ? 1 : value;
}
