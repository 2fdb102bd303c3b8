import { FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { type FrameInfo, type FrameView, type Plane, type WorkableFormat, planesOf } from '../../core/pixels.ts';
import { yuvColourOf } from './frame-colour.ts';
import { orientationOf } from './frame-orientation.ts';
import { type FrameSampler, createFrameSampler } from './frame-sampler.ts';

const WORKABLE: ReadonlySet<string> = new Set<WorkableFormat>(['I420', 'NV12', 'RGBA', 'RGBX', 'BGRA', 'BGRX']);

/** What `copyTo` with a conversion to RGBA gives (WebCodecs, `VideoFrameCopyToOptions.format`, default sRGB). */
const SRGB: VideoColorSpaceInit = { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'rgb', fullRange: true };

/**
 * Reads a frame. I420, NV12 and packed RGB: the visible rectangle is copied into a tight buffer, the frame is closed at
 * once, and the view is `planes`. Other formats with known planes (alpha, 4:2:2, 4:4:4, more than 8 bits) come out as
 * RGBA `planes` where the browser can convert. All else (format null) stays in the frame: `opaque`, with a small sample.
 * @param frame **Takes** it: it is closed when this settles, except in an `opaque` view, whose holder closes it.
 * @param sampler Draws the sample of opaque frames; pass one for a whole stream, so that its canvas is reused.
 * @param wanted `opaque` leaves every frame where it is, for compositors that read nothing back.
 * @throws FacePrivacyError ERR_FRAME_INVALID if the frame is closed, has no size or cannot be read; it is closed then.
 */
export async function readFrame(frame: VideoFrame, sampler: FrameSampler = createFrameSampler(), wanted: FrameView['kind'] = 'planes'): Promise<FrameView> {
  let keepOpen = false;
  try {
    const size = visibleSize(frame);
    const info = infoOf(frame);
    const planes = wanted === 'planes' ? await readPlanes(frame, size, info) : null;
    const view: FrameView = planes ?? { kind: 'opaque', info, frame, sample: await sampler.sample(frame) };
    keepOpen = view.kind === 'opaque';
    return view;
  } catch (error) {
    if (error instanceof FacePrivacyError) throw error;
    throw new FacePrivacyError('ERR_FRAME_INVALID', 'A video frame could not be read; it was dropped.', { cause: error, details: { format: String(frame.format) } });
  } finally {
    if (!keepOpen) frame.close();
  }
}

function visibleSize(frame: VideoFrame): Size {
  const rect = frame.visibleRect;
  const width = rect?.width ?? 0;
  const height = rect?.height ?? 0;
  if (!(width >= 1 && height >= 1 && frame.displayWidth >= 1 && frame.displayHeight >= 1)) {
    throw new FacePrivacyError('ERR_FRAME_INVALID', 'A video frame is closed or has no size; it was dropped.', {
      details: { width, height, displayWidth: frame.displayWidth, displayHeight: frame.displayHeight },
    });
  }
  return { width, height };
}

/** What a frame says of itself. **Borrows** it. */
export function infoOf(frame: VideoFrame): FrameInfo {
  return { timestampUs: frame.timestamp, durationUs: frame.duration, display: { width: frame.displayWidth, height: frame.displayHeight } };
}

/** null if the planes of this frame cannot be had. */
async function readPlanes(frame: VideoFrame, size: Size, info: FrameInfo): Promise<FrameView | null> {
  const orientation = orientationOf(frame);
  if (frame.format === null) return null;
  const direct = WORKABLE.has(frame.format);
  const format = direct ? (frame.format as WorkableFormat) : 'RGBA';
  const { planes, byteLength } = planesOf(format, size);
  const data = new Uint8Array(byteLength);
  if (direct) {
    // A visible rectangle that starts inside a chroma sample cannot be copied (WebCodecs: "sample-aligned").
    if (!isAligned(frame, planes)) return null;
    await frame.copyTo(data, { layout: planes.map(({ offset, stride }) => ({ offset, stride })) });
  } else if (!(await convertToRgba(frame, data, size))) {
    return null;
  }
  const colorSpace = direct ? frame.colorSpace.toJSON() : SRGB;
  return {
    kind: 'planes',
    info,
    pixels: { ...size, format, data, planes, colour: yuvColourOf(colorSpace), orientation, display: info.display },
    colorSpace,
  };
}

function isAligned(frame: VideoFrame, planes: readonly Plane[]): boolean {
  const unit = Math.max(...planes.map((plane) => plane.subsampling));
  return (frame.visibleRect?.x ?? 0) % unit === 0 && (frame.visibleRect?.y ?? 0) % unit === 0;
}

/** Converts the frame to RGBA; false if the browser does not convert (an older one ignores `format`). */
async function convertToRgba(frame: VideoFrame, data: Uint8Array<ArrayBuffer>, size: Size): Promise<boolean> {
  try {
    if (frame.allocationSize({ format: 'RGBA' }) !== data.byteLength) return false;
    const layout = await frame.copyTo(data, { format: 'RGBA' });
    return layout.length === 1 && layout[0]?.offset === 0 && layout[0].stride === size.width * 4;
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return false;
    throw error;
  }
}
