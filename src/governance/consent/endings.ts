import { FacePrivacyError } from '../../core/errors.ts';

/** Why a grant ended: the person took their consent back. */
export function withdrawn(): FacePrivacyError {
  return new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'Consent was withdrawn.', { details: { field: 'state' } });
}

/** Why a grant ended: what was agreed to is not what is told now. */
export function noticeChanged(): FacePrivacyError {
  return new FacePrivacyError('ERR_CONSENT_NOTICE', 'The notice has changed; show the new one and ask again.', { details: { field: 'noticeHash' } });
}
