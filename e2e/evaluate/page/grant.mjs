import { createConsentRecord, requireConsent } from 'bauta';

/** Permission to process the pictures of the data folder, by the same gate as an app's. */
export function openGrant() {
  const now = Date.now();
  const record = createConsentRecord(
    { dataSubject: 'evaluation', noticeVersion: '1', noticeLanguage: 'en', answers: { 'live-redacted-view': 'given' }, validForMs: 24 * 3600 * 1000 },
    now,
  );
  const decision = requireConsent([record], 'live-redacted-view', now);
  if (!decision.granted) throw new Error(`no grant: ${decision.refusal.message}`);
  return decision.grant;
}
