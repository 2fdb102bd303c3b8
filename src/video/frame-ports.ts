import type { FrameIntake, FrameOutlet, IntakeMessage, IntakePull, OutletMessage } from '../core/protocol.ts';
import type { RedactedFrame } from '../core/redacted.ts';

/** The worker's end of a source. */
export interface FrameReader {
  /** The next raw frame, which the caller then owns, or null at the end. */
  read(): Promise<VideoFrame | null>;
  /** Ends the source; a pending read answers null, frames on the way are closed. Idempotent. */
  cancel(): Promise<void>;
}

/** The worker's end of the output. */
export interface FrameWriter {
  /** Takes the frame. Answers false when it was closed unseen because the receiver is behind or gone. */
  write(frame: RedactedFrame): Promise<boolean>;
  /** True when the receiver will take no frame any more. */
  readonly gone: boolean;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Opens the worker's end of an intake that was transferred to it. */
export function openReader(intake: FrameIntake): FrameReader {
  return intake.kind === 'stream' ? streamReader(intake.readable) : portReader(intake.port);
}

/** Opens the worker's end of an outlet that was transferred to it. */
export function openWriter(outlet: FrameOutlet): FrameWriter {
  return outlet.kind === 'stream' ? streamWriter(outlet.writable) : portWriter(outlet.port);
}

function streamReader(readable: ReadableStream<VideoFrame>): FrameReader {
  const reader = readable.getReader();
  return {
    async read() {
      const result = await reader.read();
      return result.done ? null : result.value;
    },
    cancel: () => reader.cancel(),
  };
}

function portReader(port: MessagePort): FrameReader {
  let deliver: ((frame: VideoFrame | null) => void) | null = null;
  let ended = false;
  const end = (): void => {
    ended = true;
    deliver?.(null);
    deliver = null;
  };
  port.onmessage = ({ data }: MessageEvent<IntakeMessage>) => {
    if (data.kind === 'end') {
      end();
      port.close();
    } else if (deliver === null) {
      data.frame.close(); // Nobody waits any more: it was on its way when the source was cancelled.
    } else {
      deliver(data.frame);
      deliver = null;
    }
  };
  return {
    read: () =>
      ended
        ? Promise.resolve(null)
        : new Promise((resolve) => {
            deliver = resolve;
            port.postMessage({ kind: 'pull' } satisfies IntakePull);
          }),
    cancel() {
      // The port stays open until the other side says 'end', so that a frame on its way is received and closed.
      end();
      return Promise.resolve();
    },
  };
}

function streamWriter(writable: WritableStream<VideoFrame>): FrameWriter {
  const writer = writable.getWriter();
  let gone = false;
  writer.closed.catch(() => {
    gone = true; // The track was stopped by its holder: nobody looks, which is no fault.
  });
  return {
    get gone() {
      return gone;
    },
    async write(frame) {
      try {
        if (gone) return false;
        await writer.ready;
        await writer.write(frame);
        return true;
      } catch {
        gone = true;
        return false;
      } finally {
        frame.close(); // A written frame was closed by the sink already; closing again is harmless.
      }
    },
    async close() {
      if (gone) return;
      gone = true;
      await writer.close().catch(() => undefined); // The receiver may have gone first.
    },
  };
}

/** At most this many frames are on their way to a canvas; a busy main thread then misses pictures instead of piling them up. */
const IN_FLIGHT = 2;

function portWriter(port: MessagePort): FrameWriter {
  let inFlight = 0;
  let closed = false;
  port.onmessage = () => {
    inFlight -= 1;
  };
  return {
    get gone() {
      return closed;
    },
    write(frame) {
      if (closed || inFlight >= IN_FLIGHT) {
        frame.close();
        return Promise.resolve(false);
      }
      inFlight += 1;
      port.postMessage({ kind: 'redacted', frame } satisfies OutletMessage, [frame]);
      return Promise.resolve(true);
    },
    close() {
      closed = true;
      port.close();
      return Promise.resolve();
    },
  };
}
