export { disclosure } from './governance/disclosure/disclosure.ts';
export type { Disclosure, DisclosureOptions, PermissionRow, PersonalInformationRow } from './governance/disclosure/disclosure.ts';
export { disclosureAsHtml, disclosureAsMarkdown } from './governance/disclosure/render.ts';
export type { BothLanguages, BundledComponent, ComponentFile } from './governance/disclosure/component.ts';
export type { PermissionId, RecordId } from './governance/disclosure/texts.ts';
