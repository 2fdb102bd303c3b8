import { alignmentOf, cropFace } from '../core/face-alignment.ts';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import { mapPoint } from '../core/orientation.ts';
import type { FrameView, PixelBuffer } from '../core/pixels.ts';
import { samplePixels } from './frame/frame-sampler.ts';
import type { Sighting } from './tracking/track-evidence.ts';

/** Cuts one face out of a frame that is still raw. */
export interface CropCutter {
  /** Borrows the view. Null where the sighting has no points to align by, or its face no pixels in the picture. */
  cut(view: FrameView, face: Sighting, others: number): FaceCrop | null;
}

/** An opaque frame's part is drawn at most so large, pixels a side: eight samples a pixel of the crop, as many as it takes in. */
const MOST_PX = 8 * CROP_SIDE;

/**
 * Cuts from the planes where they are in memory. Of an opaque frame, whose sample is too small for faces, the part around the face
 * is drawn on a canvas, which is made with the first of them and overwritten after each.
 */
export function createCropCutter(): CropCutter {
  let surface: OffscreenCanvasRenderingContext2D | null = null;

  function partOf(frame: VideoFrame, face: Sighting): { pixels: PixelBuffer; x: number; y: number } | null {
    const chip = alignmentOf(face.keypoints);
    if (chip === null) return null;
    const corners = [0, CROP_SIDE].flatMap((x) => [0, CROP_SIDE].map((y) => mapPoint(chip, { x, y })));
    const x = Math.max(0, Math.floor(Math.min(...corners.map((corner) => corner.x))));
    const y = Math.max(0, Math.floor(Math.min(...corners.map((corner) => corner.y))));
    const width = Math.min(frame.displayWidth, Math.ceil(Math.max(...corners.map((corner) => corner.x)))) - x;
    const height = Math.min(frame.displayHeight, Math.ceil(Math.max(...corners.map((corner) => corner.y)))) - y;
    if (!(width >= 1 && height >= 1)) return null;
    const scale = Math.min(1, MOST_PX / Math.max(width, height));
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    surface ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    if (surface === null) return null;
    const { canvas } = surface;
    canvas.width = size.width;
    canvas.height = size.height;
    // Drawing the whole frame, shifted: the part to be drawn is told in display pixels only when it is the whole.
    const sx = size.width / width;
    const sy = size.height / height;
    surface.drawImage(frame, -x * sx, -y * sy, frame.displayWidth * sx, frame.displayHeight * sy);
    const { data } = surface.getImageData(0, 0, size.width, size.height);
    surface.clearRect(0, 0, size.width, size.height);
    const pixels = samplePixels(new Uint8Array(data.buffer), size, { width, height });
    return { pixels, x, y };
  }

  return {
    cut(view, face, others) {
      if (view.kind === 'planes') return cropFace(view.pixels, face, others);
      const part = partOf(view.frame, face);
      if (part === null) return null;
      const { pixels, x, y } = part;
      const keypoints = face.keypoints.map((point) => ({ x: point.x - x, y: point.y - y }));
      const crop = cropFace(pixels, { ...face, keypoints }, others);
      pixels.data.fill(0);
      return crop && { ...crop, face: { ...crop.face, keypoints: face.keypoints, display: view.info.display } };
    },
  };
}
