import type { EpochMs } from '../../core/time.ts';
import type { Localised, Notice, NoticePurpose } from './notice.ts';
import { BIOMETRIC_PURPOSES, type Purpose } from './purposes.ts';
import { subjectOf, type ConsentAnswers, type ConsentRecord, type ConsentRecordState } from './record.ts';

/** One purpose as it was told, in the terms of ISO/IEC TS 27560, 6.3.4. */
export interface ReceiptPurpose {
  readonly purpose: Purpose;
  readonly purpose_title: string;
  readonly purpose_description: string;
  readonly lawful_basis: 'consent';
  readonly pii_information: readonly { readonly pii_type: string; readonly sensitive_pii_category: boolean }[];
  readonly pii_controllers: readonly string[];
  readonly collection_method: string;
  readonly processing_method: string;
  readonly storage_locations: readonly string[];
  /** ISO 8601 duration. */
  readonly retention_period: string;
  readonly jurisdiction: string;
  /** Ids of parties. */
  readonly recipient_third_parties: readonly string[];
  readonly withdrawal_method: string;
  readonly privacy_rights: string;
  readonly authority_party: string;
}

/** Who takes part, 6.3.6. Recipients are told by type and are reached through the controller. */
export interface ReceiptParty {
  readonly party_id: string;
  readonly party_name: string;
  readonly party_role: 'PII controller' | 'third party';
  readonly party_type: string;
  readonly party_address: string;
  readonly party_contact: string;
}

/** What happened, 6.3.7: one per record, in order. */
export interface ReceiptEvent {
  readonly record_id: string;
  /** ISO 8601. */
  readonly event_time: string;
  /** ISO 8601 duration from the event on; `PT0S` where nothing was given. */
  readonly validity_duration: string;
  /** Pseudonym of whoever acted: the person or the guardian. */
  readonly entity_id: string;
  readonly entity_role: 'subject' | 'guardian';
  readonly event_type: 'explicit';
  readonly event_state: ConsentRecordState;
  /** Each purpose with its own answer. */
  readonly purposes: ConsentAnswers;
}

/** What a receipt says, all of it from the notice and the records. */
export interface ReceiptContent {
  readonly record: { readonly schema_version: 'ISO/IEC TS 27560:2023'; readonly record_id: string; readonly pii_principal_id: string };
  readonly pii_processing: {
    readonly privacy_notice: { readonly notice_id: string; readonly version: string; readonly sha256: string };
    readonly language: string;
    readonly scene: string;
    readonly origin: string;
    readonly purposes: readonly ReceiptPurpose[];
  };
  readonly party_identification: readonly ReceiptParty[];
  readonly event: readonly ReceiptEvent[];
}

const CONTROLLER = 'controller';

/**
 * Says in the terms of ISO/IEC TS 27560:2023 what the records and their notice say, in the language in which the person
 * read the notice last.
 * @param records at least one, in order, all of `notice`.
 */
export function contentOf(notice: Notice, records: readonly ConsentRecord[], last: ConsentRecord): ReceiptContent {
  const language = last.noticeLanguage;
  const say = (text: Localised): string => text[language] ?? '';
  const { controller } = notice;
  const party = { party_address: say(controller.address), party_contact: controller.contact };
  return {
    record: { schema_version: 'ISO/IEC TS 27560:2023', record_id: last.recordId, pii_principal_id: subjectOf(last) },
    pii_processing: {
      privacy_notice: { notice_id: notice.noticeId, version: notice.version, sha256: last.noticeHash },
      language,
      scene: notice.scene,
      origin: last.origin,
      purposes: notice.purposes.map((purpose) => purposeOf(purpose, notice, say)),
    },
    party_identification: [
      { party_id: CONTROLLER, party_name: say(controller.name), party_role: 'PII controller', party_type: 'organisation', ...party },
      ...notice.recipients.map(({ type }, index): ReceiptParty => {
        const name = say(type);
        return { party_id: recipientId(index), party_name: name, party_role: 'third party', party_type: name, ...party };
      }),
    ],
    event: records.map(eventOf),
  };
}

function purposeOf(purpose: NoticePurpose, notice: Notice, say: (text: Localised) => string): ReceiptPurpose {
  const sensitive = (BIOMETRIC_PURPOSES as readonly Purpose[]).includes(purpose.purpose);
  return {
    purpose: purpose.purpose,
    purpose_title: say(purpose.title),
    purpose_description: say(purpose.description),
    lawful_basis: 'consent',
    pii_information: purpose.dataCategories.map((category) => ({ pii_type: say(category), sensitive_pii_category: sensitive })),
    pii_controllers: [CONTROLLER],
    collection_method: say(purpose.scope),
    processing_method: say(purpose.method),
    storage_locations: [say(notice.storageLocation)],
    retention_period: `P${purpose.retention.periodDays}D`,
    jurisdiction: notice.jurisdiction,
    recipient_third_parties: notice.recipients.flatMap(({ purposes }, index) => (purposes.includes(purpose.purpose) ? [recipientId(index)] : [])),
    withdrawal_method: say(notice.rights),
    privacy_rights: say(notice.rights),
    authority_party: say(notice.complaint),
  };
}

function eventOf({ recordId, recordedAt, validUntil, dataSubject, role, state, answers }: ConsentRecord): ReceiptEvent {
  return {
    record_id: recordId,
    event_time: isoTime(recordedAt),
    validity_duration: `PT${state === 'given' ? (validUntil - recordedAt) / 1000 : 0}S`,
    entity_id: dataSubject,
    entity_role: role,
    event_type: 'explicit',
    event_state: state,
    purposes: answers,
  };
}

const recipientId = (index: number): string => `recipient-${index + 1}`;
const isoTime = (time: EpochMs): string => new Date(time).toISOString();
