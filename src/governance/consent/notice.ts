import { canonicalJson, sha256Hex } from '../../core/canonical-json.ts';
import { isObject } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Purpose } from './purposes.ts';
import type { BackgroundBehaviour, EssentialGround, Scene } from './scenes.ts';

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
 * Throws unless `value` is a complete and lawful notice.
 * @throws TypeError that names the field, the value and the fix.
 */
export function checkNotice(value: unknown): asserts value is Notice {
  if (value === null) throw new TypeError('notice must be an object, got null.');
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
