export { BautaConsent, defineConsent } from './consent-element.ts';
export type { ConsentPhase } from './consent-element.ts';
export type { ConsentTextKey, ConsentTexts } from './consent-texts-en.ts';
export { BautaIndicator, defineIndicator } from './indicator.ts';
