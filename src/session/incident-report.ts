import { FacePrivacyError } from '../core/errors.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import { observationOf } from '../governance/observation-of.ts';

/**
 * @internal Tells the ledger of a grant of a failure that may be an incident; others go no further. The ledger tells people before it writes, so
 * that what cannot be written is known all the same.
 * @param onUnwritten called where the audit log could not be written.
 */
export function reportFailure(grant: ConsentGrant, error: unknown, onUnwritten: (error: unknown) => void = () => undefined): void {
  const observation = error instanceof FacePrivacyError ? observationOf(error) : null;
  if (observation !== null) ConsentGrant.context(grant).report(observation).catch(onUnwritten);
}
