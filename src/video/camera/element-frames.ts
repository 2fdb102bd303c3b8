import type { IntakeMessage } from '../../core/protocol.ts';

/** The main thread's end of a video element's frames. */
export interface FramePump {
  /** To be transferred to the worker, which asks on it for one frame at a time. */
  readonly port: MessagePort;
  /** Called once when no frame can be made of the element. */
  onError: ((cause: unknown) => void) | null;
  /** Idempotent. */
  close(): void;
}

/**
 * Passes on frame handles of a playing video element. The worker asks for a frame; at the element's next new picture
 * one `VideoFrame` is made and handed over in the same turn. The main thread never looks into it, keeps none, and makes
 * none that nobody asked for. In a hidden page browsers stop presenting pictures, so no frame is made.
 */
export function pullFrames(element: HTMLVideoElement): FramePump {
  const { port1: port, port2 } = new MessageChannel();
  let wanted = false;
  let closed = false;
  let callback = 0;
  const pump: FramePump = {
    port: port2,
    onError: null,
    close() {
      if (closed) return;
      closed = true;
      element.cancelVideoFrameCallback(callback);
      port.postMessage({ kind: 'end' } satisfies IntakeMessage);
      // Closing at once could drop the message in some engines; the worker closes its end when it has read it.
      port.onmessage = null;
    },
  };
  const present = (): void => {
    if (closed) return;
    if (wanted && element.videoWidth > 0) {
      wanted = false;
      let frame: VideoFrame | null = null;
      try {
        frame = new VideoFrame(element);
        port.postMessage({ kind: 'frame', frame } satisfies IntakeMessage, [frame]);
      } catch (cause) {
        frame?.close();
        const { onError } = pump;
        pump.close();
        onError?.(cause);
        return;
      }
    }
    callback = element.requestVideoFrameCallback(present);
  };
  port.onmessage = () => {
    wanted = true;
  };
  callback = element.requestVideoFrameCallback(present);
  return pump;
}
