import type { Size } from './geometry.ts';
import type { Microseconds } from './time.ts';

/** Pixel formats that Bauta can work on in CPU memory, in the names of WebCodecs `VideoPixelFormat`. */
export type WorkableFormat = 'I420' | 'NV12' | 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

/** One plane of samples inside {@link PixelBuffer.data}. */
export interface Plane {
  /** Byte offset of the first sample. */
  readonly offset: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  /** Samples per row. */
  readonly width: number;
  readonly height: number;
  /** Interleaved 8-bit channels per sample: 1 (I420, NV12 luma), 2 (NV12 chroma) or 4 (packed RGB). */
  readonly channels: 1 | 2 | 4;
  /** Picture pixels per sample, along x and y: 2 for 4:2:0 chroma, else 1. */
  readonly subsampling: 1 | 2;
}

/** How Y'CbCr becomes RGB. Ignored for packed RGB. */
export interface YuvColour {
  /** The coefficients of ITU-R BT.601 (`smpte170m`, `bt470bg`), BT.709 or BT.2020. */
  readonly matrix: 'bt601' | 'bt709' | 'bt2020';
  /** True for 0-255, false for 16-235/16-240. */
  readonly fullRange: boolean;
}

/**
 * How stored pixels become the picture that is shown: the stored picture is flipped horizontally if `flip`, after it
 * was turned clockwise by `rotation` degrees, then scaled to the display size. (WebCodecs `VideoFrame.rotation`, `flip`.)
 */
export interface Orientation {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
}

/** Pixels in CPU memory. The buffer has one owner; passing it on hands it over unless a docblock says "borrows". */
export interface PixelBuffer extends Size {
  /** Stored (not display) size in pixels; may be odd. */
  readonly width: number;
  readonly height: number;
  readonly format: WorkableFormat;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly planes: readonly Plane[];
  readonly colour: YuvColour;
  readonly orientation: Orientation;
  /** Size of the picture as shown, after rotation; boxes everywhere in Bauta are in these pixels. */
  readonly display: Size;
}

/** What is known of a frame besides its pixels. */
export interface FrameInfo {
  readonly timestampUs: Microseconds;
  readonly durationUs: Microseconds | null;
  /** Size of the picture as shown. */
  readonly display: Size;
}

/**
 * A raw frame as the stages of the pipeline see it. It exists only in the worker. `planes`: the pixels were copied to
 * CPU memory and the `VideoFrame` is closed already. `opaque`: they could not be; `frame` is still open, and `sample`
 * is a smaller RGBA copy for the detectors whose `display` is that of the frame. The compositor takes the view and
 * closes what is open in it.
 */
export type FrameView =
  | { readonly kind: 'planes'; readonly info: FrameInfo; readonly pixels: PixelBuffer; readonly colorSpace: VideoColorSpaceInit | null }
  | { readonly kind: 'opaque'; readonly info: FrameInfo; readonly frame: VideoFrame; readonly sample: PixelBuffer };

/** The planes of a tightly packed buffer of the given format and stored size, and its length in bytes. */
export function planesOf(format: WorkableFormat, { width, height }: Size): { planes: Plane[]; byteLength: number } {
  if (format !== 'I420' && format !== 'NV12') {
    const plane: Plane = { offset: 0, stride: width * 4, width, height, channels: 4, subsampling: 1 };
    return { planes: [plane], byteLength: width * height * 4 };
  }
  const chromaWidth = (width + 1) >> 1;
  const chromaHeight = (height + 1) >> 1;
  const luma: Plane = { offset: 0, stride: width, width, height, channels: 1, subsampling: 1 };
  const lumaBytes = width * height;
  const chromaBytes = chromaWidth * chromaHeight;
  if (format === 'NV12') {
    const chroma: Plane = { offset: lumaBytes, stride: chromaWidth * 2, width: chromaWidth, height: chromaHeight, channels: 2, subsampling: 2 };
    return { planes: [luma, chroma], byteLength: lumaBytes + 2 * chromaBytes };
  }
  const u: Plane = { offset: lumaBytes, stride: chromaWidth, width: chromaWidth, height: chromaHeight, channels: 1, subsampling: 2 };
  return { planes: [luma, u, { ...u, offset: lumaBytes + chromaBytes }], byteLength: lumaBytes + 2 * chromaBytes };
}
