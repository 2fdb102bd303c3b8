import { expect, test } from 'vitest';
import type { IntakePull } from '../core/protocol.ts';
import { createRecordingKey } from '../core/recording.ts';
import type { PieceMessage } from '../core/recording-protocol.ts';
import { RecordingWorker } from './recording-worker.ts';

const SIZE = { width: 160, height: 90 };
const FRAMES = 30;
/** Frames after which the encoder is behind for good. */
const TAKEN = 10;

test('frames that the encoder had no time for are counted, and only those that are in the file are told of', async () => {
  const Real = globalThis.VideoEncoder;
  let encoded = 0;
  globalThis.VideoEncoder = class extends Real {
    override get encodeQueueSize(): number {
      return encoded >= TAKEN ? 99 : 0;
    }
    override encode(...args: Parameters<VideoEncoder['encode']>): void {
      encoded += 1;
      super.encode(...args);
    }
  };
  const worker = new RecordingWorker();
  const frames = new MessageChannel();
  const pieces = new MessageChannel();
  const told: PieceMessage[] = [];
  pieces.port1.onmessage = ({ data }: MessageEvent<PieceMessage>) => {
    told.push(data);
    if (data.kind === 'piece') pieces.port1.postMessage({ kind: 'kept', sequence: data.piece.sequence });
  };
  let sent = 0;
  const allSent = new Promise<void>((resolve) => {
    frames.port1.onmessage = (_pull: MessageEvent<IntakePull>) => {
      if (sent === FRAMES) {
        resolve();
        return;
      }
      const canvas = new OffscreenCanvas(SIZE.width, SIZE.height);
      canvas.getContext('2d')!.fillRect(0, 0, sent, sent);
      const frame = new VideoFrame(canvas, { timestamp: sent * 33_000 });
      sent += 1;
      frames.port1.postMessage({ kind: 'frame', frame }, [frame]);
    };
  });
  try {
    const settings = { recordingId: 'r', key: await createRecordingKey(), containers: ['webm'], ...SIZE, bitrate: null, soundKey: null } as const;
    expect(await worker.record(settings, { kind: 'port', port: frames.port2 }, pieces.port2, null)).toMatchObject({ ok: true });
    await allSent;
    expect(await worker.finish()).toMatchObject({ ok: true, value: { framesDropped: FRAMES - TAKEN, summary: { frames: TAKEN, ...SIZE } } });
    expect(told.filter(({ kind }) => kind === 'frame')).toHaveLength(TAKEN);
    expect(told).toContainEqual({ kind: 'frame', sourceUs: 33_000, timeUs: 33_000, size: SIZE });
  } finally {
    globalThis.VideoEncoder = Real;
    await worker.stop();
    for (const port of [frames.port1, pieces.port1]) port.close();
  }
});
