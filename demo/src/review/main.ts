import { Consent, pseudonym } from '../consent.ts';
import { part } from '../dom.ts';
import { Language } from '../language.ts';
import { demoNotice } from '../notice.ts';
import { Directory } from './directory.ts';
import { openReviewPage, type ReviewPage } from './review-page.ts';
import { SignIn } from './sign-in.ts';

const language = new Language();
part('language', HTMLButtonElement).addEventListener('click', () => { language.toggle(); });
document.querySelector('.pages [data-page="review"]')?.setAttribute('aria-current', 'page');
language.apply();
part('view-sign-in', HTMLElement).hidden = false;

/** Ledger, directory and worker: opened once, when somebody signs in, so that looking at the page starts nothing. */
let opening: Promise<ReviewPage> | null = null;
let isOver = false;

const signIn = new SignIn(language, async (staffId) => {
  if (isOver) {
    location.reload();
    return;
  }
  opening ??= open();
  const page = await opening.catch((error: unknown) => {
    opening = null;
    throw error;
  });
  await page.signIn(staffId);
});

async function open(): Promise<ReviewPage> {
  // The same notice and person as on the first page, where things are recorded.
  const consent = await Consent.open(demoNotice(), pseudonym('bauta-demo.subject'));
  try {
    return await openReviewPage(language, consent, await Directory.open(), (error) => {
      isOver = true;
      signIn.fail(error);
    });
  } catch (error) {
    await consent.ledger.close();
    throw error;
  }
}
