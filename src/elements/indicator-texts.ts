import type { IndicatorState } from '../core/visible-indicator.ts';

/** What an indicator says in each state. */
const TEXTS: Readonly<Record<'zh-CN' | 'en', Readonly<Record<IndicatorState, string>>>> = {
  'zh-CN': {
    off: '摄像头未使用',
    on: '摄像头使用中，人脸自动遮挡',
    covered: '摄像头使用中，画面已全部遮挡',
  },
  en: {
    off: 'Camera not in use',
    on: 'Camera in use, faces are covered',
    covered: 'Camera in use, the whole picture is covered',
  },
};

/** The words for a state, and the language that they are in: Chinese where the page is Chinese, else English. */
export function indicatorText(state: IndicatorState, language: string): { readonly text: string; readonly language: 'zh-CN' | 'en' } {
  const known = /^zh\b/i.test(language) ? 'zh-CN' : 'en';
  return { text: TEXTS[known][state], language: known };
}
