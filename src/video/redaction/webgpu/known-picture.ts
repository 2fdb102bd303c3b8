import { FacePrivacyError } from '../../../core/errors.ts';
import { type FrameInfo, type PixelBuffer, planesOf } from '../../../core/pixels.ts';
import { pixelsToFrame } from '../../frame/pixels-to-frame.ts';
import type { Compositor } from '../compositor.ts';

const SIDE = 64;
const INFO: FrameInfo = { timestampUs: 0, durationUs: null, display: { width: SIDE, height: SIDE } };
const BOX = { x: 20, y: 20, width: 24, height: 24 } as const;
/** Beyond this distance from the box nothing may have changed: soft edge and bleed. */
const REACH_PX = 16;
const AROUND = 150;
/** Grey levels: conversions round, and grain and blotches are part of the cover. */
const SAME = 4;
const COVER_RANGE = 64;

/** Grey, with black and white stripes where the cover goes. */
function knownPicture(): PixelBuffer {
  const size = { width: SIDE, height: SIDE };
  const { planes, byteLength } = planesOf('RGBX', size);
  const data = new Uint8Array(byteLength).fill(AROUND);
  for (let y = BOX.y; y < BOX.y + BOX.height; y++) {
    for (let x = BOX.x; x < BOX.x + BOX.width; x++) data.fill((x >> 1) % 2 === 0 ? 0 : 255, 4 * (y * SIDE + x), 4 * (y * SIDE + x) + 3);
  }
  return { ...size, format: 'RGBX', data, planes, colour: { matrix: 'bt709', fullRange: true }, orientation: { rotation: 0, flip: false }, display: size };
}

/**
 * Has a compositor cover a known picture and looks at what comes out: there are machines on which canvases with a
 * WebGPU context come out empty, with no error anywhere.
 * @throws FacePrivacyError ERR_COMPOSITOR_FAILED when the stripes are still there, or the rest is not.
 */
export async function proveCompositor(compositor: Compositor): Promise<void> {
  const picture = knownPicture();
  const view = { kind: 'opaque', info: INFO, frame: pixelsToFrame(knownPicture(), INFO, null), sample: picture } as const;
  const frame = await compositor.compose(view, { kind: 'regions', regions: [{ trackId: 1, box: BOX }] }, { method: 'frost', strength: 0 });
  const data = new Uint8Array(4 * SIDE * SIDE);
  try {
    await frame.copyTo(data, { format: 'RGBA' });
  } finally {
    frame.close();
  }
  let lowest = 255;
  let highest = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const value = data[4 * (y * SIDE + x)] ?? 0;
      const beyond = Math.max(BOX.x - x, x - BOX.x - BOX.width + 1, BOX.y - y, y - BOX.y - BOX.height + 1);
      if (beyond <= 0) {
        lowest = Math.min(lowest, value);
        highest = Math.max(highest, value);
      } else if (beyond > REACH_PX && Math.abs(value - AROUND) > SAME) {
        throw wrong('does not leave the picture as it is');
      }
    }
  }
  if (highest - lowest > COVER_RANGE || lowest < AROUND - COVER_RANGE) throw wrong('does not cover');
}

function wrong(what: string): FacePrivacyError {
  return new FacePrivacyError('ERR_COMPOSITOR_FAILED', `The WebGPU compositor ${what} on this machine.`);
}
