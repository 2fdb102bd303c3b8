import type { ExceptionCode } from './exceptions.ts';

/** What an exception is about, in our own words; the standard's text decides. */
export interface ExceptionTitle {
  readonly 'zh-CN': string;
  readonly en: string;
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

/** What each exception of GB/T 35273-2020, 5.6 and 9.5, is about: for the screen on which somebody has to choose one. */
export const EXCEPTION_TITLES: Readonly<Record<ExceptionCode, ExceptionTitle>> = {
  '35273-5.6-a': LEGAL_DUTY,
  '35273-5.6-b': NATIONAL_SECURITY,
  '35273-5.6-c': PUBLIC_INTEREST,
  '35273-5.6-d': CRIMINAL_JUSTICE,
  '35273-5.6-e': VITAL_INTERESTS,
  '35273-5.6-f': SELF_PUBLISHED,
  '35273-5.6-g': { 'zh-CN': '应本人要求订立、履行合同所必需', en: 'Needed to make or perform a contract that the person asked for' },
  '35273-5.6-h': LAWFULLY_PUBLIC,
  '35273-5.6-i': { 'zh-CN': '保障产品或服务安全稳定运行所必需，例如发现和处置故障', en: 'Needed to keep the service safe and stable, such as finding and mending faults' },
  '35273-5.6-j': { 'zh-CN': '新闻单位依法开展新闻报道所必需', en: 'Needed by a news organisation for lawful reporting' },
  '35273-5.6-k': { 'zh-CN': '学术研究机构为公共利益开展统计或研究所必需，且对外提供结果时已去标识化', en: 'Needed by a research institution for statistics or research in the public interest, with de-identified results' },
  '35273-9.5-a': LEGAL_DUTY,
  '35273-9.5-b': NATIONAL_SECURITY,
  '35273-9.5-c': PUBLIC_INTEREST,
  '35273-9.5-d': CRIMINAL_JUSTICE,
  '35273-9.5-e': VITAL_INTERESTS,
  '35273-9.5-f': SELF_PUBLISHED,
  '35273-9.5-g': LAWFULLY_PUBLIC,
};
