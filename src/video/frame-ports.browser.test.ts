import { expect, it } from 'vitest';
import type { IntakeMessage, OutletMessage, OutletShown } from '../core/protocol.ts';
import type { RedactedFrame } from '../core/redacted.ts';
import { openReader, openWriter } from './frame-ports.ts';

const newFrame = (timestamp = 0): VideoFrame => new VideoFrame(new Uint8Array(6), { format: 'I420', codedWidth: 2, codedHeight: 2, timestamp });
const isClosed = (frame: VideoFrame): boolean => frame.codedWidth === 0;
/** The compositor is not under test: any frame stands for a redacted one here. */
const asRedacted = (frame: VideoFrame): RedactedFrame => frame as unknown as RedactedFrame;
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

it('a port reader asks for one frame at a time and ends with the source', async () => {
  const { port1, port2 } = new MessageChannel();
  const asked: unknown[] = [];
  port1.onmessage = ({ data }) => {
    asked.push(data);
    if (asked.length === 1) {
      const frame = newFrame(7);
      port1.postMessage({ kind: 'frame', frame } satisfies IntakeMessage, [frame]);
    } else port1.postMessage({ kind: 'end' } satisfies IntakeMessage);
  };
  const reader = openReader({ kind: 'port', port: port2 });
  const frame = await reader.read();
  expect(frame?.timestamp).toBe(7);
  frame?.close();
  expect(await reader.read()).toBeNull();
  expect(await reader.read()).toBeNull();
  expect(asked).toEqual([{ kind: 'pull' }, { kind: 'pull' }]);
});

it('a cancelled port reader answers null and closes the frame that was on its way', async () => {
  const { port1, port2 } = new MessageChannel();
  const reader = openReader({ kind: 'port', port: port2 });
  const pending = reader.read();
  await reader.cancel();
  expect(await pending).toBeNull();
  let closed = 0;
  const close = VideoFrame.prototype.close;
  VideoFrame.prototype.close = function (this: VideoFrame) {
    closed += 1;
    close.call(this);
  };
  const late = newFrame();
  port1.postMessage({ kind: 'frame', frame: late } satisfies IntakeMessage, [late]);
  await nextTurn();
  VideoFrame.prototype.close = close;
  expect(closed).toBe(1);
});

it('a stream reader hands on frames and the end', async () => {
  const frame = newFrame(3);
  const reader = openReader({
    kind: 'stream',
    readable: new ReadableStream<VideoFrame>({
      start(controller) {
        controller.enqueue(frame);
        controller.close();
      },
    }),
  });
  expect((await reader.read())?.timestamp).toBe(3);
  expect(await reader.read()).toBeNull();
  frame.close();
});

it('a stream writer closes a frame that the other side refuses, and says that it is gone', async () => {
  const written: number[] = [];
  const writer = openWriter({
    kind: 'stream',
    writable: new WritableStream<VideoFrame>({
      write(frame) {
        if (written.push(frame.timestamp) === 2) throw new Error('the track was stopped');
      },
    }),
  });
  const [first, second, third] = [newFrame(1), newFrame(2), newFrame(3)];
  expect(await writer.write(asRedacted(first))).toBe(true);
  expect(await writer.write(asRedacted(second))).toBe(false);
  expect(await writer.write(asRedacted(third))).toBe(false);
  expect(writer.gone).toBe(true);
  expect([first, second, third].every(isClosed)).toBe(true);
  await writer.close();
});

it('a port writer keeps two frames on the way at most and drops the rest, until one was shown', async () => {
  const { port1, port2 } = new MessageChannel();
  const got: VideoFrame[] = [];
  port1.onmessage = ({ data }: MessageEvent<OutletMessage>) => got.push(data.frame);
  const writer = openWriter({ kind: 'port', port: port2 });
  const dropped = newFrame(3);
  expect(await writer.write(asRedacted(newFrame(1)))).toBe(true);
  expect(await writer.write(asRedacted(newFrame(2)))).toBe(true);
  expect(await writer.write(asRedacted(dropped))).toBe(false);
  expect(isClosed(dropped)).toBe(true);
  await nextTurn();
  port1.postMessage({ kind: 'shown' } satisfies OutletShown);
  await nextTurn();
  expect(await writer.write(asRedacted(newFrame(4)))).toBe(true);
  await nextTurn();
  expect(got.map((frame) => frame.timestamp)).toEqual([1, 2, 4]);
  for (const frame of got) frame.close();
  await writer.close();
});
