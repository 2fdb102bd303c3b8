export { EXCEPTION_TITLES } from './governance/consent/exception-titles.ts';
export type { ExceptionTitle } from './governance/consent/exception-titles.ts';
export { noticeFor } from './governance/consent/notice-templates.ts';
export type { NoticeFields, TemplateLanguage, TemplatePurpose } from './governance/consent/notice-templates.ts';
