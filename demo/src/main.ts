import { Consent } from './consent.ts';
import { ConsentStep } from './consent-step.ts';
import { part } from './dom.ts';
import { describeFailure } from './failure.ts';
import { Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';
import { Studio } from './studio.ts';

const VIEWS = { consent: 'hero-title', refused: 'refused-title', studio: 'studio-title' } as const;
type View = keyof typeof VIEWS;

const language = new Language();
const announcer = part('announcer', HTMLElement);
const withdrawButton = part('withdraw', HTMLButtonElement);

function announce(text: MessageKey): void {
  language.write(announcer, text);
}

/** Shows one view. With `focus` its heading is focused, so that keyboard and screen reader start there. */
function show(view: View, focus: boolean): void {
  for (const name of Object.keys(VIEWS) as View[]) part(`view-${name}`, HTMLElement).hidden = name !== view;
  withdrawButton.hidden = view !== 'studio';
  if (!focus) return;
  part(VIEWS[view], HTMLElement).focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

async function run(): Promise<void> {
  const consent = await Consent.open();
  const studio = new Studio(language, consent, {
    announce,
    onConsentNeeded: () => {
      step.reset();
      show('consent', true);
      announce('failConsent');
    },
    onCapturing: (capturing) => {
      document.title = `${capturing ? '● ' : ''}${language.text('pageTitle')}`;
    },
  });
  const step = new ConsentStep(language, {
    onAgree: (purposes) => {
      consent.give(purposes, language.tag).then(
        () => {
          show('studio', true);
        },
        fail,
      );
    },
    onRefuse: () => {
      show('refused', true);
    },
  });
  consent.onWithdrawn = () => {
    // The grant has ended the session already; this ends what is only shown, such as a still picture.
    studio.stop().catch(reportError);
    step.reset();
    show('consent', true);
    announce('state_withdrawn');
  };
  withdrawButton.addEventListener('click', () => {
    consent.withdraw().catch(fail);
  });
  part('reconsider', HTMLButtonElement).addEventListener('click', () => {
    show('consent', true);
  });
  show((await consent.grant('live-redacted-view')) === null ? 'consent' : 'studio', false);
}

/** The page cannot go on: says so where the person is looking. */
function fail(error: unknown): void {
  const { text } = describeFailure(error);
  show('consent', false);
  language.write(part('consent-missing', HTMLElement), text);
}

language.apply();
part('language', HTMLButtonElement).addEventListener('click', () => {
  language.toggle();
});
run().catch(fail);
