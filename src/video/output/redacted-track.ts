import { later } from '../../core/later.ts';
import type { RedactedTrack, TrackOutlet } from '../../core/redacted-track.ts';

const minted = new WeakSet<MediaStreamTrack>();

/** True for the tracks made here, and for nothing that only looks like one; a clone is none. */
export function isRedactedTrack(track: MediaStreamTrack): track is RedactedTrack {
  return minted.has(track);
}

/** Makes the output for an adapter: a track generator, or a canvas that shows redacted frames and is captured. */
export async function createTrackOutlet(adapter: 'stream' | 'element'): Promise<TrackOutlet> {
  const outlet = adapter === 'stream' ? generatorOutlet() : (await later(import('./canvas-outlet.ts'))).canvasOutlet();
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
