import { CONSENT_TEXTS_EN, type ConsentTexts } from './consent-texts-en.ts';
import { CONSENT_TEXTS_ZH_CN } from './consent-texts-zh-cn.ts';

const SHIPPED: Readonly<Record<string, ConsentTexts>> = { en: CONSENT_TEXTS_EN, 'zh-CN': CONSENT_TEXTS_ZH_CN };

/** The texts for a language: the app's own, else the shipped ones of that language, else English. */
export function consentTexts(language: string, own: Readonly<Record<string, ConsentTexts>>): ConsentTexts {
  return own[language] ?? SHIPPED[closestLanguage(language, Object.keys(SHIPPED)) ?? 'en'] ?? CONSENT_TEXTS_EN;
}

/** The tag among `offered` that is the same as `wanted`, or at least the same language; null where there is none. */
export function closestLanguage(wanted: string, offered: readonly string[]): string | null {
  const primary = (tag: string): string | undefined => tag.toLowerCase().split('-', 1)[0];
  return offered.find((tag) => tag.toLowerCase() === wanted.toLowerCase()) ?? offered.find((tag) => primary(tag) === primary(wanted)) ?? null;
}
