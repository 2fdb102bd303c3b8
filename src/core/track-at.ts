import type { Box } from './geometry.ts';
import type { FacesReport } from './protocol.ts';

/**
 * The face under a tap on the redacted picture, for `features.claim(session, { trackId })`: the id of the track in whose covered
 * region the point lies; where regions overlap, of the one whose middle is nearest in its own sizes. Null where there is none,
 * and while the whole picture is covered.
 * @param faces the latest `faces` event of the session.
 * @param x display pixels of the picture (`faces.width`), not of the element that shows it; y likewise.
 */
export function trackAt(faces: Pick<FacesReport, 'faces' | 'whole'>, x: number, y: number): number | null {
  if (faces.whole !== null) return null;
  const offCentre = ({ x: left, y: top, width, height }: Box): number =>
    Math.max(Math.abs(x - left - width / 2) / (width / 2), Math.abs(y - top - height / 2) / (height / 2));
  let best: { readonly trackId: number; readonly off: number } | null = null;
  for (const { trackId, box } of faces.faces) {
    const off = offCentre(box);
    if (off <= 1 && (best === null || off < best.off)) best = { trackId, off };
  }
  return best?.trackId ?? null;
}
