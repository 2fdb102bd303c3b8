import { FacePrivacyError } from '../core/errors.ts';
import type { Box, Size } from '../core/geometry.ts';

/** A decoded face; whoever holds it closes it. */
export interface FacePicture {
  close(): void;
}

/** Where an uncovered face is drawn. The port; tests bring one that only remembers. */
export interface FaceSurface<Picture extends FacePicture = FacePicture> {
  /** Decodes a face. **Borrows** the bytes. */
  decode(jpeg: Uint8Array<ArrayBuffer>): Promise<Picture>;
  /** Empties the canvas and draws the face at its place with the words over it, in one go. Borrows the picture. */
  draw(picture: Picture, box: Box, words: readonly string[]): void;
  /** Leaves nothing. Idempotent. */
  clear(): void;
}

/** Font sizes for a face, as a share of its width, pixels. */
const FONT_SHARE = 0.06;
const FONT_MIN_PX = 9;
const FONT_MAX_PX = 22;
/** Words that hide the face would defeat the purpose; words that cannot be read, too. */
const WORDS_OPACITY = 0.6;
/** Each row begins another third of the words further on: three rows say all of it, however small the face. */
const STAGGER = 3;
const TILT = -Math.PI / 9;

/**
 * Draws faces on a canvas of the page, which belongs to this thread: transparent but for the face. Who looks, when and by which order is drawn
 * over the face's own pixels, all over it, so that no photograph of the screen goes without (TAF-5.3c).
 */
export class FacePainter implements FaceSurface<VideoFrame> {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;

  /** **Takes** the canvas and gives it the size of the recorded picture. @throws FacePrivacyError ERR_UNSUPPORTED. */
  constructor(canvas: OffscreenCanvas, { width, height }: Size) {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    if (context === null || typeof ImageDecoder !== 'function') throw new FacePrivacyError('ERR_UNSUPPORTED', 'This browser cannot draw pictures in a worker.', { details: { feature: context === null ? 'OffscreenCanvas' : 'ImageDecoder' } });
    this.#canvas = canvas;
    this.#context = context;
  }

  /** From memory: the bytes of a Blob leave the process and may be written to disk. */
  async decode(jpeg: Uint8Array<ArrayBuffer>): Promise<VideoFrame> {
    const decoder = new ImageDecoder({ data: jpeg, type: 'image/jpeg', colorSpaceConversion: 'none' });
    try {
      return (await decoder.decode({ frameIndex: 0, completeFramesOnly: true })).image;
    } catch (cause) {
      throw new FacePrivacyError('ERR_VAULT_INTEGRITY', 'A sealed face is no picture; it is not shown.', { cause, details: { field: 'jpeg' } });
    } finally {
      decoder.close();
    }
  }

  draw(picture: VideoFrame, box: Box, words: readonly string[]): void {
    const context = this.#context;
    this.clear();
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    context.drawImage(picture, box.x, box.y, box.width, box.height);
    this.#write(box, words);
    context.restore();
  }

  clear(): void {
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** Rows of words across the face, tilted, light on dark edges; nothing is hidden as a whole. */
  #write(box: Box, words: readonly string[]): void {
    const context = this.#context;
    const sizePx = Math.round(Math.min(FONT_MAX_PX, Math.max(FONT_MIN_PX, box.width * FONT_SHARE)));
    const line = words.join('  ');
    const rowPx = sizePx * 3;
    context.font = `600 ${sizePx}px sans-serif`;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineWidth = Math.max(1, sizePx / 6);
    context.strokeStyle = '#000';
    context.fillStyle = '#fff';
    context.globalAlpha = WORDS_OPACITY;
    context.translate(box.x + box.width / 2, box.y + box.height / 2);
    context.rotate(TILT);
    const widthPx = context.measureText(line).width + sizePx * 2;
    const reach = Math.hypot(box.width, box.height) / 2;
    for (let y = -reach, row = 0; y <= reach + rowPx; y += rowPx, row += 1) {
      for (let x = -reach - ((row % STAGGER) * widthPx) / STAGGER; x < reach; x += widthPx) {
        context.strokeText(line, x, y);
        context.fillText(line, x, y);
      }
    }
  }
}
