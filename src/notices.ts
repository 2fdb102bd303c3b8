export { noticeFor } from './governance/consent/notice-templates.ts';
export type { NoticeFields, TemplateLanguage, TemplatePurpose } from './governance/consent/notice-templates.ts';
