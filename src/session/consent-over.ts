import type { FacePrivacyError } from '../core/errors.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import type { Purpose } from '../governance/consent/purposes.ts';

/** @internal True when the person took consent back. A ledger that was closed ends grants with the same code, and leaves consent as it is. */
export function isWithdrawal({ code, details }: FacePrivacyError): boolean {
  return code === 'ERR_CONSENT_WITHDRAWN' && details['field'] === 'state';
}

/**
 * @internal True when a grant ended because the consent for this purpose is over, so that what was kept under it has to go. A ledger that cannot be asked
 * any more leaves that to the next opening, which sweeps before anything is shown.
 */
export async function isConsentOver(grant: ConsentGrant, purpose: Purpose): Promise<boolean> {
  if (!grant.signal.aborted) return false;
  if (isWithdrawal(grant.signal.reason as FacePrivacyError)) return true;
  if (grant.recordId === null) return false; // Under an exception there is no consent that could be over.
  return (await ConsentGrant.context(grant).stands(grant.dataSubject, [purpose]).catch(() => 'unclear')) === 'ended';
}
