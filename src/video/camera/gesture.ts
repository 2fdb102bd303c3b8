import { FacePrivacyError } from '../../core/errors.ts';
import type { SceneRules } from '../../governance/consent/scenes.ts';
import type { Initiator } from '../../governance/consent/throttle.ts';

/**
 * Throws unless the person's own act stands behind this start, where the scene asks for one (TAF-5.2a) or the app says
 * that there was one (TAF-5.1d). To be called in the turn in which the app called the library: an act counts for a few
 * seconds only. A browser that cannot tell (`navigator.userActivation`) counts as one without an act.
 * @throws FacePrivacyError ERR_GESTURE_REQUIRED.
 */
export function assertGesture(rules: SceneRules, initiatedBy: Initiator, operation: string): void {
  if (!rules.userGesture && initiatedBy === 'app') return;
  const { userActivation } = navigator as { readonly userActivation?: UserActivation };
  if (userActivation?.isActive === true) return;
  const why = initiatedBy === 'user' ? "initiatedBy is 'user'" : 'the scene of the notice';
  throw new FacePrivacyError('ERR_GESTURE_REQUIRED', `${operation} has to be called from a click, a tap or a key press: ${why} asks for the person's own act.`, {
    details: { operation },
  });
}
