import type { Clip } from './clip.ts';
import { real } from './real.ts';

/** Time between two frames of the clip. */
const FRAME_MS = 1000 / 30;
/** A frame that does not come out within this time was dropped or failed; the next one follows. */
const PATIENCE_MS = 8000;

/**
 * A track that shows the clip frame by frame in the pixel format of the camera (I420), each when the one before has come
 * out, and never faster than in real life: every frame is seen, however busy the machine is.
 */
export class ClipTrack {
  readonly track: MediaStreamTrack;
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  readonly #clip: Clip;
  /** Of the next frame, by its timestamp. */
  #timeMs = 0;

  constructor(clip: Clip) {
    const generator = new real.MediaStreamTrackGenerator({ kind: 'video' });
    this.track = generator;
    this.#writer = generator.writable.getWriter();
    this.#clip = clip;
  }

  /**
   * Shows frames `from` to `to` (not included), or one in `every` of them, as a camera does before a slow machine: by their timestamps they are so far apart.
   * @param out says how many frames have come out so far.
   */
  async play(from: number, to: number, out: () => number, every = 1): Promise<void> {
    for (let frame = from; frame < to; frame += every) {
      const startMs = performance.now();
      const before = out();
      await this.#writer.write(await this.#clip.frameOf(frame, Math.round(this.#timeMs * 1000)));
      this.#timeMs += FRAME_MS * every;
      while (out() === before && performance.now() - startMs < PATIENCE_MS) await pause(2);
      await pause(Math.max(0, FRAME_MS - (performance.now() - startMs)));
    }
  }

  stop(): void {
    this.track.stop();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
