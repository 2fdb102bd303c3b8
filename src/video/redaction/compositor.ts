import type { FrameView } from '../../core/pixels.ts';
import type { RedactedFrame } from '../../core/redacted.ts';
import type { RedactionPlan, RedactionStyle } from '../../core/redaction.ts';

/**
 * Turns a raw frame and a plan into a redacted frame. Implementations must answer the contract suite in
 * `compositor.contract.ts`.
 */
export interface Compositor {
  readonly kind: 'planar' | 'canvas2d' | 'webgpu';
  /**
   * Takes `view`: whatever is open in it is closed when this settles, also when it throws. The result has the
   * timestamp, duration and display size of the input; its holder closes it.
   * @throws FacePrivacyError ERR_COMPOSITOR_FAILED; no frame exists then.
   */
  compose(view: FrameView, plan: RedactionPlan, style: RedactionStyle): Promise<RedactedFrame>;
  /** Frees surfaces. Idempotent. */
  close(): void;
}
