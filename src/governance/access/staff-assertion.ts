import type { EpochMs, Milliseconds } from '../../core/time.ts';
import { signJws } from './jws.ts';
import type { ActSigner } from './staff-acts.ts';
import { STATEMENT_TYPES } from './statement.ts';
import { ACCESS_LIMITS, faultyClaim, type StaffContent } from './statement-content.ts';

/**
 * What a directory says of somebody who has logged in with it: who they are, what they may be, and the nonce that it answers. In earnest a server
 * does this, with a key that no browser has.
 * @param about `nonce` as `ReviewDesk.challenge` gave it; `validForMs` at most 12 hours, default 4.
 * @returns a compact JWS for `ReviewDesk.signIn`.
 * @throws TypeError that names a field that is missing, malformed or out of bounds.
 */
export function signStaffAssertion(about: StaffContent & { readonly nonce: string; readonly validForMs?: Milliseconds }, by: ActSigner, now: EpochMs): Promise<string> {
  const { staffId, roles, nonce, validForMs = ACCESS_LIMITS.lifetimeMs.staff / 3 } = about;
  const iat = Math.floor(now / 1000);
  const payload = { iss: by.issuer, aud: by.audience, sub: staffId, jti: crypto.randomUUID(), iat, exp: iat + Math.floor(validForMs / 1000), roles: [...roles], nonce };
  const field = faultyClaim('staff', payload);
  if (field !== null) throw new TypeError(`staff.${field === 'exp' ? 'validForMs' : field === 'sub' ? 'staffId' : field} is missing, malformed or out of bounds.`);
  return signJws(STATEMENT_TYPES.staff, payload, by);
}
