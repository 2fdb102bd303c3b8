import { part } from '../dom.ts';
import { describeFailure } from '../failure.ts';
import { Language } from '../language.ts';
import { RightsPage } from './rights-page.ts';

const language = new Language();
part('language', HTMLButtonElement).addEventListener('click', () => { language.toggle(); });
document.querySelector('.pages [data-page="rights"]')?.setAttribute('aria-current', 'page');
language.apply();

new RightsPage(language).open().catch((error: unknown) => {
  language.write(part('trouble', HTMLElement), describeFailure(error).text);
});
