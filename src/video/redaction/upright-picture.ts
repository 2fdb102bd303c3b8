import { FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { type FrameView, planesOf } from '../../core/pixels.ts';
import type { RedactionPlan } from '../../core/redaction.ts';
import { orientationOf, turnedSize } from '../frame/frame-orientation.ts';
import { trustedRegions } from './compositor-input.ts';
import type { PictureShape } from './cover/cover-whole.ts';
import { type StoredRegion, growRect, toStoredRegions } from './cover/stored-regions.ts';

/**
 * How much further than the plan says a compositor covers that draws frames as RGB, in pixels: subsampled chroma is
 * interpolated, so that the colour of a covered pixel reaches up to two chroma samples beyond it.
 */
const BLEED_PX = 4;

const UPRIGHT_RGB = { colour: { matrix: 'bt709', fullRange: true }, orientation: { rotation: 0, flip: false } } as const;

/**
 * The picture as such a compositor draws it: packed RGB, upright, in stored (not display) pixels, so that drawing does
 * not scale. Borrows the view.
 * @throws FacePrivacyError ERR_COMPOSITOR_FAILED for a closed frame.
 */
export function uprightShape(view: FrameView): PictureShape {
  return { ...UPRIGHT_RGB, ...uprightSize(view), format: 'RGBX', display: view.info.display };
}

/** The regions of a plan in that picture, grown by the bleed; null means the whole picture. */
export function uprightRegions(shape: PictureShape, plan: RedactionPlan, seed: number): StoredRegion[] | null {
  const trusted = trustedRegions(plan);
  const regions = trusted && toStoredRegions({ ...shape, planes: planesOf(shape.format, shape).planes }, trusted, seed);
  return regions && regions.map((region) => withBleed(region, shape));
}

function uprightSize(view: FrameView): Size {
  if (view.kind === 'planes') return turnedSize(view.pixels, view.pixels.orientation);
  const rect = view.frame.visibleRect;
  if (!rect || rect.width < 1 || rect.height < 1) {
    throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The frame is closed or has no size; no frame was made.');
  }
  return turnedSize(rect, orientationOf(view.frame));
}

function withBleed({ rect, box, seed }: StoredRegion, picture: Size): StoredRegion {
  return {
    rect: growRect(rect, BLEED_PX, picture),
    box: { x: box.x - BLEED_PX, y: box.y - BLEED_PX, width: box.width + 2 * BLEED_PX, height: box.height + 2 * BLEED_PX },
    seed,
  };
}
