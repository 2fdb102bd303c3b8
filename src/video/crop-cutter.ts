import { alignmentOf, cropFace, sampleChip } from '../core/face-alignment.ts';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import { clip, isProper, type Box, type Size } from '../core/geometry.ts';
import { mapPoint } from '../core/orientation.ts';
import type { FrameView, PixelBuffer } from '../core/pixels.ts';
import { drawFrame } from './frame/draw-frame.ts';
import { samplePixels } from './frame/frame-sampler.ts';
import type { Sighting } from './tracking/track-evidence.ts';

/** A part of a picture, upright. It holds pixels; its holder overwrites them when done. */
export interface CutRegion extends Size {
  /** width x height x 3 bytes, RGB, row by row. */
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** Where it lies in the picture, whole display pixels. */
  readonly box: Box;
}

/** Cuts one face out of a frame that is still raw. */
export interface CropCutter {
  /** Borrows the view. Null where the sighting has no points to align by, or its face no pixels in the picture. */
  cut(view: FrameView, face: Sighting, others: number): FaceCrop | null;
  /** Borrows the view. The part of the picture in the box, made smaller where a side is longer than `longestSidePx`; null where there is none. */
  cutRegion(view: FrameView, box: Box, longestSidePx: number): CutRegion | null;
}

/** An opaque frame's part is drawn at most so large, pixels a side: eight samples a pixel of the crop, as many as it takes in. */
const MOST_PX = 8 * CROP_SIDE;

/**
 * Cuts from the planes where they are in memory. Of an opaque frame, whose sample is too small for faces, the part around the face
 * is drawn on a canvas, which is made with the first of them and overwritten after each.
 */
export function createCropCutter(): CropCutter {
  let surface: OffscreenCanvasRenderingContext2D | null = null;

  /** The part of the frame in a box of whole pixels, its sides at most `mostPx`. */
  function partOf(frame: VideoFrame, { x, y, width, height }: Box, mostPx: number): PixelBuffer | null {
    const scale = Math.min(1, mostPx / Math.max(width, height));
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    surface ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    if (surface === null) return null;
    const { canvas } = surface;
    canvas.width = size.width;
    canvas.height = size.height;
    // Drawing the whole frame, shifted: the part to be drawn is told in display pixels only when it is the whole.
    const sx = size.width / width;
    const sy = size.height / height;
    drawFrame(surface, frame, -x * sx, -y * sy, frame.displayWidth * sx, frame.displayHeight * sy);
    const { data } = surface.getImageData(0, 0, size.width, size.height);
    surface.clearRect(0, 0, size.width, size.height);
    return samplePixels(new Uint8Array(data.buffer), size, { width, height });
  }

  return {
    cut(view, face, others) {
      if (view.kind === 'planes') return cropFace(view.pixels, face, others);
      const around = aroundChip(face);
      const box = around && wholePixels(around, view.info.display);
      const pixels = box && partOf(view.frame, box, MOST_PX);
      if (pixels === null) return null;
      const keypoints = face.keypoints.map((point) => ({ x: point.x - box!.x, y: point.y - box!.y }));
      const crop = cropFace(pixels, { ...face, keypoints }, others);
      pixels.data.fill(0);
      return crop && { ...crop, face: { ...crop.face, keypoints: face.keypoints, display: view.info.display } };
    },
    cutRegion(view, wanted, longestSidePx) {
      const box = wholePixels(wanted, view.info.display);
      if (box === null) return null;
      const scale = Math.min(1, longestSidePx / Math.max(box.width, box.height));
      const size = { width: Math.max(1, Math.round(box.width * scale)), height: Math.max(1, Math.round(box.height * scale)) };
      const toBox = { a: box.width / size.width, b: 0, c: 0, d: box.height / size.height, e: 0, f: 0 };
      if (view.kind === 'planes') return { ...size, box, rgb: sampleChip(view.pixels, { ...toBox, e: box.x, f: box.y }, size) };
      const pixels = partOf(view.frame, box, MOST_PX);
      if (pixels === null) return null;
      const rgb = sampleChip(pixels, toBox, size);
      pixels.data.fill(0);
      return { ...size, box, rgb };
    },
  };
}

/** The upright box around the turned square that becomes the chip; null where there are no points to align by. */
function aroundChip({ keypoints }: Sighting): Box | null {
  const chip = alignmentOf(keypoints);
  if (chip === null) return null;
  const corners = [0, CROP_SIDE].flatMap((x) => [0, CROP_SIDE].map((y) => mapPoint(chip, { x, y })));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The whole pixels of the picture that the box touches; null where there are none. */
function wholePixels(box: Box, display: Size): Box | null {
  if (!isProper(box)) return null;
  const x = Math.floor(box.x);
  const y = Math.floor(box.y);
  const whole = clip({ x, y, width: Math.ceil(box.x + box.width) - x, height: Math.ceil(box.y + box.height) - y }, display);
  return whole.width >= 1 && whole.height >= 1 ? whole : null;
}
