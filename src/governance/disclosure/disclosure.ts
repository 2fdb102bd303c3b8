import { checkOptions, matching, oneOf } from '../../core/options.ts';
import { ENGLISH } from '../consent/notice-templates-en.ts';
import { SIMPLIFIED_CHINESE } from '../consent/notice-templates-zh-cn.ts';
import { KEPT, type TemplateLanguage } from '../consent/notice-templates.ts';
import type { PurposeWords, TemplateTexts } from '../consent/notice-template-texts.ts';
import { checkNotice, type Localised, type Notice } from '../consent/notice.ts';
import type { LibraryPurpose, Purpose } from '../consent/purposes.ts';
import { SCENES, type Scene } from '../consent/scenes.ts';
import { RETENTION_RULES, type RetentionCategory } from '../retention/categories.ts';
import { BUNDLED_COMPONENTS } from './bundled-components.ts';
import type { BothLanguages, BundledComponent } from './component.ts';
import { DISCLOSURE_TEXTS, type DisclosureTexts, type PermissionId, type RecordId } from './texts.ts';

/** One row of the table of personal information. */
export interface PersonalInformationRow {
  /** The purpose, or the class of records. */
  readonly id: Purpose | RecordId;
  readonly type: BothLanguages;
  readonly purpose: BothLanguages;
  readonly method: BothLanguages;
  readonly necessary: boolean;
  readonly retention: BothLanguages;
  readonly place: BothLanguages;
}

/** One row of the table of permissions. */
export interface PermissionRow {
  readonly id: PermissionId;
  readonly name: BothLanguages;
  readonly purpose: BothLanguages;
  readonly when: BothLanguages;
  readonly necessary: boolean;
  readonly refusal: BothLanguages;
}

/** What an app has to tell about data, permissions and third parties; plain JSON. */
export interface Disclosure {
  readonly kind: 'bauta-disclosure';
  readonly version: 1;
  readonly personalInformation: readonly PersonalInformationRow[];
  readonly permissions: readonly PermissionRow[];
  readonly components: readonly BundledComponent[];
}

/** Options of {@link disclosure}. */
export interface DisclosureOptions {
  /** The app's notice: the table then tells what this app does. */
  readonly notice?: Notice;
  /** Without a notice: what the library can do in this scene; `service` unless given. */
  readonly scene?: Scene;
}

const LANGUAGES: readonly TemplateLanguage[] = ['zh-CN', 'en'];
const TEMPLATES: Readonly<Record<TemplateLanguage, TemplateTexts>> = { 'zh-CN': SIMPLIFIED_CHINESE, en: ENGLISH };
const PERMISSIONS: readonly PermissionId[] = ['camera', 'microphone', 'file', 'database', 'persistent-storage', 'gpu'];
const RECORDS: readonly RecordId[] = ['consent-records', 'access-records', 'audit-log'];

/**
 * The tables of personal information (type, purpose, method, necessary or optional, how long, where), of permissions, and
 * of third-party components as they are really bundled (TEN-tables, MEG-disclose). A starting point: what the app does
 * besides, it adds.
 * @throws TypeError for a notice that lacks something, naming the field.
 */
export function disclosure(options: DisclosureOptions = {}): Disclosure {
  checkOptions<DisclosureOptions>('disclosure', options, { notice: matching('a notice', (value) => value !== null), scene: oneOf(Object.keys(SCENES)) });
  const { notice, scene = 'service' } = options;
  if (notice !== undefined) checkNotice(notice);
  const staff = notice === undefined ? SCENES[scene].purposes.includes('staff-review') : notice.purposes.some(({ purpose }) => purpose === 'staff-review' || purpose === 'sealed-originals');
  const sound = (notice === undefined ? SCENES[scene].purposes : notice.purposes.map(({ purpose }) => purpose)).includes('sound-recording');
  return {
    kind: 'bauta-disclosure',
    version: 1,
    personalInformation: [...(notice === undefined ? rowsOfLibrary(scene) : rowsOfNotice(notice)), ...RECORDS.filter((id) => staff || id !== 'access-records').map(rowOfRecords)],
    permissions: PERMISSIONS.filter((id) => sound || id !== 'microphone').map((id) => ({
      id,
      ...words((texts) => texts.permissions[id], ['name', 'purpose', 'when', 'refusal']),
      // Without a place for records there is no consent, and without consent nothing opens.
      necessary: id === 'database',
    })),
    components: BUNDLED_COMPONENTS,
  };
}

function rowsOfNotice(notice: Notice): PersonalInformationRow[] {
  return notice.purposes.map(({ purpose, title, description, method, scope, dataCategories, retention, essential }) => ({
    id: purpose,
    type: both((language) => dataCategories.map((category) => textIn(category, language)).join(DISCLOSURE_TEXTS[language].join)),
    purpose: both((language) => `${textIn(title, language)}${language === 'en' ? ': ' : '：'}${textIn(description, language)}`),
    method: both((language) => `${textIn(method, language)}${language === 'en' ? ' ' : ''}${textIn(scope, language)}`),
    necessary: essential !== undefined,
    retention: both((language) => textIn(retention.text, language)),
    place: both((language) => textIn(notice.storageLocation, language)),
  }));
}

function rowsOfLibrary(scene: Scene): PersonalInformationRow[] {
  return SCENES[scene].purposes.map((purpose) => {
    const say = (pick: (purposeWords: PurposeWords, texts: DisclosureTexts, language: TemplateLanguage) => string): BothLanguages =>
      both((language) => pick(wordsOf(purpose, scene, language), DISCLOSURE_TEXTS[language], language));
    return {
      id: purpose,
      type: say(({ dataCategories }, { join }) => dataCategories.join(join)),
      purpose: say(({ title, description }, _texts, language) => `${title}${language === 'en' ? ': ' : '：'}${description}`),
      method: say(({ method, scope }, _texts, language) => `${method}${language === 'en' ? ' ' : ''}${scope}`),
      necessary: false,
      retention: periodOf(KEPT[purpose]),
      place: both((language) => TEMPLATES[language].onDevice),
    };
  });
}

function wordsOf(purpose: LibraryPurpose, scene: Scene, language: TemplateLanguage): PurposeWords {
  const { purposes } = SCENES[scene];
  const [sealsOriginals, keepsSound] = [purposes.includes('sealed-originals'), purposes.includes('sound-recording')];
  return TEMPLATES[language].purpose[purpose]({ scene, service: DISCLOSURE_TEXTS[language].service, controller: '', contact: '', sealsOriginals, keepsSound });
}

function rowOfRecords(id: RecordId): PersonalInformationRow {
  return { id, ...words((texts) => texts.records[id], ['type', 'purpose', 'method']), necessary: true, retention: periodOf(id), place: both((language) => TEMPLATES[language].onDevice) };
}

function periodOf(category: RetentionCategory): BothLanguages {
  const { defaultDays, maxDays } = RETENTION_RULES[category];
  return both((language) => DISCLOSURE_TEXTS[language].period(defaultDays, maxDays));
}

function words<Key extends string>(pick: (texts: DisclosureTexts) => Readonly<Record<Key, string>>, keys: readonly Key[]): Record<Key, BothLanguages> {
  return Object.fromEntries(keys.map((key) => [key, both((language) => pick(DISCLOSURE_TEXTS[language])[key])])) as Record<Key, BothLanguages>;
}

/** A notice may have further languages, or no English: then it is told in Chinese, which every notice has. */
function textIn(text: Localised, language: TemplateLanguage): string {
  return text[language] ?? text['zh-CN'] ?? '';
}

function both(say: (language: TemplateLanguage) => string): BothLanguages {
  const [chinese, english] = LANGUAGES.map(say);
  return { 'zh-CN': chinese ?? '', en: english ?? '' };
}
