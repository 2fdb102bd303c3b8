import { canonicalJson } from '../../core/canonical-json.ts';
import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import { checkNotice, hashNotice, type Notice } from './notice.ts';

/** The notice that a ledger goes by, and where. */
export interface Desk {
  readonly notice: Notice;
  readonly noticeHash: string;
  readonly origin: string;
}

/** Checks a notice and keeps a copy, so that a later change of the app's object cannot part it from its hash. @throws TypeError. */
export async function deskOf(notice: unknown, origin: string): Promise<Desk> {
  checkNotice(notice);
  const copy = deepFreeze(JSON.parse(canonicalJson(notice)) as Notice);
  return { notice: copy, noticeHash: await hashNotice(copy), origin };
}

/** @throws FacePrivacyError ERR_CONSENT_NOTICE when the notice is not valid at `now`. */
export function assertNoticeValid({ validFrom, validUntil }: Notice, now: EpochMs): void {
  const field = now < validFrom ? 'notice.validFrom' : now >= validUntil ? 'notice.validUntil' : null;
  if (field === null) return;
  throw new FacePrivacyError('ERR_CONSENT_NOTICE', `${field} makes the notice ${field === 'notice.validFrom' ? 'not valid yet' : 'no longer valid'}; use one that is.`, { details: { field } });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
