import type { Box } from '../../../src/core/geometry.ts';
import type { RedactionPlan, WholeFrameReason } from '../../../src/core/redaction.ts';

/** A plan as the page is told of it: also regions of which an app hears nothing, where no face is known but one may be. */
export interface Planned {
  readonly whole: WholeFrameReason | null;
  readonly regions: readonly (Box & { readonly trackId: number | null })[];
}

let plans: Planned[] = [];

/** Notes what was decided on a frame. */
export function notePlan(plan: RedactionPlan): void {
  plans.push(plan.kind === 'whole' ? { whole: plan.reason, regions: [] } : { whole: null, regions: plan.regions.map(({ trackId, box }) => ({ trackId, ...box })) });
}

/** The plans since the last call, in order. */
export function takePlans(): Planned[] {
  const taken = plans;
  plans = [];
  return taken;
}
