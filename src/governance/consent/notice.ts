import { canonicalJson, sha256Hex } from '../../core/canonical-json.ts';
import { checkOptions, integerBetween, isObject, matching, oneOf, type OptionRule, type OptionRules } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import { BIOMETRIC_PURPOSES, isPurpose, PURPOSES, type LibraryPurpose, type Purpose } from './purposes.ts';
import { SCENES, type BackgroundBehaviour, type EssentialGround, type Scene } from './scenes.ts';

/** BCP 47 tag, for example `zh-CN`. */
export type LanguageTag = string;

/** A text in every language of its notice. */
export type Localised = Readonly<Record<LanguageTag, string>>;

/** Who decides about the data, and how to reach them. */
export interface NoticeController {
  readonly name: Localised;
  readonly address: Localised;
  /** Telephone, e-mail or both. */
  readonly contact: string;
  /** Name or post of the person in charge of personal information. */
  readonly privacyOfficer?: string;
  /** https address of the controller's general policy. */
  readonly policyUrl?: string;
}

/** How long one category of data is kept. */
export interface NoticeRetention {
  /** Short name of the category, for example `redacted-media`. */
  readonly category: string;
  /** Days; 0: not kept at all. */
  readonly periodDays: number;
  readonly text: Localised;
}

/** Why a purpose is the minimum that the service needs (TAF-5.2b/c); scene `service` only. */
export interface NoticeEssential {
  readonly ground: EssentialGround;
  readonly justification: Localised;
}

/** One purpose, told so that it can be answered by itself. */
export interface NoticePurpose {
  readonly purpose: Purpose;
  readonly title: Localised;
  readonly description: Localised;
  readonly method: Localised;
  readonly scope: Localised;
  readonly dataCategories: readonly Localised[];
  readonly retention: NoticeRetention;
  readonly essential?: NoticeEssential;
  /** Days for which a yes holds, 1 to 3650; 365 unless given. */
  readonly validForDays?: number;
}

/** Who receives data: by type, and for which of the notice's purposes (TAF-5.4b). */
export interface NoticeRecipient {
  readonly type: Localised;
  readonly purposes: readonly Purpose[];
}

/**
 * What a person is told before anything opens (TAF-5.1a, MEG-policy). Plain JSON: consent rests on its hash, so any
 * change makes another notice that has to be answered again.
 */
export interface Notice {
  readonly noticeId: string;
  readonly version: string;
  /** Where the controller answers to the law: ISO 3166 code, for example `CN`. */
  readonly jurisdiction: string;
  /** `zh-CN` is always among them. */
  readonly languages: readonly LanguageTag[];
  readonly scene: Scene;
  readonly validFrom: EpochMs;
  readonly validUntil: EpochMs;
  readonly controller: NoticeController;
  readonly purposes: readonly NoticePurpose[];
  readonly recipients: readonly NoticeRecipient[];
  /** Where the data is kept. */
  readonly storageLocation: Localised;
  /** How to have access, correct, erase, withdraw, take along and close the account. */
  readonly rights: Localised;
  /** Where to complain. */
  readonly complaint: Localised;
  /** The way without biometrics; required as soon as a biometric purpose is named (MEG-alternative). */
  readonly alternatives: Localised | null;
  /** The indicator is removed, hidden or covered. */
  readonly whenNotVisible: 'stop' | 'cover';
  /** The page is hidden; `continue` in scene `call` only (TAF-5.1f). */
  readonly inBackground: BackgroundBehaviour;
  /** The sign for a public place (MEG-sign); null where there is none. */
  readonly sign: Localised | null;
  readonly ageThreshold: 14;
}

/**
 * Throws unless `value` is a complete notice that keeps the rules of its scene. Nothing is corrected. Whether it is valid
 * today is decided where it is used.
 * @throws TypeError that names the field, what is expected and the value.
 */
export function checkNotice(value: unknown): asserts value is Notice {
  canonicalJson(value);
  checkOptions<Notice>('notice', value, NOTICE_RULES, Object.keys(NOTICE_RULES) as (keyof Notice)[]);
  if (value.validUntil <= value.validFrom) fail('validUntil', `later than validFrom (${value.validFrom})`, value.validUntil);
  const scene = SCENES[value.scene];
  if (!scene.background.includes(value.inBackground)) {
    fail('inBackground', `${quoted(scene.background)} in scene '${value.scene}' (TAF-5.1f)`, `'${value.inBackground}'`);
  }
  const localised = localisedIn(value.languages);
  checkController(value.controller, localised);
  for (const key of ['storageLocation', 'rights', 'complaint'] as const) localised(`notice.${key}`, value[key]);
  for (const key of ['alternatives', 'sign'] as const) if (value[key] !== null) localised(`notice.${key}`, value[key]);
  value.purposes.forEach((purpose, index) => {
    checkPurpose(`notice.purposes[${index}]`, purpose, value, localised);
  });
  value.recipients.forEach((recipient, index) => {
    checkRecipient(`notice.recipients[${index}]`, recipient, value, localised);
  });
  const named = value.purposes.map(({ purpose }) => purpose);
  const biometric = named.find((purpose) => includes(BIOMETRIC_PURPOSES, purpose));
  if (biometric !== undefined && value.alternatives === null) {
    fail('alternatives', `a text that offers a way without biometrics, because '${biometric}' is named (MEG-alternative)`, 'null');
  }
  if (named.includes('sharing') && !value.recipients.some(({ purposes }) => purposes.includes('sharing'))) {
    fail('recipients', "told by type for 'sharing' (TAF-5.4b)", 'none for it');
  }
  if (value.sign === null && value.purposes.some(({ essential }) => essential?.ground === 'public-safety')) {
    fail('sign', "the text of the sign on the spot, because a purpose rests on 'public-safety' (MEG-sign)", 'null');
  }
}

/** SHA-256 of the notice's canonical JSON (RFC 8785), hexadecimal: what a consent record points to. */
export function hashNotice(notice: Notice): Promise<string> {
  return sha256Hex(canonicalJson(notice));
}

/** A value with every {@link Localised} in it replaced by its text in one language. */
export type InLanguage<T> = T extends Localised ? string : T extends object ? { readonly [K in keyof T]: InLanguage<T[K]> } : T;

/** A notice as it is read out in one language. */
export type NoticeText = InLanguage<Notice>;

/**
 * The notice in one of its languages: the same fields, each {@link Localised} replaced by its text.
 * @throws TypeError when the notice does not have that language.
 */
export function noticeText(notice: Notice, language: LanguageTag): NoticeText {
  if (!notice.languages.includes(language)) {
    throw new TypeError(`language must be one of ${notice.languages.map((tag) => `'${tag}'`).join(', ')}, got '${language}'.`);
  }
  return inLanguage(notice, language) as NoticeText;
}

function inLanguage(value: unknown, language: LanguageTag): unknown {
  if (Array.isArray(value)) return value.map((entry) => inLanguage(entry, language));
  if (!isObject(value)) return value;
  // No other object of a notice has a key that is a language.
  const text = value['zh-CN'] === undefined ? undefined : value[language];
  if (text !== undefined) return text;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inLanguage(entry, language)]));
}

type LocalisedCheck = (place: string, value: unknown) => void;

const TEXT_LIMIT = 4000;
const MAX_DAYS = 36_500;
const NAME_LIMIT = 200;
/** Biometric ways of doing things; sealed originals are no way of doing but of keeping, and may be needed for safety. */
const ALWAYS_OPTIONAL: readonly LibraryPurpose[] = ['feature-extraction', 'comparison', 'album-grouping'];

const name = matching(`a non-empty text of at most ${NAME_LIMIT} characters`, (v) => isText(v, NAME_LIMIT));
const time = matching('a whole number of milliseconds since 1970', (v) => Number.isSafeInteger(v) && (v as number) >= 0);
const object = matching('an object', isObject);
const objectOrNull = matching('an object with a text in each language, or null', (v) => v === null || isObject(v));
const list = (expected: string): OptionRule => matching(expected, (v) => Array.isArray(v) && v.length > 0);
const isTag = (v: unknown): boolean => {
  try {
    return typeof v === 'string' && Intl.getCanonicalLocales(v)[0] === v;
  } catch {
    return false;
  }
};

const NOTICE_RULES: OptionRules<Notice> = {
  noticeId: name,
  version: name,
  jurisdiction: matching("an ISO 3166 code such as 'CN'", (v) => typeof v === 'string' && /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(v)),
  languages: matching(
    "a list of different BCP 47 tags with 'zh-CN' among them",
    (v) => Array.isArray(v) && v.includes('zh-CN') && v.every(isTag) && new Set(v).size === v.length,
  ),
  scene: oneOf(Object.keys(SCENES)),
  validFrom: time,
  validUntil: time,
  controller: object,
  purposes: list('a list of at least one purpose'),
  recipients: matching('a list, empty when nobody receives data', Array.isArray),
  storageLocation: object,
  rights: object,
  complaint: object,
  alternatives: objectOrNull,
  whenNotVisible: oneOf(['stop', 'cover']),
  inBackground: oneOf(['stop', 'cover', 'continue']),
  sign: objectOrNull,
  ageThreshold: matching('14', (v) => v === 14),
};

function checkController(value: unknown, localised: LocalisedCheck): void {
  const place = 'notice.controller';
  const policyUrl = matching('an https address', (v) => typeof v === 'string' && v.startsWith('https://') && URL.canParse(v));
  const rules = { name: object, address: object, contact: name, privacyOfficer: name, policyUrl };
  checkOptions<NoticeController>(place, value, rules, ['name', 'address', 'contact']);
  localised(`${place}.name`, value.name);
  localised(`${place}.address`, value.address);
}

function checkPurpose(place: string, value: unknown, notice: Notice, localised: LocalisedCheck): void {
  const { scene } = notice;
  const allowed = SCENES[scene].purposes;
  checkOptions<NoticePurpose>(
    place,
    value,
    {
      purpose: matching(`one of ${quoted(allowed)} in scene '${scene}', or the app's own as 'app:name'`, (v) => includes(allowed, v) || (isPurpose(v) && !includes(PURPOSES, v))),
      title: object,
      description: object,
      method: object,
      scope: object,
      dataCategories: list('a list of at least one text in each language'),
      retention: object,
      essential: object,
      validForDays: integerBetween(1, 3650),
    },
    ['purpose', 'title', 'description', 'method', 'scope', 'dataCategories', 'retention'],
  );
  if (notice.purposes.filter(({ purpose }) => purpose === value.purpose).length > 1) {
    throw new TypeError(`${place}.purpose must be named once, got '${value.purpose}' again; join the two.`);
  }
  for (const key of ['title', 'description', 'method', 'scope'] as const) localised(`${place}.${key}`, value[key]);
  value.dataCategories.forEach((category, index) => {
    localised(`${place}.dataCategories[${index}]`, category);
  });
  const rules = { category: name, periodDays: integerBetween(0, MAX_DAYS), text: object };
  checkOptions<NoticeRetention>(`${place}.retention`, value.retention, rules, ['category', 'periodDays', 'text']);
  localised(`${place}.retention.text`, value.retention.text);
  if (value.essential !== undefined) checkEssential(`${place}.essential`, value.essential, value.purpose, scene, localised);
}

function checkEssential(place: string, value: unknown, purpose: Purpose, scene: Scene, localised: LocalisedCheck): void {
  const grounds = SCENES[scene].essentialGrounds;
  if (grounds.length === 0) throw new TypeError(`${place} must be left out in scene '${scene}'; only scene 'service' knows essential purposes (TAF-5.2b).`);
  if (includes(ALWAYS_OPTIONAL, purpose)) throw new TypeError(`${place} must be left out for '${purpose}': there is always a way without biometrics (MEG-alternative).`);
  if (purpose === 'sound-recording') throw new TypeError(`${place} must be left out for '${purpose}': whatever is recorded can be recorded without sound.`);
  checkOptions<NoticeEssential>(place, value, { ground: oneOf(grounds), justification: object }, ['ground', 'justification']);
  localised(`${place}.justification`, value.justification);
}

function checkRecipient(place: string, value: unknown, notice: Notice, localised: LocalisedCheck): void {
  const named = notice.purposes.map(({ purpose }) => purpose);
  const purposes = matching(
    `a list of purposes of this notice (${quoted(named)})`,
    (v) => Array.isArray(v) && v.length > 0 && v.every((purpose) => includes(named, purpose)),
  );
  checkOptions<NoticeRecipient>(place, value, { type: object, purposes }, ['type', 'purposes']);
  localised(`${place}.type`, value.type);
}

/** A check that a value has a text in exactly the given languages. */
function localisedIn(languages: readonly LanguageTag[]): LocalisedCheck {
  const text = matching(`a non-empty text of at most ${TEXT_LIMIT} characters`, (v) => isText(v, TEXT_LIMIT));
  const rules = Object.fromEntries(languages.map((tag) => [tag, text]));
  return (place, value) => {
    checkOptions<Record<LanguageTag, string>>(place, value, rules, languages);
  };
}

function isText(value: unknown, limit: number): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= limit;
}

const includes = (values: readonly unknown[], value: unknown): boolean => values.includes(value);
const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

function fail(field: string, expected: string, got: string | number): never {
  throw new TypeError(`notice.${field} must be ${expected}, got ${got}.`);
}
