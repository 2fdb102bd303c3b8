/** Stands in for the module of this name while an evaluated worker is built: the real plan, that covers no more than the detector's box when told to. */
import { intersect } from '../../../src/core/geometry.ts';
import { planRedaction as planReal } from '../../../src/video/redaction/plan.ts';
import { worsening } from './orders.ts';

export * from '../../../src/video/redaction/plan.ts';

export const planRedaction: typeof planReal = (input) => {
  const plan = planReal(input);
  if (worsening !== 'no-margin' || plan.kind === 'whole') return plan;
  const boxes = new Map(input.tracks.map(({ trackId, box }) => [trackId, box]));
  const regions = plan.regions.map((region) => ({ ...region, box: intersect(region.box, boxes.get(region.trackId) ?? region.box) }));
  return { ...plan, regions: regions.filter(({ box }) => box.width > 0 && box.height > 0) };
};
