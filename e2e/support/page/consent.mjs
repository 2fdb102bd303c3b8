// Consent as an app of the tests has it: a notice made of the template, answered, and a ledger that gives the grant.
// Plain JavaScript, so that the pages of benchmarks and soak runs can load it as it is.
import { openConsentLedger } from 'bauta';
import { noticeFor } from 'bauta/notices';
import { defineIndicator } from 'bauta/elements';

const CONTROLLER = {
  name: { 'zh-CN': '测试者', en: 'Testers' },
  address: { 'zh-CN': '测试路 1 号', en: '1 Test Road' },
  contact: 'test@example.org',
};
const PURPOSES = {
  upload: ['live-redacted-view', 'sharing'],
  call: ['live-redacted-view', 'sharing'],
  processing: ['live-redacted-view', 'sharing'],
  service: ['live-redacted-view', 'staff-review', 'sharing'],
};

/**
 * @typedef {object} NoticeChoice
 * @property {import('bauta').Scene} [scene] `call` unless given.
 * @property {'stop' | 'cover'} [whenNotVisible] `stop` unless given.
 * @property {import('bauta').BackgroundBehaviour} [inBackground] `stop` unless given.
 * @property {string} [version]
 * @property {boolean} [place] with a sign.
 * @property {readonly import('bauta').LibraryPurpose[]} [purposes] instead of the usual ones.
 * @property {number} [retentionDays] for which what comes of them is kept; 0 unless given.
 */

/**
 * @param {NoticeChoice} [choice]
 * @returns {import('bauta').Notice}
 */
export function noticeOf({ scene = 'call', whenNotVisible = 'stop', inBackground = 'stop', version = '1', place = false, purposes = PURPOSES[scene], retentionDays = 0 } = {}) {
  return noticeFor(scene, {
    noticeId: `test-${scene}-${whenNotVisible}-${inBackground}-${purposes.length}${retentionDays === 0 ? '' : `-${retentionDays}`}`,
    version,
    // Wide enough for the clocks that tests set, and the same in every tab.
    validFrom: Date.UTC(2020, 0, 1),
    validUntil: Date.UTC(2090, 0, 1),
    service: { 'zh-CN': '测试', en: 'testing' },
    controller: CONTROLLER,
    purposes: purposes.map((purpose) => ({ purpose, retentionDays })),
    alternative: { 'zh-CN': '人工核验', en: 'a check by a person' },
    ...(purposes.includes('sharing') ? { recipients: [{ type: { 'zh-CN': '测试机构', en: 'a test house' }, purposes: ['sharing'] }] } : {}),
    storedAt: 'device',
    whenNotVisible,
    inBackground,
    ...(place ? { place: { 'zh-CN': '测试大厅', en: 'the test hall' } } : {}),
  });
}

/**
 * A ledger on a notice of the tests. The caller closes it.
 * @param {NoticeChoice} [choice]
 * @param {{ now?: import('bauta').Clock }} [options]
 */
export const openLedger = (choice, options = {}) => openConsentLedger({ notice: noticeOf(choice), ...options });

let subjects = 0;
/** A pseudonym that nobody had before. */
export const newSubject = () => `subject-${(subjects += 1)}-${Math.random().toString(36).slice(2)}`;

/**
 * An adult says yes, or no, to everything.
 * @param {import('bauta').ConsentLedger} ledger
 * @param {string} dataSubject
 * @param {'given' | 'refused'} [answer]
 */
export async function answerAll(ledger, dataSubject, answer = 'given') {
  const answers = Object.fromEntries(ledger.notice.purposes.map(({ purpose }) => [purpose, answer]));
  await ledger.answer({ dataSubject, language: 'zh-CN', answers, ageBand: 'adult' });
}

/**
 * A live grant of a new person, who said yes to everything.
 * @param {import('bauta').ConsentLedger} ledger
 * @param {import('bauta').Purpose | readonly import('bauta').Purpose[]} [purposes]
 * @param {string} [dataSubject]
 */
export async function grantFrom(ledger, purposes = 'live-redacted-view', dataSubject = newSubject()) {
  await answerAll(ledger, dataSubject);
  return requireGrant(ledger, purposes, dataSubject);
}

/**
 * @param {import('bauta').ConsentLedger} ledger
 * @param {import('bauta').Purpose | readonly import('bauta').Purpose[]} purposes
 * @param {string} dataSubject
 */
export async function requireGrant(ledger, purposes, dataSubject) {
  const decision = await ledger.require(purposes, dataSubject);
  if (!decision.granted) throw new Error(`no grant: ${decision.refusal.code} ${decision.refusal.message}`);
  return decision.grant;
}

/**
 * An indicator that is not mounted.
 * @returns {import('bauta/elements').BautaIndicator}
 */
export function newIndicator() {
  defineIndicator();
  return document.createElement('bauta-indicator');
}

/** Mounts an indicator in the corner of the page. */
export function mountIndicator() {
  const indicator = newIndicator();
  indicator.style.cssText = 'position: fixed; right: 8px; bottom: 8px';
  document.body.append(indicator);
  return indicator;
}
