import { real } from './real.ts';

/** Brightness of a picture, upright, at its display size. */
export interface Luma {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A frame whose stored pixels are the picture: no rotation, no scaling, no crop. */
function isPlain(frame: VideoFrame): boolean {
  const turned = (frame as VideoFrame & { rotation?: number; flip?: boolean }).rotation ?? 0;
  const rect = frame.visibleRect;
  return turned === 0 && rect?.width === frame.displayWidth && rect.height === frame.displayHeight;
}

/**
 * Reads the brightness of a frame through the browser's own doors. Borrows the frame.
 * Planar frames give their luma plane as it is; everything else is drawn upright and converted.
 */
export async function lumaOfFrame(frame: VideoFrame): Promise<Luma> {
  const { displayWidth: width, displayHeight: height, format } = frame;
  if (isPlain(frame) && (format === 'I420' || format === 'NV12')) {
    const buffer = new Uint8Array(real.allocationSize.call(frame));
    const [plane] = await real.copyTo.call(frame, buffer);
    return { width, height, data: tight(buffer, plane?.offset ?? 0, plane?.stride ?? width, width, height) };
  }
  return lumaOfImage(frame, width, height);
}

/** Brightness of anything drawable, drawn at the given size. */
export function lumaOfImage(image: CanvasImageSource, width: number, height: number): Luma {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  real.drawImage.call(context, image, 0, 0, width, height);
  const { data: rgba } = real.getImageData.call(context, 0, 0, width, height);
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.round(0.299 * rgba[4 * i]! + 0.587 * rgba[4 * i + 1]! + 0.114 * rgba[4 * i + 2]!);
  }
  return { width, height, data };
}

function tight(buffer: Uint8Array, offset: number, stride: number, width: number, height: number): Uint8Array {
  if (stride === width) return buffer.subarray(offset, offset + width * height);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) data.set(buffer.subarray(offset + y * stride, offset + y * stride + width), y * width);
  return data;
}
