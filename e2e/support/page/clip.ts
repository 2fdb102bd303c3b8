import { readFrameMarker } from '../../../demo/clip/marker.mjs';
import type { Luma } from './luma.ts';
import { lumaOfFrame } from './luma.ts';
import type { Rect } from './measure.ts';
import { real } from './real.ts';

/** A face that shows in a frame of the clip: its visible part, and the share of it that is visible. */
export interface ClipFace extends Rect {
  readonly id: string;
  readonly visible: number;
}

interface ClipTruth {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly faces: readonly (readonly ClipFace[])[];
}

/** The clip that plays in the fake camera, with the faces that are known in it. */
export class Clip {
  readonly truth: ClipTruth;
  readonly #mjpeg: Uint8Array;
  readonly #offsets: readonly number[];
  readonly #decoded = new Map<number, Luma>();

  private constructor(truth: ClipTruth, mjpeg: Uint8Array) {
    this.truth = truth;
    this.#mjpeg = mjpeg;
    this.#offsets = pictureOffsets(mjpeg);
    if (this.#offsets.length !== truth.frames) throw new Error(`the clip has ${this.#offsets.length} pictures, not ${truth.frames}`);
  }

  static async load(name: string): Promise<Clip> {
    const [truth, mjpeg] = await Promise.all([fetch(`/clips/${name}.json`), fetch(`/clips/${name}.mjpeg`)]);
    return new Clip((await truth.json()) as ClipTruth, new Uint8Array(await mjpeg.arrayBuffer()));
  }

  /** The frame number written into a picture, or null when it is covered. */
  markerOf({ width, height, data }: Luma): number | null {
    return readFrameMarker(data, { width, height, clipHeight: this.truth.height });
  }

  facesOf(frame: number): readonly ClipFace[] {
    return this.truth.faces[frame] ?? [];
  }

  /** The JPEG of a frame. */
  jpegOf(frame: number): Blob {
    const start = this.#offsets[frame];
    if (start === undefined) throw new RangeError(`the clip has no frame ${frame}`);
    return new Blob([this.#mjpeg.slice(start, this.#offsets[frame + 1])], { type: 'image/jpeg' });
  }

  /** A frame as the fake camera gives it: the JPEG's own planes. The caller closes it. */
  async frameOf(frame: number, timestampUs: number): Promise<VideoFrame> {
    const decoder = new ImageDecoder({ type: 'image/jpeg', data: await this.jpegOf(frame).arrayBuffer() });
    try {
      const { image } = await decoder.decode();
      const { format, codedWidth, codedHeight, displayWidth, displayHeight, colorSpace } = image;
      if (format === null) throw new Error('the decoder gave an opaque picture');
      // A frame made of the decoder's frame keeps the decoder's time on its way through a track.
      const bytes = new Uint8Array(real.allocationSize.call(image));
      const layout = await real.copyTo.call(image, bytes);
      image.close();
      return new real.VideoFrame(bytes, {
        format, codedWidth, codedHeight, displayWidth, displayHeight, layout,
        colorSpace: colorSpace.toJSON(), timestamp: timestampUs,
      });
    } finally {
      decoder.close();
    }
  }

  async lumaOf(frame: number): Promise<Luma> {
    const known = this.#decoded.get(frame);
    if (known !== undefined) return known;
    const picture = await this.frameOf(frame, 0);
    const luma = await lumaOfFrame(picture);
    picture.close();
    // A few neighbours at most are asked for again.
    if (this.#decoded.size > 16) this.#decoded.clear();
    this.#decoded.set(frame, luma);
    return luma;
  }
}

/** Start of each JPEG: SOI and the first byte of the next marker. Entropy-coded data holds none (FF is stuffed). */
function pictureOffsets(mjpeg: Uint8Array): number[] {
  const offsets: number[] = [];
  for (let at = mjpeg.indexOf(0xff); at !== -1; at = mjpeg.indexOf(0xff, at + 1)) {
    if (mjpeg[at + 1] === 0xd8 && mjpeg[at + 2] === 0xff) offsets.push(at);
  }
  return offsets;
}
