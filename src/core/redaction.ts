import type { Box } from './geometry.ts';

/**
 * How a region is covered.
 * - `frost` (default): looks like a soft blur, computed only from pixels outside every covered region and seeded noise;
 *   holds no information on what it covers.
 * - `solid`: one flat colour; holds no information either.
 * - `blur`, `pixelate`: a handful of noisy samples of the region. They look familiar but leak: who trains on covered
 *   faces tells people apart by the cover alone with AUC 0.74 at strength 0, 0.72 at 0.5 and 0.66 at 1 (chance: 0.5; LFW,
 *   `npm run evaluate -- --only reid`, docs/results.md). Strength 1 leaks least. Not for adversarial reviewers.
 */
export const REDACTION_METHODS = ['frost', 'solid', 'blur', 'pixelate'] as const;

/** One of {@link REDACTION_METHODS}. */
export type RedactionMethod = (typeof REDACTION_METHODS)[number];

/** How regions look. */
export interface RedactionStyle {
  readonly method: RedactionMethod;
  /** 0 to 1: how coarse `blur` and `pixelate` are and how grainy `frost` is. Never makes a cover see-through. */
  readonly strength: number;
}

/** One rectangle to cover, display pixels; the compositor rounds outwards to whole samples of every plane. */
export interface RedactionRegion {
  readonly box: Box;
  /** Null where no face is known but one may be. */
  readonly trackId: number | null;
}

/** Why a whole frame is covered. */
export type WholeFrameReason =
  | 'starting'
  | 'no-detection'
  | 'detection-stale'
  | 'detector-unhealthy'
  | 'changing-fast'
  | 'settling'
  | 'invalid-tracks'
  | 'compositor-failed'
  | 'paused';

/** What `planRedaction` decides for one frame. */
export type RedactionPlan =
  | { readonly kind: 'whole'; readonly reason: WholeFrameReason }
  | { readonly kind: 'regions'; readonly regions: readonly RedactionRegion[] };
