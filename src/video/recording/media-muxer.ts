import { EncodedAudioPacketSource, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output, StreamTarget, WebMOutputFormat, type AudioCodec, type StreamTargetChunk } from 'mediabunny';
import type { MediaPiece, RecordingCodec, RecordingContainer } from '../../core/recording.ts';
import type { Microseconds } from '../../core/time.ts';
import { openEndedMp4Header, setMp4Duration } from './mp4-header.ts';
import { splitPiece, type SplitPiece } from './split-sound.ts';
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

/** An encoded stretch of sound with its times. */
export interface EncodedSound {
  readonly data: Uint8Array;
  readonly timeUs: Microseconds;
  readonly durationUs: Microseconds;
  /** From the encoder, with the first one. */
  readonly decoderConfig?: AudioDecoderConfig;
}

/** What is known of a media file when it is complete. */
export interface MuxedMedia {
  readonly frames: number;
  readonly hasSound: boolean;
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
  /** Left out or null: the file has no track of sound. `apart`: its pieces are those of the same file without sound, with what they lack beside them. */
  readonly sound?: { readonly codec: AudioCodec; readonly apart: boolean } | null;
  /** **Takes** each piece, in the order of the file. */
  onPiece(piece: MediaPiece): void;
}

/** Encoded pictures in, pieces of a file out; each begins with a key frame and can be kept when it comes. */
export interface MediaMuxer {
  /** @throws Error when the container cannot hold it. */
  add(picture: EncodedPicture): Promise<void>;
  /** In order of time. It goes into the file as the pictures come to its time; what is heard after the last of them does not. */
  addSound(sound: EncodedSound): void;
  /** No more sound comes: pictures do not wait for it. What waits for its picture is dropped where `drop` says so. */
  endSound(drop: boolean): void;
  /** Gives out the last pieces, index included. Idempotent. */
  finish(): Promise<MuxedMedia>;
}

/**
 * Makes a WebM or MP4 file that grows by whole pieces and can be played when it ends after any of them: WebM clusters, MP4 fragments
 * (ISO/IEC 14496-12, 8.8). Only the header is written anew at the end, then with the duration and (WebM) where the index is, so that the
 * file can be sought.
 */
export async function createMediaMuxer({ container, codec, rotation = 0, sound = null, ...listener }: MediaMuxerOptions): Promise<MediaMuxer> {
  const file = new GrowingFile(container, sound?.apart === true, (piece) => { listener.onPiece(piece); });
  const output = new Output({
    format: container === 'webm' ? webmFormat(file) : mp4Format(file),
    target: new StreamTarget(new WritableStream<StreamTargetChunk>({ write: (chunk) => { file.written(chunk); } })),
  });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source, { rotation });
  const soundSource = sound === null ? null : new EncodedAudioPacketSource(sound.codec);
  if (soundSource !== null) output.addAudioTrack(soundSource);
  await output.start();
  const soundWaiting: EncodedSound[] = [];
  let soundOver = soundSource === null;
  let hasSound = false;
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
  const passSound = async (untilUs: Microseconds): Promise<void> => {
    if (soundSource === null) return;
    for (let next = soundWaiting[0]; next !== undefined && next.timeUs < untilUs; next = soundWaiting[0]) {
      soundWaiting.shift();
      hasSound = true;
      const { data, timeUs, durationUs, decoderConfig } = next;
      await soundSource.add(new EncodedPacket(data, 'key', timeUs / 1e6, durationUs / 1e6), decoderConfig === undefined ? undefined : { decoderConfig });
    }
    // Nothing is added after that: idempotent.
    if (soundOver && soundWaiting.length === 0) soundSource.close();
  };
  const pass = async (next: EncodedPicture | null): Promise<void> => {
    if (next !== null) await passSound(next.timeUs);
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
    addSound(next) {
      if (!soundOver) soundWaiting.push(next);
    },
    endSound(drop) {
      soundOver = true;
      if (drop) soundWaiting.length = 0;
    },
    finish() {
      finished ??= (async () => {
        await pass(null);
        if (frames > 0) await passSound(file.endUs);
        if (frames === 0) {
          await output.cancel();
          return { frames: 0, hasSound: false, durationUs: 0, header: null };
        }
        file.closing = true;
        await output.finalize();
        return { frames, hasSound, durationUs: file.untilUs, header: file.end() };
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
  readonly #soundApart: boolean;
  readonly #onPiece: (piece: MediaPiece) => void;
  /** The header as the muxer wants it in the end. */
  #header = new Uint8Array(0);
  #bodyBytes = 0;
  #sequence = 0;
  #pictures: { readonly fromUs: Microseconds; readonly untilUs: Microseconds }[] = [];
  readonly #tail: { readonly at: number; readonly data: Uint8Array }[] = [];

  constructor(container: RecordingContainer, soundApart: boolean, onPiece: (piece: MediaPiece) => void) {
    this.#container = container;
    this.#soundApart = soundApart;
    this.#onPiece = onPiece;
  }

  /** When the latest picture ends that was written. */
  get endUs(): Microseconds {
    return this.#pictures.at(-1)?.untilUs ?? this.untilUs;
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
      this.#give(bytes);
    }
    const bytes = joined(parts);
    this.#bodyBytes += bytes.length;
    this.#give(bytes);
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
    if (rest.length > 0) this.#give(rest);
    const bytes = this.#container === 'mp4' ? setMp4Duration(this.#header, this.untilUs) : this.#header;
    const { patch } = this.#split(bytes);
    return { sequence: 0, bytes, frames: 0, fromUs: 0, untilUs: 0, ...(patch === null ? {} : { sound: patch }) };
  }

  #split(bytes: Uint8Array): SplitPiece {
    return splitPiece(this.#container, bytes, this.#soundApart);
  }

  #give(bytes: Uint8Array<ArrayBuffer>): void {
    const split = this.#split(bytes);
    const pictures = this.#pictures.splice(0, split.pictures);
    const untilUs = pictures.reduce((latest, picture) => Math.max(latest, picture.untilUs), pictures.length === 0 ? this.untilUs : 0);
    const fromUs = pictures[0]?.fromUs ?? untilUs;
    this.untilUs = Math.max(this.untilUs, untilUs);
    this.#onPiece({ sequence: this.#sequence, bytes, frames: pictures.length, fromUs: this.#sequence === 0 ? 0 : fromUs, untilUs: this.#sequence === 0 ? 0 : untilUs, ...(split.patch === null ? {} : { sound: split.patch }) });
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
