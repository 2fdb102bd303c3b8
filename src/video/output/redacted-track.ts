import type { FrameOutlet, OutletMessage, OutletShown } from '../../core/protocol.ts';
import type { RedactedTrack } from '../../core/redacted-track.ts';

const minted = new WeakSet<MediaStreamTrack>();

/** True for the tracks made here, and for nothing that only looks like one; a clone is none. */
export function isRedactedTrack(track: MediaStreamTrack): track is RedactedTrack {
  return minted.has(track);
}

/** The end of the line: a track that shows what the worker writes, and nothing else. */
export interface TrackOutlet {
  readonly track: RedactedTrack;
  /** To be transferred to the worker, once. */
  readonly outlet: FrameOutlet;
  /** Called when the holder of the track has stopped it; where the worker notices by itself, never. */
  onStopped: (() => void) | null;
  /** Ends the track. Idempotent. */
  close(): void;
}

/** Makes the output for an adapter: a track generator, or a canvas that shows redacted frames and is captured. */
export function createTrackOutlet(adapter: 'stream' | 'element'): TrackOutlet {
  const outlet = adapter === 'stream' ? generatorOutlet() : canvasOutlet();
  minted.add(outlet.track);
  return outlet;
}

function generatorOutlet(): TrackOutlet {
  const generator: MediaStreamVideoTrackGenerator = new MediaStreamTrackGenerator({ kind: 'video' });
  return {
    track: generator as MediaStreamTrack as RedactedTrack,
    outlet: { kind: 'stream', writable: generator.writable },
    onStopped: null,
    close() {
      generator.stop();
    },
  };
}

function canvasOutlet(): TrackOutlet {
  const canvas = document.createElement('canvas');
  // A track of an untouched canvas has no size and never starts; black until the first redacted frame.
  canvas.width = 2;
  canvas.height = 2;
  const context = canvas.getContext('2d', { alpha: false, desynchronized: true });
  const track = canvas.captureStream().getVideoTracks()[0];
  if (context === null || track === undefined) throw new DOMException('Canvas capture gave no track.', 'NotSupportedError');
  const { port1: port, port2 } = new MessageChannel();
  const made: TrackOutlet = {
    track: track as RedactedTrack,
    outlet: { kind: 'port', port: port2 },
    onStopped: null,
    close() {
      port.close();
      track.stop();
    },
  };
  port.onmessage = ({ data }: MessageEvent<OutletMessage>) => {
    const { frame } = data;
    try {
      if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) {
        canvas.width = frame.displayWidth;
        canvas.height = frame.displayHeight;
      }
      context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    } finally {
      frame.close();
      port.postMessage({ kind: 'shown' } satisfies OutletShown);
    }
    if (track.readyState === 'ended') made.onStopped?.();
  };
  return made;
}
