import { asFacePrivacyError, FacePrivacyError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { planesOf, type PixelBuffer } from '../core/pixels.ts';
import { invalidPicture, readPictureHeader } from './picture-header.ts';

/**
 * Larger pictures are refused before anything of them is decoded. Decoded, a picture of this size takes 256 MiB, for a moment also
 * where it is then shrunk: browsers decode in full before they scale. Cameras of telephones give 50 megapixels; what has more is to be
 * shrunk by the app, which knows the device.
 */
export const MAX_PICTURE_PIXELS = 64 * 1024 * 1024;

/** A file beyond this is no photograph; it is refused without being read. */
export const MAX_PICTURE_BYTES = 256 * 1024 * 1024;

/**
 * Longer side of what is searched, stored pixels; larger pictures are shrunk to it. The finest look of the detectors shows 0.4 of it in 256 pixels: a
 * face of 16 px there, about the smallest that is found, has 100 px here, and the embedder's crop wants 150. More pixels would find nothing more.
 */
export const WORKING_SIDE_PX = 4096;

/**
 * Decodes a picture for the detectors and for cutting faces out: RGBA, upright by its EXIF orientation, in sRGB, on white where it is
 * transparent; of an animated picture its first frame. `display` of the answer is the size of the upright original, so that boxes
 * are in its pixels, also where the stored picture is smaller (see {@link WORKING_SIDE_PX}). Borrows a Blob; **takes** an ImageBitmap
 * and closes it. The answer's bytes are the caller's, who overwrites them when done.
 * @throws FacePrivacyError ERR_PICTURE_INVALID with `details.reason` (`unreadable`, `format`, `truncated`, `size`, `decode`),
 * ERR_PICTURE_TOO_LARGE with `details.width`, `height`, `limit` (pixels), or `bytes` and `limit` for a file.
 */
export async function decodePicture(picture: Blob | ImageBitmap): Promise<PixelBuffer> {
  const bitmap = picture instanceof Blob ? await decodeBlob(picture) : picture;
  try {
    if (bitmap.width === 0 || bitmap.height === 0) throw invalidPicture('size', null);
    assertBounded(bitmap);
    return readPixels(bitmap);
  } catch (error) {
    throw asFacePrivacyError(error, 'ERR_PICTURE_INVALID');
  } finally {
    bitmap.close();
  }
}

async function decodeBlob(picture: Blob): Promise<ImageBitmap> {
  if (picture.size > MAX_PICTURE_BYTES) {
    throw new FacePrivacyError('ERR_PICTURE_TOO_LARGE', `The file has ${picture.size} bytes; at most ${MAX_PICTURE_BYTES} are read.`, {
      details: { bytes: picture.size, limit: MAX_PICTURE_BYTES },
    });
  }
  const { format, size } = await readPictureHeader(picture);
  assertBounded(size);
  try {
    // By what it is, not by what it is called: some browsers go by the type.
    return await createImageBitmap(picture.slice(0, picture.size, `image/${format}`), { imageOrientation: 'from-image' });
  } catch (cause) {
    throw invalidPicture('decode', format, cause);
  }
}

function assertBounded({ width, height }: Size): void {
  if (width * height <= MAX_PICTURE_PIXELS) return;
  throw new FacePrivacyError('ERR_PICTURE_TOO_LARGE', `The picture has ${width} x ${height} pixels; at most ${MAX_PICTURE_PIXELS} are decoded. Shrink it first.`, {
    details: { width, height, limit: MAX_PICTURE_PIXELS },
  });
}

function readPixels(bitmap: ImageBitmap): PixelBuffer {
  const display = { width: bitmap.width, height: bitmap.height };
  const scale = Math.min(1, WORKING_SIDE_PX / Math.max(display.width, display.height));
  const width = Math.max(1, Math.round(display.width * scale));
  const height = Math.max(1, Math.round(display.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  // In memory of the CPU: the pixels are wanted back at once.
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true, colorSpace: 'srgb' });
  if (context === null) throw new FacePrivacyError('ERR_PICTURE_INVALID', 'The browser gave no canvas to decode on.', { details: { reason: 'decode' } });
  try {
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    const { buffer } = context.getImageData(0, 0, width, height).data;
    const { planes } = planesOf('RGBA', { width, height });
    return {
      width,
      height,
      format: 'RGBA',
      data: new Uint8Array(buffer),
      planes,
      colour: { matrix: 'bt709', fullRange: true },
      orientation: { rotation: 0, flip: false },
      display,
    };
  } finally {
    context.clearRect(0, 0, width, height);
    // Gives its memory back now, not when the canvas is collected.
    canvas.width = canvas.height = 0;
  }
}
