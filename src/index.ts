export { FacePrivacyError, ERROR_CODES } from './core/errors.ts';
export type { ErrorCode, ErrorDetails } from './core/errors.ts';
export { orRefusal } from './core/outcome.ts';
export type { Outcome } from './core/outcome.ts';
export type { Box, Point, Size } from './core/geometry.ts';
export type { FaceTrackState } from './core/faces.ts';
export { REDACTION_METHODS } from './core/redaction.ts';
export type { RedactionMethod, WholeFrameReason } from './core/redaction.ts';
export type { RedactedBitmap } from './core/redacted.ts';
export type { RedactedTrack } from './core/redacted-track.ts';
export type { FaceReport, FacesReport, LoadReport, Quantiles, StageName, StatsReport } from './core/protocol.ts';
export type { DetailEvent, TypedEventTarget } from './core/typed-events.ts';
export type { Clock } from './core/time.ts';
export { openConsentLedger } from './session/consent.ts';
export type { LedgerOptions } from './session/consent.ts';
export type { ConsentDecision, ConsentRefusal, RefusalCode } from './governance/consent/gate.ts';
export type { ConsentGrant } from './governance/consent/grant.ts';
export type { ExceptionInput } from './governance/consent/exception-input.ts';
export type { ConsentLedger, LedgerEvents } from './governance/consent/ledger.ts';
export type { AnswerInput, GuardianInput, RequestInput } from './governance/consent/answers.ts';
export type { Standing } from './governance/consent/standing.ts';
export { BIOMETRIC_PURPOSES, OPERATIONS, PURPOSES, isPurpose } from './governance/consent/purposes.ts';
export type { LibraryPurpose, Operation, Purpose } from './governance/consent/purposes.ts';
export { parseRecord } from './governance/consent/record.ts';
export type { AgeBand, ConsentAnswer, ConsentAnswers, ConsentProof, ConsentRecord, ConsentRecordState, GuardianRelation, UnsignedRecord } from './governance/consent/record.ts';
export { verifyProof } from './governance/consent/proof.ts';
export type { ConsentStore, DeviceKey, ExceptionEntry, StoreBatch, StoreView, ThrottleMark, ThrottleStore } from './governance/consent/store.ts';
export { AUDIT_CODES, verifyChain } from './governance/audit/entry.ts';
export type { AuditCode, AuditEntry, AuditIds, ChainVerdict } from './governance/audit/entry.ts';
export type { Incident, IncidentKind } from './governance/incidents.ts';
export { openRedactionSession } from './session/open-session.ts';
export type { RedactionSession, SessionEvents, SessionState } from './session/session.ts';
export { openPictureRedactor } from './session/open-pictures.ts';
export type { PictureRedactor, RedactedPicture } from './session/picture-redactor.ts';
export type {
  AssetOptions,
  DetectionOptions,
  EngineOptions,
  PictureOptions,
  RedactionOptions,
  SessionOptions,
  StartOptions,
  TrackingOptions,
} from './session/session-options.ts';
export type { Initiator } from './governance/consent/throttle.ts';
export { REASK_AFTER_MS } from './governance/consent/throttle.ts';
export type { Adapter, AdapterChoice } from './video/camera/adapters.ts';
export type { SourceOptions } from './video/camera/frame-source.ts';
export type { Engine } from './assets/locations.ts';
export type { EngineChoice } from './session/choose-engine.ts';
export type { LoadProgress } from './assets/load-assets.ts';
export { WORKER_CONTENT_SECURITY_POLICY } from './assets/worker-csp.ts';
export { checkNotice, hashNotice, noticeText } from './governance/consent/notice.ts';
export type {
  InLanguage,
  LanguageTag,
  Localised,
  Notice,
  NoticeController,
  NoticeEssential,
  NoticePurpose,
  NoticeRecipient,
  NoticeRetention,
  NoticeText,
} from './governance/consent/notice.ts';
export { SCENES } from './governance/consent/scenes.ts';
export type { BackgroundBehaviour, EssentialGround, KeptMedia, Scene, SceneRules } from './governance/consent/scenes.ts';
export { EXCEPTIONS, isExceptionCode } from './governance/consent/exceptions.ts';
export type { ExceptionCode, ExceptionList } from './governance/consent/exceptions.ts';
export type { ConsentReceipt, ReceiptKey } from './governance/consent/receipt.ts';
export type { ReceiptContent, ReceiptEvent, ReceiptParty, ReceiptPurpose } from './governance/consent/receipt-content.ts';
