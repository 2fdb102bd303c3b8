import { expose } from 'comlink';
import { MP4, WEBM } from 'mediabunny';
import { isPolicyEnforced, sealEgress } from '../assets/egress-seal.ts';
import { asFacePrivacyError, FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { Reply } from '../core/protocol.ts';
import { sealPiece, type MediaPiece } from '../core/recording.ts';
import type { RecordingEnd, RecordingFormat, RecordingSettings, RecordingWorkerApi, RecordingWorkerEvent } from '../core/recording-protocol.ts';
import { answer } from '../threads/answer.ts';
import { openReader, type FrameReader } from './frame-ports.ts';
import { chooseEncoder } from './recording/encoder-choice.ts';
import { createMediaMuxer } from './recording/media-muxer.ts';
import { copiedSoundOf, mediaFault, openMedia, picturesOf } from './recording/media-reader.ts';
import { PieceOutbox } from './recording/piece-outbox.ts';
import { RecordingClock } from './recording/recording-clock.ts';
import { RedactedMediaWriter } from './recording/redacted-media-writer.ts';
import type { SoundChoice } from './recording/sound-choice.ts';
import { SoundRecorder } from './recording/sound-recorder.ts';
import { frameOfRedactedTrack } from './redaction/mint-redacted-frame.ts';

const HEARTBEAT_MS = 500;
/** More would be seconds of delay; a frame that comes then is dropped. */
const MOST_WAITING = 8;
/** Pieces on their way to storage; a disk that is slower than that loses frames, not memory. */
const MOST_UNKEPT = 4;

/** A recording that runs. */
interface Running {
  readonly settings: RecordingSettings;
  readonly reader: FrameReader;
  readonly outbox: PieceOutbox;
  readonly writer: RedactedMediaWriter;
  readonly sound: { readonly recorder: SoundRecorder; readonly choice: SoundChoice } | null;
  read: Promise<void>;
  framesDropped: number;
}

/** The recording worker: takes frames of a redacted track, encodes them, and hands out encrypted pieces of a file. */
export class RecordingWorker implements RecordingWorkerApi {
  #events: MessagePort | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #running: Running | null = null;
  #finishing: Promise<RecordingEnd> | null = null;

  load(events: MessagePort): ReturnType<RecordingWorkerApi['load']> {
    return answer('ERR_WORKER_START', async () => {
      if (this.#events !== null) throw new FacePrivacyError('ERR_WORKER_START', 'load() was called twice.');
      this.#events = events;
      this.#heartbeat = setInterval(() => { this.#tell({ kind: 'heartbeat' }); }, HEARTBEAT_MS);
      this.#tell({ kind: 'heartbeat' });
      // Before the seal listens for violations, of which this is a wanted one.
      const cspEnforced = await isPolicyEnforced();
      sealEgress((incident) => { this.#tell({ kind: 'incident', data: toErrorReport(incident, 'ERR_EGRESS_BLOCKED') }); });
      return { cspEnforced };
    });
  }

  record(...[settings, intake, port, stream]: Parameters<RecordingWorkerApi['record']>): Promise<Reply<RecordingFormat>> {
    return answer('ERR_ENCODER_FAILED', async () => {
      if (this.#running !== null) throw new FacePrivacyError('ERR_WORKER_START', 'record() was called twice.');
      const reader = openReader(intake);
      const outbox = new PieceOutbox(port, settings);
      try {
        const choice = await chooseEncoder({ ...settings, latencyMode: 'realtime' });
        const soundChoice = stream === null ? null : await SoundRecorder.choose(choice.container);
        const fail = (error: FacePrivacyError): void => { this.#tell({ kind: 'error', data: toErrorReport(error, error.code) }); };
        const writer = await RedactedMediaWriter.open(choice, { onPiece: (piece) => { outbox.put(piece); }, onFailure: fail }, soundChoice === null ? null : { codec: soundChoice.codec, apart: true });
        outbox.onRefused = fail;
        const sound = stream === null || soundChoice === null ? null : { choice: soundChoice, recorder: this.#hear(stream, soundChoice, writer) };
        outbox.onSoundTaking = (taking) => { sound?.recorder.take(taking); };
        const running: Running = { settings, reader, outbox, writer, sound, framesDropped: 0, read: Promise.resolve() };
        running.read = this.#run(running);
        this.#running = running;
        const { container, codec, mimeType } = choice;
        return { container, codec, mimeType, sound: soundChoice?.codec ?? null };
      } catch (error) {
        await stream?.cancel();
        await reader.cancel();
        outbox.close();
        throw error;
      }
    });
  }

  endSound(): Promise<Reply<void>> {
    return answer('ERR_WORKER_LOST', async () => {
      await this.#running?.sound?.recorder.end();
    });
  }

  finish(): Promise<Reply<RecordingEnd>> {
    return answer('ERR_ENCODER_FAILED', () => {
      if (this.#running === null) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'Nothing is being recorded.');
      return (this.#finishing ??= this.#finish(this.#running));
    });
  }

  rewrite(...[settings, media, port]: Parameters<RecordingWorkerApi['rewrite']>): Promise<Reply<RecordingEnd>> {
    return answer('ERR_MEDIA_INVALID', async () => {
      const outbox = new PieceOutbox(port, settings);
      const opened = await openMedia(media, [WEBM, MP4]);
      try {
        const { decoderConfig, track } = opened;
        const heard = settings.soundKey === null ? null : await copiedSoundOf(opened, ['opus', 'aac']);
        const codec = await track.getCodec();
        const container = settings.containers[0];
        if (decoderConfig === null || codec === null || codec === 'hevc' || codec === 'prores' || container === undefined) throw mediaFault('unknown-codec');
        const muxer = await createMediaMuxer({ container, codec, sound: heard === null ? null : { codec: heard.codec, apart: true }, onPiece: (piece) => { outbox.put(piece); } });
        for await (const picture of picturesOf(opened)) {
          // Sound first: pictures wait for it.
          await heard?.passUntil(picture.timeUs, muxer);
          await muxer.add(picture);
        }
        await heard?.passUntil(Infinity, muxer);
        const { header, frames, hasSound, durationUs } = await muxer.finish();
        await outbox.settled();
        const { codec: name, codedWidth: width = 0, codedHeight: height = 0 } = decoderConfig;
        const summary = { container, codec, mimeType: `video/${container}; codecs="${name}"`, frames, durationUs, width, height };
        return { summary, sound: hasSound ? (heard?.codec ?? null) : null, framesDropped: 0, header: await sealed(header, settings) };
      } finally {
        opened.input.dispose();
      }
    });
  }

  stop(): ReturnType<RecordingWorkerApi['stop']> {
    return answer('ERR_WORKER_LOST', async () => {
      clearInterval(this.#heartbeat);
      const running = this.#running;
      if (running !== null) {
        await running.sound?.recorder.end();
        await running.reader.cancel();
        await running.read;
        running.writer.close();
        running.outbox.close();
      }
      return { openFrames: 0 };
    });
  }

  /** Never rejects. */
  async #run(running: Running): Promise<void> {
    const { reader, outbox, writer, sound } = running;
    const clock = new RecordingClock();
    try {
      for (let frame = await reader.read(); frame !== null; frame = await reader.read()) {
        if (writer.waiting > MOST_WAITING || outbox.unkept > MOST_UNKEPT) {
          frame.close();
          running.framesDropped += 1;
          continue;
        }
        const sourceUs = frame.timestamp;
        const wallMs = performance.now();
        const timeUs = clock.at(sourceUs, wallMs);
        sound?.recorder.picture(timeUs, wallMs);
        writer.write(frameOfRedactedTrack(frame), timeUs);
        if (writer.size !== null) outbox.tell(sourceUs, timeUs, writer.size);
      }
    } catch (error) {
      const failure = asFacePrivacyError(error, 'ERR_SOURCE_ENDED');
      this.#tell({ kind: 'error', data: toErrorReport(failure, failure.code) });
    }
    this.#tell({ kind: 'ended' });
  }

  async #finish(running: Running): Promise<RecordingEnd> {
    const { settings, reader, outbox, writer, sound } = running;
    await reader.cancel();
    await running.read;
    await sound?.recorder.finish();
    const { summary, hasSound, header } = await writer.finish();
    await outbox.settled();
    return { summary, sound: hasSound ? (sound?.choice.codec ?? null) : null, framesDropped: running.framesDropped, header: await sealed(header, settings) };
  }

  #hear(stream: ReadableStream<AudioData>, choice: SoundChoice, writer: RedactedMediaWriter): SoundRecorder {
    return new SoundRecorder(stream, choice, writer, (end) => { this.#tell({ kind: 'sound-ended', data: end === null ? null : toErrorReport(end, end.code) }); });
  }

  #tell(event: RecordingWorkerEvent): void {
    this.#events?.postMessage(event);
  }
}

async function sealed(header: MediaPiece | null, { recordingId, key, soundKey }: RecordingSettings): Promise<RecordingEnd['header']> {
  return header === null ? null : sealPiece(header, recordingId, key, soundKey);
}

/** Exposes the worker's control plane; the one thing a worker entry does. */
export function exposeRecordingWorker(): void {
  const worker = new RecordingWorker();
  // A listed surface: Comlink would expose every property of the class.
  const api: RecordingWorkerApi = {
    load: (events) => worker.load(events),
    record: (...args) => worker.record(...args),
    endSound: () => worker.endSound(),
    finish: () => worker.finish(),
    rewrite: (...args) => worker.rewrite(...args),
    stop: () => worker.stop(),
  };
  expose(api);
}
