import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../core/canonical-json.ts';
import { FacePrivacyError } from '../../core/errors.ts';
import { signJson } from '../../core/signing.ts';
import { FIXTURE_NOW, noticeFixture, purposeFixture } from './notice-fixture.contract.ts';
import { hashNotice, type Notice } from './notice.ts';
import { createDeviceKey, signRecord } from './proof.ts';
import { createReceipt, exportReceipt, importReceipt, type ConsentReceipt, type ReceiptFormat } from './receipt.ts';
import { RECORD_FIELDS, type ConsentRecord, type UnsignedRecord } from './record.ts';
import type { DeviceKey } from './store.ts';

const ORIGIN = 'https://shop.example';
const DAY_MS = 86_400_000;
const both = { 'zh-CN': '物流企业', en: 'Delivery companies' };
const notice = noticeFixture({
  purposes: [purposeFixture('live-redacted-view'), purposeFixture('feature-extraction'), purposeFixture('sharing')],
  recipients: [{ type: both, purposes: ['sharing'] }],
});

let key: DeviceKey;
let records: ConsentRecord[];
let receipt: ConsentReceipt;
let text: string;

async function record(about: Notice, previous: ConsentRecord | undefined, overrides: Partial<UnsignedRecord>): Promise<ConsentRecord> {
  const recordedAt = (previous?.recordedAt ?? FIXTURE_NOW) + 1000;
  const unsigned: UnsignedRecord = {
    schemaVersion: 2,
    recordId: crypto.randomUUID(),
    replaces: previous?.recordId ?? null,
    requestId: 'request-1',
    role: 'subject',
    dataSubject: 'visitor-7',
    guardianOf: null,
    relation: null,
    noticeId: about.noticeId,
    noticeVersion: about.version,
    noticeHash: await hashNotice(about),
    noticeLanguage: 'en',
    scene: about.scene,
    jurisdiction: about.jurisdiction,
    controller: about.controller.name['zh-CN']!,
    origin: ORIGIN,
    state: 'requested',
    answers: {},
    ageBand: null,
    recordedAt,
    validUntil: recordedAt + 365 * DAY_MS,
    ...overrides,
  };
  return signRecord(unsigned, key);
}
const GIVEN = { state: 'given', answers: { 'live-redacted-view': 'given', 'feature-extraction': 'refused', sharing: 'given' }, ageBand: 'adult' } as const;

beforeAll(async () => {
  key = await createDeviceKey();
  const requested = await record(notice, undefined, {});
  const given = await record(notice, requested, GIVEN);
  const withdrawn = await record(notice, given, { state: 'withdrawn' });
  records = [requested, given, withdrawn];
  receipt = await createReceipt({ notice, records, key });
  text = exportReceipt(receipt, 'json');
});

/** The error of an import, or what it said instead. */
async function errorOf(document: string, expected = { origin: ORIGIN }): Promise<unknown> {
  return importReceipt(document, expected).then(() => 'accepted', (error: unknown) => error);
}
async function faultOf(document: string, expected?: { origin: string; keyId?: string }): Promise<unknown> {
  const error = await errorOf(document, expected);
  return error instanceof FacePrivacyError ? `${error.code} ${String(error.details['field'])}` : error;
}
type Path = readonly (string | number)[];
const dotted = (path: Path): string => path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');

/** The receipt's text with the value at `path` replaced, or taken out. */
function changed(path: Path, value: unknown): string {
  const copy: unknown = JSON.parse(text);
  let target = copy as Record<string | number, unknown>;
  for (const part of path.slice(0, -1)) target = target[part] as Record<string | number, unknown>;
  if (value === undefined) delete target[path.at(-1)!];
  else target[path.at(-1)!] = value;
  return canonicalJson(copy);
}

/** The mandatory fields of ISO/IEC TS 27560:2023, 6.3, and where the receipt has them. */
const MANDATORY: readonly [string, Path][] = [
  ['schema version', ['record', 'schema_version']],
  ['record id', ['record', 'record_id']],
  ['PII principal id', ['record', 'pii_principal_id']],
  ['privacy notice', ['pii_processing', 'privacy_notice']],
  ['hash of the notice', ['pii_processing', 'privacy_notice', 'sha256']],
  ['language', ['pii_processing', 'language']],
  ['purposes', ['pii_processing', 'purposes']],
  ['purpose', ['pii_processing', 'purposes', 0, 'purpose']],
  ['lawful basis', ['pii_processing', 'purposes', 0, 'lawful_basis']],
  ['PII information', ['pii_processing', 'purposes', 0, 'pii_information']],
  ['PII type', ['pii_processing', 'purposes', 0, 'pii_information', 0, 'pii_type']],
  ['PII controllers', ['pii_processing', 'purposes', 1, 'pii_controllers']],
  ['collection method', ['pii_processing', 'purposes', 1, 'collection_method']],
  ['storage locations', ['pii_processing', 'purposes', 0, 'storage_locations']],
  ['retention period', ['pii_processing', 'purposes', 2, 'retention_period']],
  ['jurisdiction', ['pii_processing', 'purposes', 0, 'jurisdiction']],
  ['recipient third parties', ['pii_processing', 'purposes', 2, 'recipient_third_parties']],
  ['withdrawal method', ['pii_processing', 'purposes', 0, 'withdrawal_method']],
  ['party identification', ['party_identification']],
  ['party id', ['party_identification', 0, 'party_id']],
  ['party name', ['party_identification', 0, 'party_name']],
  ['party address', ['party_identification', 0, 'party_address']],
  ['party contact', ['party_identification', 1, 'party_contact']],
  ['party type', ['party_identification', 1, 'party_type']],
  ['event', ['event']],
  ['event time', ['event', 0, 'event_time']],
  ['validity duration', ['event', 1, 'validity_duration']],
  ['entity id', ['event', 2, 'entity_id']],
  ['event type', ['event', 1, 'event_type']],
  ['event state', ['event', 2, 'event_state']],
  ['each purpose with its own answer', ['event', 1, 'purposes', 'feature-extraction']],
  ['the notice', ['evidence', 'notice']],
  ['the records', ['evidence', 'records']],
  ['the key', ['evidence', 'public_key']],
  ['the signature', ['proof', 'signature']],
];

describe('createReceipt', () => {
  it('says what was told and answered, in the language that the person read [TAF-5.1a] [MEG-request-id]', () => {
    expect(receipt.record).toEqual({ schema_version: 'ISO/IEC TS 27560:2023', record_id: records[2]!.recordId, pii_principal_id: 'visitor-7' });
    expect(receipt.pii_processing).toMatchObject({ language: 'en', scene: 'upload', origin: ORIGIN, privacy_notice: { notice_id: 'fixture', version: '1' } });
    expect(receipt.pii_processing.purposes[1]).toMatchObject({
      purpose: 'feature-extraction',
      purpose_title: 'Title of feature-extraction',
      pii_information: [{ pii_type: 'Redacted picture', sensitive_pii_category: true }],
      retention_period: 'P30D',
      storage_locations: ['This device'],
    });
    expect(receipt.event.map(({ event_state: state, purposes, validity_duration: valid }) => [state, purposes, valid])).toEqual([
      ['requested', {}, 'PT0S'],
      ['given', GIVEN.answers, `PT${365 * 86_400}S`],
      ['withdrawn', {}, 'PT0S'],
    ]);
    expect(receipt.evidence.records.map(({ requestId }) => requestId)).toEqual(['request-1', 'request-1', 'request-1']);
  });

  it('names the types of those who receive data, for the purpose that it is [TAF-5.4b]', () => {
    expect(receipt.party_identification.map(({ party_id: id, party_type: type }) => [id, type])).toEqual([['controller', 'organisation'], ['recipient-1', 'Delivery companies']]);
    expect(receipt.pii_processing.purposes.map(({ recipient_third_parties: parties }) => parties)).toEqual([[], [], ['recipient-1']]);
  });

  it('leaves out what was recorded for another notice, and refuses when nothing is left', async () => {
    const other = noticeFixture({ version: '2' });
    const later = await record(other, records[2], { ...GIVEN, answers: { 'live-redacted-view': 'given', 'redacted-recording': 'refused', 'feature-extraction': 'refused' } });
    const again = await record(notice, later, GIVEN);
    const mixed = await createReceipt({ notice, records: [...records, later, again], key });
    expect(mixed.evidence.records.map(({ recordId }) => recordId)).toEqual([...records, again].map(({ recordId }) => recordId));
    expect(await faultOf(exportReceipt(mixed, 'json'))).toBe('accepted');
    await expect(createReceipt({ notice: other, records, key })).rejects.toThrow(new TypeError('records must hold at least one record of this notice; without one there is nothing to give a receipt for.'));
  });
});

describe('importReceipt', () => {
  it.each<ReceiptFormat>(['json', 'json-ld'])('reads back what was exported as %s', async (format) => {
    const imported = await importReceipt(exportReceipt(receipt, format), { origin: ORIGIN, keyId: key.keyId });
    expect(imported).toEqual(receipt);
    expect(Object.isFrozen(imported.evidence.records)).toBe(true);
  });

  it.each(MANDATORY)('refuses a receipt without its %s, and names the field', async (_name, path) => {
    expect(await faultOf(changed(path, undefined))).toBe(`ERR_CONSENT_RECORD_INVALID ${dotted(path)}`);
  });

  it.each(RECORD_FIELDS)('refuses a record without %s, and names it', async (field) => {
    expect(await faultOf(changed(['evidence', 'records', 1, ...field.split('.')], undefined))).toBe(`ERR_CONSENT_RECORD_INVALID evidence.records[1].${field}`);
  });

  it.each<[string, Path, unknown, string]>([
    ['another answer', ['evidence', 'records', 1, 'answers', 'feature-extraction'], 'given', 'evidence.records[1].proof.signature'],
    ['another answer in the summary', ['event', 1, 'purposes', 'feature-extraction'], 'given', 'event[1].purposes.feature-extraction'],
    ['another text in the notice', ['evidence', 'notice', 'rights', 'en'], 'None', 'evidence.records[0].noticeHash'],
    ['a notice that lacks a text', ['evidence', 'notice', 'rights'], { 'zh-CN': '无' }, 'evidence.notice.rights.en'],
    ['an unknown field', ['pii_processing', 'note'], 'x', 'pii_processing.note'],
    ['an unknown field at the top', ['note'], 'x', 'note'],
    ['another person in the summary', ['record', 'pii_principal_id'], 'visitor-8', 'record.pii_principal_id'],
    ['a time that is none', ['evidence', 'records', 0, 'recordedAt'], -1, 'evidence.records[0].recordedAt'],
    ['no records', ['evidence', 'records'], [], 'evidence.records'],
    ['a key that is none', ['evidence', 'public_key'], { kty: 'EC' }, 'evidence.public_key'],
    ['another algorithm', ['proof', 'algorithm'], 'none', 'proof.algorithm'],
    ['another key id', ['proof', 'keyId'], '0'.repeat(64), 'proof.keyId'],
    ['no evidence', ['evidence'], 'x', 'evidence'],
  ])('refuses %s', async (_name, path, value, field) => {
    expect(await faultOf(changed(path, value))).toBe(`ERR_CONSENT_RECORD_INVALID ${field}`);
  });

  it('refuses a receipt of another origin', async () => {
    expect(await faultOf(text, { origin: 'https://other.example' })).toBe('ERR_CONSENT_ORIGIN evidence.records[0].origin');
  });

  it('refuses records that are replayed for another notice, well signed as they are', async () => {
    const other = noticeFixture({ version: '2' });
    const forged = { ...receipt, evidence: { ...receipt.evidence, notice: other } };
    expect(await faultOf(canonicalJson(forged))).toBe('ERR_CONSENT_RECORD_INVALID evidence.records[0].noticeHash');
  });

  it('refuses a receipt from which the withdrawal was taken out', async () => {
    const shortened = await createReceipt({ notice, records: records.slice(0, 2), key: await createDeviceKey() });
    const { proof, ...rest } = shortened;
    const mixed = { ...rest, evidence: { ...rest.evidence, public_key: receipt.evidence.public_key }, proof: { ...proof, keyId: key.keyId } };
    expect(await faultOf(canonicalJson(mixed))).toBe('ERR_CONSENT_RECORD_INVALID proof.signature');
  });

  it('refuses records in another order', async () => {
    const [a, b, c] = records as [ConsentRecord, ConsentRecord, ConsentRecord];
    const forged = await createReceipt({ notice, records: [b, a, c], key });
    expect(await faultOf(exportReceipt(forged, 'json'))).toBe('ERR_CONSENT_RECORD_INVALID evidence.records[0].replaces');
  });

  it('tells another key where the right one is known: whole receipts can be forged, keys cannot', async () => {
    const foreign = await createDeviceKey();
    const resigned = await Promise.all(records.map(({ proof, ...unsigned }) => signRecord(unsigned, proof.keyId === key.keyId ? foreign : key)));
    const forged = exportReceipt(await createReceipt({ notice, records: resigned, key: foreign }), 'json');
    expect(await faultOf(forged)).toBe('accepted');
    expect(await faultOf(forged, { origin: ORIGIN, keyId: key.keyId })).toBe('ERR_CONSENT_RECORD_INVALID proof.keyId');
  });

  it.each<[string, Partial<UnsignedRecord>, string]>([
    ['about somebody else', { dataSubject: 'visitor-8' }, 'evidence.records[1].dataSubject'],
    ['in a language that the notice does not have', { noticeLanguage: 'fr' }, 'evidence.records[1].noticeLanguage'],
    ['of another version of the notice', { noticeVersion: '9' }, 'evidence.records[1].noticeVersion'],
    ['of another notice id', { noticeId: 'other' }, 'evidence.records[1].noticeVersion'],
  ])('refuses a record %s, however well it is signed', async (_name, overrides, field) => {
    const [first] = records as [ConsentRecord];
    const odd = await record(notice, first, { ...GIVEN, ...overrides });
    const last = await record(notice, odd, { state: 'withdrawn' });
    const forged = await createReceipt({ notice, records: [first, odd, last], key });
    expect(await faultOf(exportReceipt(forged, 'json'))).toBe(`ERR_CONSENT_RECORD_INVALID ${field}`);
  });

  it('says whether a field is missing, unknown or another', async () => {
    const path = ['record', 'record_id'];
    expect(await errorOf(changed(path, undefined))).toMatchObject({ message: 'The receipt cannot be trusted: record.record_id is missing.' });
    expect(await errorOf(changed(['record', 'extra'], 1))).toMatchObject({ message: 'The receipt cannot be trusted: record.extra is unknown.' });
    expect(await errorOf(changed(path, 'x'))).toMatchObject({ message: 'The receipt cannot be trusted: record.record_id is not what the evidence says.' });
  });

  it('refuses a time that no date can hold, however well it is signed', async () => {
    const late = await record(notice, undefined, { recordedAt: 8.7e15, validUntil: 8.7e15 });
    const forged = { ...receipt, evidence: { ...receipt.evidence, records: [late] } };
    expect(await faultOf(canonicalJson(forged))).toBe('ERR_CONSENT_RECORD_INVALID evidence.records[0].recordedAt');
  });

  it('refuses a summary that the key has signed but the evidence does not bear out', async () => {
    const { proof, ...rest } = receipt;
    const lie = { ...rest, record: { ...rest.record, pii_principal_id: 'visitor-8' } };
    const forged = { ...lie, proof: { ...proof, signature: await signJson(lie, key.privateKey) } };
    expect(await faultOf(canonicalJson(forged))).toBe('ERR_CONSENT_RECORD_INVALID record.pii_principal_id');
  });

  it.each<[string, string]>([
    ['no JSON', 'receipt'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['white space that nobody wrote', ' {}'],
    ['the same field twice', '{"a":1,"a":1}'],
  ])('refuses %s', async (_name, document) => {
    expect(await faultOf(document)).toBe('ERR_CONSENT_RECORD_INVALID text');
  });

  it('wants a text', async () => {
    await expect(importReceipt(receipt as unknown as string, { origin: ORIGIN })).rejects.toThrow('text must be the text that exportReceipt() gave, got object.');
    expect(() => exportReceipt(receipt, 'xml' as ReceiptFormat)).toThrow("format must be 'json' or 'json-ld', got 'xml'.");
  });

  it.each<ReceiptFormat>(['json', 'json-ld'])('refuses %s with any one byte changed, with a typed error that names a field (property)', async (format) => {
    const original = new TextEncoder().encode(exportReceipt(receipt, format));
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (index, difference) => {
        const bytes = original.slice();
        bytes[index]! ^= difference;
        const error = await errorOf(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
        expect(error).toBeInstanceOf(FacePrivacyError);
        expect(['ERR_CONSENT_RECORD_INVALID', 'ERR_CONSENT_ORIGIN']).toContain((error as FacePrivacyError).code);
        expect((error as FacePrivacyError).details['field']).toMatch(/^[\w.[\]:@-]+$/);
      }),
      { numRuns: 400 },
    );
  });

  it.each<ReceiptFormat>(['json', 'json-ld'])('refuses %s with a byte left out or put in (property)', async (format) => {
    const original = exportReceipt(receipt, format);
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.constantFrom('', ' ', '0', '"', 'a', '\n'), async (index, extra) => {
        const document = original.slice(0, index) + (extra === '' ? '' : extra + original[index]!) + original.slice(index + 1);
        expect(await errorOf(document)).toBeInstanceOf(FacePrivacyError);
      }),
    );
  });
});

describe('JSON-LD', () => {
  /** Terms of the W3C Data Privacy Vocabulary 2 (https://w3id.org/dpv) that the export may use. */
  const TERMS = new Set(
    ('Authority Collect ConsentExpired ConsentGiven ConsentNotice ConsentRecord ConsentRefused ConsentRequested ConsentWithdrawn DataController DataSubject ' +
      'DataSubjectRight ExplicitlyExpressedConsent GuardianOfDataSubject PersonalData Process Purpose Recipient SensitivePersonalData StorageCondition StorageLocation ' +
      'TemporalDuration Use WithdrawConsent hasAddress hasAuthority hasConsentControl hasConsentStatus hasContact hasDataController hasDataSource hasDataSubject ' +
      'hasDuration hasJurisdiction hasLegalBasis hasLocation hasName hasNotice hasPersonalData hasProcess hasProcessing hasPurpose hasRecipient hasRight ' +
      'hasStorageCondition isIndicatedAtTime isIndicatedBy').split(' '),
  );
  const documentOf = (of: ConsentReceipt): Record<string, unknown> => JSON.parse(exportReceipt(of, 'json-ld')) as Record<string, unknown>;

  it('uses terms of the vocabulary and no others', () => {
    const used = [...exportReceipt(receipt, 'json-ld').matchAll(/"dpv:(\w+)"/g)].map(([, term]) => term!);
    expect(used.length).toBeGreaterThan(40);
    expect(used.filter((term) => !TERMS.has(term))).toEqual([]);
  });

  it('is a consent record with subject, notice, purposes and every event', () => {
    const document = documentOf(receipt);
    expect(document).toMatchObject({
      '@type': 'dpv:ConsentRecord',
      'dct:identifier': records[2]!.recordId,
      'dpv:hasDataSubject': { '@type': 'dpv:DataSubject', 'dct:identifier': 'visitor-7' },
      'dpv:hasNotice': { '@type': 'dpv:ConsentNotice', 'dct:language': 'en', '@id': `urn:sha256:${records[0]!.noticeHash}` },
    });
    const statuses = document['dpv:hasConsentStatus'] as Record<string, unknown>[];
    expect(statuses.map((status) => status['@type'])).toEqual(['dpv:ConsentRequested', 'dpv:ConsentGiven', 'dpv:ConsentWithdrawn']);
    expect(statuses[1]).toMatchObject({ 'dpv:hasDuration': { 'rdf:value': { '@type': 'xsd:duration', '@value': 'PT31536000S' } } });
  });

  it.each<[string, () => Promise<ConsentRecord[]>, (string | undefined)[]]>([
    ['a request alone', async () => records.slice(0, 1), [undefined, undefined, undefined]],
    ['answers', async () => records.slice(0, 2), ['dpv:ConsentGiven', 'dpv:ConsentRefused', 'dpv:ConsentGiven']],
    ['a withdrawal', async () => records, ['dpv:ConsentWithdrawn', 'dpv:ConsentWithdrawn', 'dpv:ConsentWithdrawn']],
    ['an expiry', async () => [...records.slice(0, 2), await record(notice, records[1], { state: 'expired', answers: { sharing: 'given' } })], ['dpv:ConsentGiven', 'dpv:ConsentRefused', 'dpv:ConsentExpired']],
    [
      "a guardian's no beside the child's yes",
      async () => [
        ...records.slice(0, 2),
        await record(notice, records[1], {
          role: 'guardian', dataSubject: 'parent-1', guardianOf: 'visitor-7', relation: 'parent', state: 'given',
          answers: { 'live-redacted-view': 'given', 'feature-extraction': 'given', sharing: 'refused' },
        }),
      ],
      ['dpv:ConsentGiven', 'dpv:ConsentRefused', 'dpv:ConsentRefused'],
    ],
  ])('gives each purpose its own status: %s [MEG-separate]', async (_name, history, expected) => {
    const made = await createReceipt({ notice, records: await history(), key });
    const processes = documentOf(made)['dpv:hasProcess'] as Record<string, Record<string, unknown> | undefined>[];
    expect(processes.map((process) => process['dpv:hasConsentStatus']?.['@type'])).toEqual(expected);
    expect(await faultOf(exportReceipt(made, 'json-ld'))).toBe('accepted');
  });

  it('must say what the signed receipt in it says', async () => {
    const document = documentOf(receipt);
    expect(await faultOf(canonicalJson({ ...document, 'dct:identifier': 'x' }))).toBe('ERR_CONSENT_RECORD_INVALID dct:identifier');
    const { 'dct:source': source, ...bare } = document;
    expect(source).toBeDefined();
    expect(await faultOf(canonicalJson(bare))).toBe('ERR_CONSENT_RECORD_INVALID dct:source');
  });
});
