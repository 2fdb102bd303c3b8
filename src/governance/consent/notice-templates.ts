import { checkOptions, isObject, matching, oneOf, type OptionRules } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import type { TemplateFill, TemplateTexts } from './notice-template-texts.ts';
import { ENGLISH } from './notice-templates-en.ts';
import { SIMPLIFIED_CHINESE } from './notice-templates-zh-cn.ts';
import { checkNotice, type Localised, type Notice, type NoticeController, type NoticeEssential, type NoticePurpose, type NoticeRecipient } from './notice.ts';
import { BIOMETRIC_PURPOSES, PURPOSES, type LibraryPurpose, type Purpose } from './purposes.ts';
import { SCENES, type BackgroundBehaviour, type KeptMedia, type Scene } from './scenes.ts';

/** Languages that the templates are written in. */
export type TemplateLanguage = 'zh-CN' | 'en';

/** A purpose of the library; the template words it. */
export interface TemplatePurpose {
  readonly purpose: LibraryPurpose;
  /** Days for which what comes of it is kept; 0: not kept. */
  readonly retentionDays: number;
  /** Days for which a yes holds; 365 unless given. */
  readonly validForDays?: number;
  readonly essential?: NoticeEssential;
}

/** What an app fills in. Texts are given in each of `languages`. */
export interface NoticeFields {
  readonly noticeId: string;
  readonly version: string;
  readonly validFrom: EpochMs;
  readonly validUntil: EpochMs;
  /** ISO 3166 code; `CN` unless given. */
  readonly jurisdiction?: string;
  /** Both unless given; `zh-CN` must be among them. */
  readonly languages?: readonly TemplateLanguage[];
  /** What the person uses, as it reads in a sentence: `视频客服`, `video support`. */
  readonly service: Localised;
  readonly controller: NoticeController;
  readonly purposes: readonly TemplatePurpose[];
  /** Purposes of the app's own (`app:name`), worded by the app. */
  readonly ownPurposes?: readonly NoticePurpose[];
  /** Who receives data, by type. Scene `call` adds the other people in the call. */
  readonly recipients?: readonly NoticeRecipient[];
  /** `device`: everything stays in this browser's storage; otherwise the text that says where it is kept. */
  readonly storedAt: 'device' | Localised;
  /**
   * The way without biometrics, as it reads after "you can choose": `短信验证码或者人工核验`, `a code by text message or a
   * check by our staff`. Required with a biometric purpose (MEG-alternative). It has to exist.
   */
  readonly alternative?: Localised;
  /** The public place that is filmed, as it reads after "at" (在): makes the sign (MEG-sign). */
  readonly place?: Localised;
  /** `cover` unless given. */
  readonly whenNotVisible?: 'stop' | 'cover';
  /** `stop` unless given. */
  readonly inBackground?: BackgroundBehaviour;
}

const TEXTS: Readonly<Record<TemplateLanguage, TemplateTexts>> = { 'zh-CN': SIMPLIFIED_CHINESE, en: ENGLISH };

/** What each purpose leaves behind, the category of its retention. */
export const KEPT: Readonly<Record<LibraryPurpose, KeptMedia | 'live-picture' | 'comparison-results' | 'album-groups'>> = {
  'live-redacted-view': 'live-picture',
  'staff-review': 'redacted-media',
  'redacted-recording': 'redacted-media',
  'sound-recording': 'recorded-sound',
  'feature-extraction': 'protected-templates',
  comparison: 'comparison-results',
  'album-grouping': 'album-groups',
  'sealed-originals': 'sealed-regions',
  sharing: 'redacted-media',
};

/**
 * A complete notice for a scene (TAF-4), in simplified Chinese and English: the app says who, which purposes, how long
 * and to whom; the template says the rest. A starting point for the controller's lawyer, not advice. The texts describe
 * what this library does; what an app does besides belongs into its `ownPurposes`, `recipients` and `storedAt`.
 * @throws TypeError that names the field that is missing, unknown or breaks a rule of the scene.
 */
export function noticeFor(scene: Scene, fields: NoticeFields): Notice {
  if (!Object.hasOwn(SCENES, scene)) throw new TypeError(`scene must be one of ${Object.keys(SCENES).join(', ')}, got '${String(scene)}'.`);
  checkFields(fields);
  const { controller, ownPurposes = [], languages = ['zh-CN', 'en'], storedAt, alternative, place } = fields;
  const asks = (name: LibraryPurpose): boolean => fields.purposes.some(({ purpose }) => purpose === name);
  const [sealsOriginals, keepsSound] = [asks('sealed-originals'), asks('sound-recording')];
  const write = (words: (texts: TemplateTexts, fill: TemplateFill, tag: TemplateLanguage) => string): Localised =>
    Object.fromEntries(
      languages.map((tag) => {
        const fill = { scene, service: textIn(tag, fields.service), controller: textIn(tag, controller.name), contact: controller.contact, sealsOriginals, keepsSound };
        return [tag, words(TEXTS[tag], fill, tag)];
      }),
    );
  const notice: Notice = {
    noticeId: fields.noticeId,
    version: fields.version,
    jurisdiction: fields.jurisdiction ?? 'CN',
    languages,
    scene,
    validFrom: fields.validFrom,
    validUntil: fields.validUntil,
    controller,
    purposes: [...fields.purposes.map((purpose) => worded(purpose, write)), ...ownPurposes],
    recipients: [...inCall(scene, fields.purposes, write), ...(fields.recipients ?? [])],
    storageLocation: storedAt === 'device' ? write((texts) => texts.onDevice) : storedAt,
    rights: write((texts, fill) => texts.rights(fill)),
    complaint: write((texts, fill) => texts.complaint(fill)),
    alternatives: alternative === undefined ? null : write((texts, _fill, tag) => texts.alternatives(textIn(tag, alternative))),
    whenNotVisible: fields.whenNotVisible ?? 'cover',
    inBackground: fields.inBackground ?? 'stop',
    sign: place === undefined ? null : write((texts, fill, tag) => texts.sign(fill, textIn(tag, place))),
    ageThreshold: 14,
  };
  checkNotice(notice);
  return notice;
}

type Write = (words: (texts: TemplateTexts, fill: TemplateFill) => string) => Localised;

function worded({ purpose, retentionDays, validForDays, essential }: TemplatePurpose, write: Write): NoticePurpose {
  const word = (key: 'title' | 'description' | 'method' | 'scope'): Localised => write((texts, fill) => texts.purpose[purpose](fill)[key]);
  const categories = TEXTS['zh-CN'].purpose[purpose];
  const count = categories({ scene: 'upload', service: '', controller: '', contact: '', sealsOriginals: false, keepsSound: false }).dataCategories.length;
  return {
    purpose,
    title: word('title'),
    description: word('description'),
    method: word('method'),
    scope: word('scope'),
    dataCategories: Array.from({ length: count }, (_, index) => write((texts, fill) => texts.purpose[purpose](fill).dataCategories[index] ?? '')),
    retention: { category: KEPT[purpose], periodDays: retentionDays, text: write((texts) => texts.retention(retentionDays)) },
    ...(essential === undefined ? {} : { essential }),
    ...(validForDays === undefined ? {} : { validForDays }),
  };
}

/** Who is in the call sees its picture, and nobody has to be told by the app. */
function inCall(scene: Scene, purposes: readonly TemplatePurpose[], write: Write): NoticeRecipient[] {
  const seen: readonly Purpose[] = ['live-redacted-view'];
  if (scene !== 'call' || !purposes.some(({ purpose }) => seen.includes(purpose))) return [];
  return [{ type: write((texts) => texts.otherPeopleInCall), purposes: seen }];
}

/** What the templates put into sentences; all else is checked as part of the notice. */
function checkFields(fields: unknown): asserts fields is NoticeFields {
  const any = matching('a value', () => true);
  const phrase = matching('an object with a text in each language', isObject);
  const rules: OptionRules<NoticeFields> = {
    noticeId: any,
    version: any,
    validFrom: any,
    validUntil: any,
    jurisdiction: any,
    languages: matching("a list of 'zh-CN' and 'en'", (v) => Array.isArray(v) && v.length > 0 && v.every((tag) => Object.hasOwn(TEXTS, tag as string))),
    service: phrase,
    controller: matching('an object with a name in each language', (v) => isObject(v) && isObject(v['name'])),
    purposes: matching('a list', Array.isArray),
    ownPurposes: matching('a list', Array.isArray),
    recipients: matching('a list', Array.isArray),
    storedAt: matching("'device' or an object with a text in each language", (v) => v === 'device' || isObject(v)),
    alternative: phrase,
    place: phrase,
    whenNotVisible: any,
    inBackground: any,
  };
  checkOptions<NoticeFields>('fields', fields, rules, ['noticeId', 'version', 'validFrom', 'validUntil', 'service', 'controller', 'purposes', 'storedAt']);
  const languages = fields.languages ?? ['zh-CN', 'en'];
  for (const key of ['service', 'alternative', 'place'] as const) {
    const missing = fields[key] === undefined ? undefined : languages.find((tag) => !isPhrase(fields[key]?.[tag]));
    if (missing !== undefined) throw new TypeError(`fields.${key}.${missing} is missing; expected a phrase in that language.`);
  }
  fields.purposes.forEach((purpose, index) => {
    const purposeRules: OptionRules<TemplatePurpose> = { purpose: oneOf(PURPOSES), retentionDays: any, validForDays: any, essential: any };
    checkOptions<TemplatePurpose>(`fields.purposes[${index}]`, purpose, purposeRules, ['purpose', 'retentionDays']);
  });
  const biometric = fields.purposes.find(({ purpose }) => BIOMETRIC_PURPOSES.includes(purpose));
  if (biometric !== undefined && fields.alternative === undefined) {
    throw new TypeError(`fields.alternative is missing; '${biometric.purpose}' is biometric, so say which way there is without (MEG-alternative).`);
  }
}

const isPhrase = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

/** The text in a language that is known to be there, or '' for {@link checkNotice} to find. */
function textIn(tag: TemplateLanguage, text: Localised): string {
  return text[tag] ?? '';
}
