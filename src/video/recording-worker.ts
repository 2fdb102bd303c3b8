import { expose } from 'comlink';
import { MP4, WEBM } from 'mediabunny';
import { isPolicyEnforced, sealEgress } from '../assets/egress-seal.ts';
import { asFacePrivacyError, FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { Reply } from '../core/protocol.ts';
import { sealPiece, type MediaFormat } from '../core/recording.ts';
import type { RecordingEnd, RecordingSettings, RecordingWorkerApi, RecordingWorkerEvent } from '../core/recording-protocol.ts';
import { answer } from '../threads/answer.ts';
import { openReader, type FrameReader } from './frame-ports.ts';
import { chooseEncoder } from './recording/encoder-choice.ts';
import { createMediaMuxer } from './recording/media-muxer.ts';
import { mediaFault, openMedia, picturesOf } from './recording/media-reader.ts';
import { PieceOutbox } from './recording/piece-outbox.ts';
import { RecordingClock } from './recording/recording-clock.ts';
import { RedactedMediaWriter } from './recording/redacted-media-writer.ts';
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

  record(...[settings, intake, port]: Parameters<RecordingWorkerApi['record']>): Promise<Reply<MediaFormat>> {
    return answer('ERR_ENCODER_FAILED', async () => {
      if (this.#running !== null) throw new FacePrivacyError('ERR_WORKER_START', 'record() was called twice.');
      const reader = openReader(intake);
      const outbox = new PieceOutbox(port, settings.recordingId, settings.key);
      try {
        const choice = await chooseEncoder({ ...settings, latencyMode: 'realtime' });
        const fail = (error: FacePrivacyError): void => { this.#tell({ kind: 'error', data: toErrorReport(error, error.code) }); };
        const writer = await RedactedMediaWriter.open(choice, { onPiece: (piece) => { outbox.put(piece); }, onFailure: fail });
        outbox.onRefused = fail;
        const running: Running = { settings, reader, outbox, writer, framesDropped: 0, read: Promise.resolve() };
        running.read = this.#run(running);
        this.#running = running;
        const { container, codec, mimeType } = choice;
        return { container, codec, mimeType };
      } catch (error) {
        await reader.cancel();
        outbox.close();
        throw error;
      }
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
      const outbox = new PieceOutbox(port, settings.recordingId, settings.key);
      const opened = await openMedia(media, [WEBM, MP4]);
      try {
        const { decoderConfig, track } = opened;
        const codec = await track.getCodec();
        const container = settings.containers[0];
        if (decoderConfig === null || codec === null || codec === 'hevc' || codec === 'prores' || container === undefined) throw mediaFault('unknown-codec');
        const muxer = await createMediaMuxer({ container, codec, onPiece: (piece) => { outbox.put(piece); } });
        for await (const picture of picturesOf(opened)) await muxer.add(picture);
        const { header, frames, durationUs } = await muxer.finish();
        await outbox.settled();
        const { codec: name, codedWidth: width = 0, codedHeight: height = 0 } = decoderConfig;
        const summary = { container, codec, mimeType: `video/${container}; codecs="${name}"`, frames, durationUs, width, height };
        return { summary, framesDropped: 0, header: header === null ? null : await sealPiece(header, settings.recordingId, settings.key) };
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
    const { reader, outbox, writer } = running;
    const clock = new RecordingClock();
    try {
      for (let frame = await reader.read(); frame !== null; frame = await reader.read()) {
        if (writer.waiting > MOST_WAITING || outbox.unkept > MOST_UNKEPT) {
          frame.close();
          running.framesDropped += 1;
          continue;
        }
        const sourceUs = frame.timestamp;
        const timeUs = clock.at(sourceUs, performance.now());
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
    const { settings, reader, outbox, writer } = running;
    await reader.cancel();
    await running.read;
    const { summary, header } = await writer.finish();
    await outbox.settled();
    return { summary, framesDropped: running.framesDropped, header: header === null ? null : await sealPiece(header, settings.recordingId, settings.key) };
  }

  #tell(event: RecordingWorkerEvent): void {
    this.#events?.postMessage(event);
  }
}

/** Exposes the worker's control plane; the one thing a worker entry does. */
export function exposeRecordingWorker(): void {
  const worker = new RecordingWorker();
  // A listed surface: Comlink would expose every property of the class.
  const api: RecordingWorkerApi = {
    load: (events) => worker.load(events),
    record: (...args) => worker.record(...args),
    finish: () => worker.finish(),
    rewrite: (...args) => worker.rewrite(...args),
    stop: () => worker.stop(),
  };
  expose(api);
}
