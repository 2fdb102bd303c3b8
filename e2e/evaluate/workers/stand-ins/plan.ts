/** Stands in for the module of this name: the real plan, noted; when told to, it covers no more than the detector's box. */
import { intersect } from '../../../../src/core/geometry.ts';
import { planRedaction as planReal } from '../../../../src/video/redaction/plan.ts';
import { worsening } from '../orders.ts';
import { notePlan } from '../planned.ts';

export * from '../../../../src/video/redaction/plan.ts';

export const planRedaction: typeof planReal = (input) => {
  const real = planReal(input);
  const plan = worsening === 'no-margin' && real.kind === 'regions' ? { ...real, regions: bare(real.regions, input) } : real;
  notePlan(plan);
  return plan;
};

type Regions = Extract<ReturnType<typeof planReal>, { readonly kind: 'regions' }>['regions'];

function bare(regions: Regions, { tracks }: Parameters<typeof planReal>[0]): Regions {
  const boxes = new Map<number | null, (typeof tracks)[number]['box']>(tracks.map(({ trackId, box }) => [trackId, box]));
  return regions
    .map((region) => ({ ...region, box: intersect(region.box, boxes.get(region.trackId) ?? region.box) }))
    .filter(({ box }) => box.width > 0 && box.height > 0);
}
