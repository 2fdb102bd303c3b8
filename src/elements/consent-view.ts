import type { EpochMs } from '../core/time.ts';
import { noticeText, type Notice, type NoticeText } from '../governance/consent/notice.ts';
import type { ConsentTextKey, ConsentTexts } from './consent-texts-en.ts';
import { consentTexts } from './consent-texts.ts';

/** A notice and the words around it in one language: what every part of the element is drawn from. */
export interface ConsentView {
  readonly notice: NoticeText;
  /** The language of the notice that is shown, one of its own. */
  readonly language: string;
  readonly text: (key: ConsentTextKey, fillings?: Readonly<Record<string, string | number>>) => string;
  readonly date: (epochMs: EpochMs) => string;
}

/**
 * The view of a notice.
 * @param language one of the notice's languages.
 * @param own texts of the app, by language.
 */
export function consentView(notice: Notice, language: string, own: Readonly<Record<string, ConsentTexts>>): ConsentView {
  const texts = consentTexts(language, own);
  return {
    notice: noticeText(notice, language),
    language,
    text: (key, fillings = {}) => texts[key].replace(/\{(\w+)\}/g, (gap, name: string) => String(fillings[name] ?? gap)),
    date: (epochMs) => new Date(epochMs).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' }),
  };
}
