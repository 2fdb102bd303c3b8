import type { OutletMessage, OutletShown } from '../../core/protocol.ts';
import type { RedactedTrack, TrackOutlet } from '../../core/redacted-track.ts';
import { drawFrame } from '../frame/draw-frame.ts';

/** A canvas that shows redacted frames and is captured, for browsers without a track generator. */
export function canvasOutlet(): TrackOutlet {
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
      drawFrame(context, frame, 0, 0, canvas.width, canvas.height);
    } finally {
      frame.close();
      port.postMessage({ kind: 'shown' } satisfies OutletShown);
    }
    if (track.readyState === 'ended') made.onStopped?.();
  };
  return made;
}
