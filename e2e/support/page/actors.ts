import { real } from './real.ts';

/** Two heads of the sample photos, photo pixels: where each is cut out, and where the middle of its face lies. */
const HEADS = {
  a: { photo: 'sample6.jpg', cut: { x: 1100, y: 250, width: 350, height: 400 }, face: { x: 1272, y: 446 } },
  b: { photo: 'sample3.jpg', cut: { x: 1010, y: 130, width: 350, height: 450 }, face: { x: 1185, y: 359 } },
} as const;
const PICTURE = { width: 1280, height: 720 };
const HEIGHT = 330;
/** Pixels from one frame to the next. */
const STEP = 10;

/** Who is on stage. */
export type Actor = keyof typeof HEADS;

/**
 * Two people in front of a plain wall who stand and go where a test sends them: one step whenever a frame has come out, so that they
 * are not too fast for a busy machine.
 */
export class Actors {
  /** Frames that have come out so far. */
  shown: () => number = () => 0;
  #shownBefore = 0;
  /** Left to right, where each one's face is to be; null: off stage at once. */
  readonly target: Record<Actor, number | null> = { a: 330, b: 650 };
  readonly #at: Record<Actor, number> = { a: 330, b: 650 };
  readonly #heads: Readonly<Record<Actor, ImageBitmap>>;
  readonly #context: OffscreenCanvasRenderingContext2D;

  private constructor(heads: Readonly<Record<Actor, ImageBitmap>>, context: OffscreenCanvasRenderingContext2D) {
    this.#heads = heads;
    this.#context = context;
  }

  static async enter(): Promise<Actors> {
    const cut = async ({ photo, cut: { x, y, width, height } }: (typeof HEADS)[Actor]): Promise<ImageBitmap> =>
      real.createImageBitmap(await (await fetch(`/photos/${photo}`)).blob(), x, y, width, height);
    const context = new OffscreenCanvas(PICTURE.width, PICTURE.height).getContext('2d');
    if (context === null) throw new Error('no 2D context');
    return new Actors({ a: await cut(HEADS.a), b: await cut(HEADS.b) }, context);
  }

  /** Where an actor's face is now, display pixels. */
  faceOf(actor: Actor): { readonly x: number; readonly y: number } {
    return { x: this.#at[actor], y: HEIGHT };
  }

  /** The next frame; its taker closes it. */
  readonly frame = (timestampUs: number): VideoFrame => {
    const context = this.#context;
    context.fillStyle = '#8d9aa5';
    context.fillRect(0, 0, PICTURE.width, PICTURE.height);
    const shown = this.shown();
    const mayStep = shown !== this.#shownBefore;
    this.#shownBefore = shown;
    for (const actor of ['a', 'b'] as const) {
      const to = this.target[actor];
      if (to === null) continue;
      const way = to - this.#at[actor];
      if (mayStep) this.#at[actor] += Math.sign(way) * Math.min(STEP, Math.abs(way));
      const { cut, face } = HEADS[actor];
      real.drawImage.call(context, this.#heads[actor], this.#at[actor] - (face.x - cut.x), HEIGHT - (face.y - cut.y), cut.width, cut.height);
    }
    return new real.VideoFrame(context.canvas, { timestamp: timestampUs });
  };
}
