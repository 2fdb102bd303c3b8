import { lumaOfFrame, type Luma } from './luma.ts';
import { real } from './real.ts';

/** One frame that came out. */
export interface RecordedFrame {
  readonly timestampUs: number;
  readonly format: string | null;
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly luma: Luma;
}

/** Frames that may wait while the page is busy: a slow test must not lose one that leaks. */
const BUFFERED = 360;

/** Reads every frame of a track from the moment it is made. */
export class Recorder {
  readonly frames: RecordedFrame[] = [];
  /** Set when the track has ended and every frame of it was read. */
  ended = false;
  /** Keeps the pixels; switch off when only the count matters. */
  keep = true;
  /** Called with each frame; it is closed afterwards. */
  onFrame: ((frame: VideoFrame) => void) | null = null;
  count = 0;
  readonly done: Promise<void>;
  readonly track: MediaStreamTrack;

  constructor(track: MediaStreamTrack) {
    this.track = track;
    const { readable } = new real.MediaStreamTrackProcessor({ track: track as MediaStreamVideoTrack, maxBufferSize: BUFFERED });
    this.done = this.#run(real.getReader.call(readable));
  }

  async #run(reader: ReadableStreamDefaultReader<VideoFrame>): Promise<void> {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const frame = next.value;
      try {
        this.count += 1;
        this.onFrame?.(frame);
        if (!this.keep) continue;
        const { timestamp: timestampUs, format, displayWidth, displayHeight } = frame;
        this.frames.push({ timestampUs, format, displayWidth, displayHeight, luma: await lumaOfFrame(frame) });
      } finally {
        frame.close();
      }
    }
    this.ended = true;
  }
}
