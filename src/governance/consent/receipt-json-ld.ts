import type { Purpose } from './purposes.ts';
import type { ReceiptContent, ReceiptEvent, ReceiptParty, ReceiptPurpose } from './receipt-content.ts';
import type { ConsentRecordState } from './record.ts';

/** JSON-LD: an object of the terms of its context. */
export type JsonLd = Readonly<Record<string, unknown>>;

const CONTEXT = {
  dpv: 'https://w3id.org/dpv#',
  loc: 'https://w3id.org/dpv/loc#',
  dct: 'http://purl.org/dc/terms/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
} as const;

const STATUS: Readonly<Record<ConsentRecordState, string>> = {
  requested: 'dpv:ConsentRequested',
  given: 'dpv:ConsentGiven',
  refused: 'dpv:ConsentRefused',
  withdrawn: 'dpv:ConsentWithdrawn',
  expired: 'dpv:ConsentExpired',
};

/**
 * A receipt in the terms of the W3C Data Privacy Vocabulary 2, laid out as its guide for ISO/IEC TS 27560 says. The
 * signed receipt itself goes along as a JSON literal in `dct:source`, so that the document can be verified.
 */
export function receiptAsJsonLd(content: ReceiptContent, signed: unknown): JsonLd {
  const { record, pii_processing: processing, party_identification: parties, event } = content;
  const { privacy_notice: notice, language, purposes } = processing;
  return {
    '@context': CONTEXT,
    '@id': `urn:uuid:${record.record_id}`,
    '@type': 'dpv:ConsentRecord',
    'dct:conformsTo': { '@id': 'https://w3id.org/dpv/schema/dpv-27560#record' },
    'dct:identifier': record.record_id,
    'dpv:hasDataSubject': { '@type': 'dpv:DataSubject', 'dct:identifier': record.pii_principal_id },
    'dpv:hasDataController': parties.filter(({ party_role: role }) => role === 'PII controller').map((party) => partyOf(party, 'dpv:DataController')),
    'dpv:hasRecipient': parties.filter(({ party_role: role }) => role === 'third party').map((party) => partyOf(party, 'dpv:Recipient')),
    'dpv:hasNotice': { '@type': 'dpv:ConsentNotice', '@id': `urn:sha256:${notice.sha256}`, 'dct:identifier': notice.notice_id, 'dct:hasVersion': notice.version, 'dct:language': language },
    'dpv:hasProcess': purposes.map((purpose) => processOf(purpose, event)),
    'dpv:hasConsentStatus': event.map((entry) => statusOf(entry, entry.event_state)),
    'dct:source': { '@type': '@json', '@value': signed },
  };
}

function partyOf({ party_id: id, party_name: name, party_address: address, party_contact: contact }: ReceiptParty, type: string): JsonLd {
  return { '@id': `_:${id}`, '@type': type, 'dct:identifier': id, 'dpv:hasName': name, 'dpv:hasAddress': address, 'dpv:hasContact': contact };
}

/** The last word on a purpose; where a guardian answers as well, a yes needs both. */
function lastWord(purpose: Purpose, events: readonly ReceiptEvent[]): { readonly event: ReceiptEvent; readonly state: ConsentRecordState } | undefined {
  const words = (['subject', 'guardian'] as const).flatMap((role) => {
    const event = events.findLast((entry) => entry.event_state === 'withdrawn' || (entry.entity_role === role && entry.purposes[purpose] !== undefined));
    if (event === undefined) return [];
    return [{ event, state: event.event_state === 'given' ? (event.purposes[purpose] ?? 'refused') : event.event_state }];
  });
  return words.find(({ state }) => state !== 'given') ?? words[0];
}

/** What is done for one purpose, with the last word on it. */
function processOf(purpose: ReceiptPurpose, events: readonly ReceiptEvent[]): JsonLd {
  const word = lastWord(purpose.purpose, events);
  return {
    '@type': 'dpv:Process',
    'dpv:hasPurpose': { '@type': 'dpv:Purpose', 'dct:identifier': purpose.purpose, 'dct:title': purpose.purpose_title, 'dct:description': purpose.purpose_description },
    'dpv:hasLegalBasis': { '@id': 'dpv:ExplicitlyExpressedConsent' },
    'dpv:hasPersonalData': purpose.pii_information.map(({ pii_type: title, sensitive_pii_category: sensitive }) => ({
      '@type': sensitive ? 'dpv:SensitivePersonalData' : 'dpv:PersonalData',
      'dct:title': title,
    })),
    'dpv:hasDataController': purpose.pii_controllers.map((id) => ({ '@id': `_:${id}` })),
    'dpv:hasDataSource': { '@id': 'dpv:DataSubject' },
    'dpv:hasProcessing': [
      { '@type': 'dpv:Collect', 'dct:description': purpose.collection_method },
      { '@type': 'dpv:Use', 'dct:description': purpose.processing_method },
    ],
    'dpv:hasStorageCondition': {
      '@type': 'dpv:StorageCondition',
      'dpv:hasDuration': duration(purpose.retention_period),
      'dpv:hasLocation': purpose.storage_locations.map((location) => ({ '@type': 'dpv:StorageLocation', 'dct:title': location })),
    },
    'dpv:hasJurisdiction': { '@id': `loc:${purpose.jurisdiction}` },
    'dpv:hasRecipient': purpose.recipient_third_parties.map((id) => ({ '@id': `_:${id}` })),
    'dpv:hasConsentControl': { '@type': 'dpv:WithdrawConsent', 'dct:description': purpose.withdrawal_method },
    'dpv:hasRight': { '@type': 'dpv:DataSubjectRight', 'dct:description': purpose.privacy_rights },
    'dpv:hasAuthority': { '@type': 'dpv:Authority', 'dct:description': purpose.authority_party },
    ...(word === undefined ? {} : { 'dpv:hasConsentStatus': statusOf(word.event, word.state) }),
  };
}

function statusOf(event: ReceiptEvent, state: ConsentRecordState): JsonLd {
  return {
    '@id': `urn:uuid:${event.record_id}#${state}`,
    '@type': STATUS[state],
    'dpv:isIndicatedBy': { '@type': event.entity_role === 'guardian' ? 'dpv:GuardianOfDataSubject' : 'dpv:DataSubject', 'dct:identifier': event.entity_id },
    'dpv:isIndicatedAtTime': { '@type': 'xsd:dateTime', '@value': event.event_time },
    ...(state === 'given' ? { 'dpv:hasDuration': duration(event.validity_duration) } : {}),
  };
}

const duration = (value: string): JsonLd => ({ '@type': 'dpv:TemporalDuration', 'rdf:value': { '@type': 'xsd:duration', '@value': value } });
