import { EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output, StreamTarget, WebMOutputFormat, type StreamTargetChunk } from 'mediabunny';
import type { MediaPiece, RecordingCodec, RecordingContainer } from '../../core/recording.ts';
import type { Microseconds } from '../../core/time.ts';
import { openEndedMp4Header, setMp4Duration } from './mp4-header.ts';
import { openEndedWebmHeader } from './webm-header.ts';

/** A new group of pictures, and with it a new piece, begins at the first key frame after this time. */
export const PIECE_US: Microseconds = 1_000_000;

/** An encoded picture with its times. Decoding order is the order of display. */
export interface EncodedPicture {
  readonly data: Uint8Array;
  readonly isKey: boolean;
  readonly timeUs: Microseconds;
  /** Null where the next picture tells it. */
  readonly durationUs: Microseconds | null;
  /** From the encoder, with the first picture. */
  readonly decoderConfig?: VideoDecoderConfig;
}

/** What is known of a media file when it is complete. */
export interface MuxedMedia {
  readonly frames: number;
  readonly durationUs: Microseconds;
  /** The first piece as it has to be now; null when nothing was muxed. */
  readonly header: MediaPiece | null;
}

/** What {@link createMediaMuxer} needs. */
export interface MediaMuxerOptions {
  readonly container: RecordingContainer;
  readonly codec: RecordingCodec;
  /** Clockwise, for players: 0, 90, 180 or 270. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** **Takes** each piece, in the order of the file. */
  onPiece(piece: MediaPiece): void;
}

/** Encoded pictures in, pieces of a file out; each begins with a key frame and can be kept when it comes. */
export interface MediaMuxer {
  /** @throws Error when the container cannot hold it. */
  add(picture: EncodedPicture): Promise<void>;
  /** Gives out the last pieces, index included. Idempotent. */
  finish(): Promise<MuxedMedia>;
}

/**
 * Makes a WebM or MP4 file that grows by whole pieces and can be played when it ends after any of them: WebM clusters, MP4 fragments
 * (ISO/IEC 14496-12, 8.8). Only the header is written anew at the end, then with the duration and (WebM) where the index is, so that the
 * file can be sought.
 */
export async function createMediaMuxer({ container, codec, rotation = 0, ...listener }: MediaMuxerOptions): Promise<MediaMuxer> {
  const file = new GrowingFile(container, (piece) => { listener.onPiece(piece); });
  const output = new Output({
    format: container === 'webm' ? webmFormat(file) : mp4Format(file),
    target: new StreamTarget(new WritableStream<StreamTargetChunk>({ write: (chunk) => { file.written(chunk); } })),
  });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source, { rotation });
  await output.start();
  /** Kept back until the next one tells its duration. */
  let held: EncodedPicture | null = null;
  let lastStepUs: Microseconds = 0;
  let frames = 0;
  let finished: Promise<MuxedMedia> | null = null;

  const write = async ({ data, isKey, timeUs, decoderConfig, durationUs }: EncodedPicture & { readonly durationUs: Microseconds }): Promise<void> => {
    file.has(timeUs, timeUs + durationUs);
    frames += 1;
    const packet = new EncodedPacket(data, isKey ? 'key' : 'delta', timeUs / 1e6, durationUs / 1e6);
    await source.add(packet, decoderConfig === undefined ? undefined : { decoderConfig });
  };
  const pass = async (next: EncodedPicture | null): Promise<void> => {
    if (held !== null) {
      const own = held;
      held = null;
      const stepUs = next === null ? lastStepUs : next.timeUs - own.timeUs;
      lastStepUs = stepUs;
      await write({ ...own, durationUs: own.durationUs ?? stepUs });
    }
    held = next;
  };

  return {
    add: (picture) => pass(picture),
    finish() {
      finished ??= (async () => {
        await pass(null);
        if (frames === 0) {
          await output.cancel();
          return { frames: 0, durationUs: 0, header: null };
        }
        file.closing = true;
        await output.finalize();
        return { frames, durationUs: file.untilUs, header: file.end() };
      })();
      return finished;
    },
  };
}

function webmFormat(file: GrowingFile): WebMOutputFormat {
  return new WebMOutputFormat({
    minimumClusterDuration: PIECE_US / 1e6,
    onEbmlHeader: (data) => { file.header(data); },
    onSegmentHeader: (data) => { file.header(data); },
    onCluster: (data) => { file.body(data); },
  });
}

function mp4Format(file: GrowingFile): Mp4OutputFormat {
  let moof: Uint8Array = new Uint8Array(0);
  return new Mp4OutputFormat({
    fastStart: 'fragmented',
    minimumFragmentDuration: PIECE_US / 1e6,
    onFtyp: (data) => { file.header(data); },
    onMoov: (data) => { file.header(data); },
    onMoof: (data) => { moof = data.slice(); },
    onMdat: (data) => { file.body(moof, data); },
  });
}

/** Cuts what the muxer writes into pieces. Pieces come from its callbacks, whole; what it writes besides matters at the end only. */
class GrowingFile {
  /** While true, what is written outside the pieces belongs to the end of the file or corrects its header. */
  closing = false;
  untilUs: Microseconds = 0;
  readonly #container: RecordingContainer;
  readonly #onPiece: (piece: MediaPiece) => void;
  /** The header as the muxer wants it in the end. */
  #header = new Uint8Array(0);
  #bodyBytes = 0;
  #sequence = 0;
  #pictures: { readonly fromUs: Microseconds; readonly untilUs: Microseconds }[] = [];
  readonly #tail: { readonly at: number; readonly data: Uint8Array }[] = [];

  constructor(container: RecordingContainer, onPiece: (piece: MediaPiece) => void) {
    this.#container = container;
    this.#onPiece = onPiece;
  }

  /** A picture of this time is being written. */
  has(fromUs: Microseconds, untilUs: Microseconds): void {
    this.#pictures.push({ fromUs, untilUs });
  }

  header(data: Uint8Array): void {
    this.#header = joined([this.#header, data]);
  }

  body(...parts: readonly Uint8Array[]): void {
    if (this.#sequence === 0) {
      const bytes = this.#container === 'webm' ? openEndedWebmHeader(this.#header) : openEndedMp4Header(this.#header);
      this.#give(bytes, []);
    }
    // While the file is open, the picture that opens the next piece is announced already.
    const inside = this.closing ? this.#pictures : this.#pictures.slice(0, -1);
    this.#pictures = this.#pictures.slice(inside.length);
    const bytes = joined(parts);
    this.#bodyBytes += bytes.length;
    this.#give(bytes, inside);
  }

  written({ data, position }: StreamTargetChunk): void {
    if (!this.closing) return;
    this.#tail.push({ at: position, data });
  }

  /** Gives out what follows the last piece; returns the final header. */
  end(): MediaPiece {
    const headerBytes = this.#header.length;
    const bodyEnd = headerBytes + this.#bodyBytes;
    const fileEnd = Math.max(bodyEnd, ...this.#tail.map(({ at, data }) => at + data.length));
    const rest = new Uint8Array(fileEnd - bodyEnd);
    for (const { at, data } of this.#tail) {
      overlay(this.#header, 0, at, data);
      overlay(rest, bodyEnd, at, data);
    }
    if (rest.length > 0) this.#give(rest, []);
    const bytes = this.#container === 'mp4' ? setMp4Duration(this.#header, this.untilUs) : this.#header;
    return { sequence: 0, bytes, frames: 0, fromUs: 0, untilUs: 0 };
  }

  #give(bytes: Uint8Array<ArrayBuffer>, pictures: readonly { readonly fromUs: Microseconds; readonly untilUs: Microseconds }[]): void {
    const untilUs = pictures.reduce((latest, picture) => Math.max(latest, picture.untilUs), pictures.length === 0 ? this.untilUs : 0);
    const fromUs = pictures[0]?.fromUs ?? untilUs;
    this.untilUs = Math.max(this.untilUs, untilUs);
    this.#onPiece({ sequence: this.#sequence, bytes, frames: pictures.length, fromUs: this.#sequence === 0 ? 0 : fromUs, untilUs: this.#sequence === 0 ? 0 : untilUs });
    this.#sequence += 1;
  }
}

/** Copies the part of `data`, which stands at `at` of the file, that falls into `target`, which stands at `targetAt`. */
function overlay(target: Uint8Array, targetAt: number, at: number, data: Uint8Array): void {
  const from = Math.max(targetAt, at);
  const to = Math.min(targetAt + target.length, at + data.length);
  if (from < to) target.set(data.subarray(from - at, to - at), from - targetAt);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
