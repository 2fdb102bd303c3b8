import type { FrameInfo, PixelBuffer } from '../../core/pixels.ts';
import type { RedactedFrame } from '../../core/redacted.ts';
import { pixelsToFrame } from '../frame/pixels-to-frame.ts';
import { coverWhole } from './cover/cover-whole.ts';
import { mintRedactedFrame } from './mint-redacted-frame.ts';

/**
 * A wholly covered frame made of nothing but the time and size of the one it stands for: the answer when a compositor
 * failed and took its frame with it. The holder closes it.
 */
export function coveredFrame(info: FrameInfo): RedactedFrame {
  const { display } = info;
  const cover: PixelBuffer = coverWhole({
    format: 'I420',
    width: Math.max(1, Math.round(display.width)),
    height: Math.max(1, Math.round(display.height)),
    colour: { matrix: 'bt709', fullRange: false },
    orientation: { rotation: 0, flip: false },
    display,
  });
  return mintRedactedFrame(pixelsToFrame(cover, info, null));
}
