import type { ConsentVerdict } from './gate.ts';
import type { Grounds } from './grant-context.ts';

/** Fields that make a guardian's answer unclear rather than over. */
const UNCLEAR_FIELDS = ['noticeHash', 'recordedAt', 'origin', 'ageBand'];

/** The grounds that a verdict of the gate leaves for what was kept. */
export function groundsOf(verdict: ConsentVerdict): Grounds {
  if (verdict.granted) return 'stands';
  const { code, field } = verdict.refusal;
  switch (code) {
    case 'ERR_CONSENT_WITHDRAWN':
    case 'ERR_CONSENT_REFUSED':
    case 'ERR_CONSENT_EXPIRED':
    case 'ERR_CONSENT_MISSING':
      return 'ended';
    case 'ERR_CONSENT_GUARDIAN':
      return field !== null && UNCLEAR_FIELDS.includes(field) ? 'unclear' : 'ended';
    case 'ERR_CONSENT_NOTICE':
    case 'ERR_CONSENT_PURPOSE':
    case 'ERR_CONSENT_RECORD_INVALID':
    case 'ERR_CONSENT_ORIGIN':
    case 'ERR_CONSENT_CLOCK':
      return 'unclear';
  }
}
