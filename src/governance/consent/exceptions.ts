import { isObject } from '../../core/options.ts';

/** The two lists of GB/T 35273-2020: going without consent (5.6), sharing without prior consent (9.5). */
export type ExceptionList = '5.6' | '9.5';

/** One exception; the letter is that of the standard's item. */
export type ExceptionCode = `35273-5.6-${'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k'}` | `35273-9.5-${'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g'}`;

/** What an exception is about, in our own words; the standard's text decides. */
export interface ConsentException {
  readonly list: ExceptionList;
  readonly title: { readonly 'zh-CN': string; readonly en: string };
}

const LEGAL_DUTY = { 'zh-CN': '履行法律法规规定的义务', en: 'A duty that a law or regulation lays on the controller' };
const NATIONAL_SECURITY = { 'zh-CN': '国家安全、国防安全', en: 'National security or defence' };
const PUBLIC_INTEREST = { 'zh-CN': '公共安全、公共卫生或重大公共利益', en: 'Public safety, public health or a major public interest' };
const CRIMINAL_JUSTICE = { 'zh-CN': '刑事侦查、起诉、审判及判决执行', en: 'Investigation, prosecution, trial or sentence in a criminal case' };
const VITAL_INTERESTS = {
  'zh-CN': '为保护本人或他人的生命、财产等重大权益，且难以取得本人同意',
  en: 'Life, property or another major interest of a person, where consent is hard to obtain',
};
const SELF_PUBLISHED = { 'zh-CN': '本人已自行向公众公开的信息', en: 'What the person has made public' };
const LAWFULLY_PUBLIC = { 'zh-CN': '取自合法公开的渠道，例如新闻报道、政府信息公开', en: 'Taken from what is lawfully public, such as news reports or government disclosure' };

/** The closed lists (TAF-5.1g, TAF-5.4c). None applies unless the app names its code when it opens the ledger. */
export const EXCEPTIONS: Readonly<Record<ExceptionCode, ConsentException>> = {
  '35273-5.6-a': { list: '5.6', title: LEGAL_DUTY },
  '35273-5.6-b': { list: '5.6', title: NATIONAL_SECURITY },
  '35273-5.6-c': { list: '5.6', title: PUBLIC_INTEREST },
  '35273-5.6-d': { list: '5.6', title: CRIMINAL_JUSTICE },
  '35273-5.6-e': { list: '5.6', title: VITAL_INTERESTS },
  '35273-5.6-f': { list: '5.6', title: SELF_PUBLISHED },
  '35273-5.6-g': { list: '5.6', title: { 'zh-CN': '应本人要求订立、履行合同所必需', en: 'Needed to make or perform a contract that the person asked for' } },
  '35273-5.6-h': { list: '5.6', title: LAWFULLY_PUBLIC },
  '35273-5.6-i': { list: '5.6', title: { 'zh-CN': '保障产品或服务安全稳定运行所必需，例如发现和处置故障', en: 'Needed to keep the service safe and stable, such as finding and mending faults' } },
  '35273-5.6-j': { list: '5.6', title: { 'zh-CN': '新闻单位依法开展新闻报道所必需', en: 'Needed by a news organisation for lawful reporting' } },
  '35273-5.6-k': {
    list: '5.6',
    title: { 'zh-CN': '学术研究机构为公共利益开展统计或研究所必需，且对外提供结果时已去标识化', en: 'Needed by a research institution for statistics or research in the public interest, with de-identified results' },
  },
  '35273-9.5-a': { list: '9.5', title: LEGAL_DUTY },
  '35273-9.5-b': { list: '9.5', title: NATIONAL_SECURITY },
  '35273-9.5-c': { list: '9.5', title: PUBLIC_INTEREST },
  '35273-9.5-d': { list: '9.5', title: CRIMINAL_JUSTICE },
  '35273-9.5-e': { list: '9.5', title: VITAL_INTERESTS },
  '35273-9.5-f': { list: '9.5', title: SELF_PUBLISHED },
  '35273-9.5-g': { list: '9.5', title: LAWFULLY_PUBLIC },
};

/** True for a code of one of the two lists. */
export function isExceptionCode(value: unknown): value is ExceptionCode {
  return typeof value === 'string' && Object.hasOwn(EXCEPTIONS, value);
}

/** The reason given each time an exception is used; it goes with the code into the audit log. */
export interface ExceptionUse {
  readonly code: ExceptionCode;
  /** What happened, 10 to 500 characters; no names. */
  readonly reason: string;
}

/**
 * Throws unless `value` names an exception that the app has configured, and a reason.
 * @param configured the codes that the app opened the ledger with.
 * @param list the list that the operation goes by: 9.5 for sharing, 5.6 for everything else.
 * @throws TypeError that names field, value and fix.
 */
export function checkExceptionUse(value: unknown, configured: readonly ExceptionCode[], list: ExceptionList): asserts value is ExceptionUse {
  if (!isObject(value)) throw new TypeError('exception must be an object { code, reason }.');
  const { code, reason } = value;
  if (!isExceptionCode(code)) {
    throw new TypeError(`exception.code must be one of ${Object.keys(EXCEPTIONS).join(', ')}, got '${String(code)}'.`);
  }
  if (EXCEPTIONS[code].list !== list) throw new TypeError(`exception.code must be of GB/T 35273-2020, ${list}, got '${code}'.`);
  if (!configured.includes(code)) {
    throw new TypeError(`exception.code '${code}' is not configured; name it in openConsentLedger({ exceptions }) if it really applies.`);
  }
  if (typeof reason !== 'string' || reason.trim().length < 10 || reason.length > 500) {
    throw new TypeError('exception.reason must say in 10 to 500 characters why the exception applies.');
  }
}
