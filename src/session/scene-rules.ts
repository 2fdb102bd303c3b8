import { FacePrivacyError } from '../core/errors.ts';
import type { RedactionMethod } from '../core/redaction.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import type { Initiator } from '../governance/consent/throttle.ts';
import { assertGesture } from '../video/camera/gesture.ts';

/** A start, as the rules of a scene look at it. */
export interface SceneStart {
  readonly initiatedBy: Initiator;
  readonly method: RedactionMethod | undefined;
  readonly operation: string;
}

/**
 * Throws unless the scene of the grant's notice allows to start in this way (TAF-4). To be called in the turn of the call.
 * @throws FacePrivacyError ERR_SCENE_METHOD or ERR_GESTURE_REQUIRED.
 */
export function assertScene(grant: ConsentGrant, { initiatedBy, method, operation }: SceneStart): void {
  assertMethod(grant, method, operation);
  assertGesture(ConsentGrant.context(grant).rules, initiatedBy, operation);
}

/** Throws unless the scene lets this method cover a face (TAF-5.3c). @throws FacePrivacyError ERR_SCENE_METHOD. */
export function assertMethod(grant: ConsentGrant, method: RedactionMethod | undefined, operation: string): void {
  const { methods } = ConsentGrant.context(grant).rules;
  // The default is a cover that every scene allows.
  if (method === undefined || methods.includes(method)) return;
  throw new FacePrivacyError('ERR_SCENE_METHOD', `${operation}: the scene '${grant.scene}' does not allow the method '${method}'; use ${methods.join(' or ')}.`, {
    details: { operation, scene: grant.scene, method, allowed: methods.join(' ') },
  });
}
