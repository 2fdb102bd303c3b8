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

/** Grid at which frames are told apart without a marker. */
const COARSE = { columns: 32, rows: 18 };
/** Means of cells that show the same, in levels of luma: codecs and ranges make a few of them. */
const ALIKE_LEVELS = 16;
/** Share of the cells in which the likest frame agrees that another one must agree in. */
const LEAST_ALIKE = 0.85;

/** The clip that plays in the fake camera, with the faces that are known in it. */
export class Clip {
  readonly truth: ClipTruth;
  readonly #mjpeg: Uint8Array;
  readonly #offsets: readonly number[];
  readonly #decoded = new Map<number, Luma>();
  /** Of the first frames, as far as they were asked for. */
  readonly #coarse: Uint8Array[] = [];

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

  /**
   * The frames, of the first `count`, that a picture without a readable marker may show: what of it is not covered looks like them. Nearly all where nearly
   * all is covered.
   */
  async framesLike(picture: Luma, count: number): Promise<number[]> {
    while (this.#coarse.length < count) this.#coarse.push(coarsely(await this.lumaOf(this.#coarse.length)));
    const own = coarsely(picture);
    const alike = this.#coarse.slice(0, count).map((cells) => cells.reduce((sum, value, cell) => sum + (Math.abs(value - own[cell]!) <= ALIKE_LEVELS ? 1 : 0), 0));
    const least = LEAST_ALIKE * Math.max(...alike);
    return alike.flatMap((cells, frame) => (cells >= least ? [frame] : []));
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

/** The mean of each cell of a grid over the picture. */
function coarsely({ width, height, data }: Luma): Uint8Array {
  const cells = new Uint8Array(COARSE.columns * COARSE.rows);
  for (let cell = 0; cell < cells.length; cell++) {
    const [x0, x1] = [cell % COARSE.columns, (cell % COARSE.columns) + 1].map((column) => Math.floor((column * width) / COARSE.columns)) as [number, number];
    const [y0, y1] = [Math.floor(cell / COARSE.columns), Math.floor(cell / COARSE.columns) + 1].map((row) => Math.floor((row * height) / COARSE.rows)) as [number, number];
    let sum = 0;
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += data[y * width + x]!;
    cells[cell] = sum / ((x1 - x0) * (y1 - y0));
  }
  return cells;
}

/** Start of each JPEG: SOI and the first byte of the next marker. Entropy-coded data holds none (FF is stuffed). */
function pictureOffsets(mjpeg: Uint8Array): number[] {
  const offsets: number[] = [];
  for (let at = mjpeg.indexOf(0xff); at !== -1; at = mjpeg.indexOf(0xff, at + 1)) {
    if (mjpeg[at + 1] === 0xd8 && mjpeg[at + 2] === 0xff) offsets.push(at);
  }
  return offsets;
}
