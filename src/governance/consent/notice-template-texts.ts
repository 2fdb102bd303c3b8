import type { LibraryPurpose } from './purposes.ts';
import type { Scene } from './scenes.ts';

/** What the texts of one language are filled with. */
export interface TemplateFill {
  readonly scene: Scene;
  readonly service: string;
  readonly controller: string;
  readonly contact: string;
  /** The notice also asks whether originals may be sealed. */
  readonly sealsOriginals: boolean;
  /** It also asks whether sound may be kept. */
  readonly keepsSound: boolean;
}

/** The words of one purpose in one language. */
export interface PurposeWords {
  readonly title: string;
  readonly description: string;
  readonly method: string;
  readonly scope: string;
  readonly dataCategories: readonly string[];
}

/** All texts of one language. */
export interface TemplateTexts {
  readonly purpose: Readonly<Record<LibraryPurpose, (fill: TemplateFill) => PurposeWords>>;
  retention(days: number): string;
  rights(fill: TemplateFill): string;
  complaint(fill: TemplateFill): string;
  alternatives(alternative: string): string;
  sign(fill: TemplateFill, place: string): string;
  readonly onDevice: string;
  readonly otherPeopleInCall: string;
}
