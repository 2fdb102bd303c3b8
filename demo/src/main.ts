import { Consent, type AskedPurpose } from './consent.ts';
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

/** What exists once the browser has given a place for the answers. */
interface Opened {
  readonly consent: Consent;
  readonly studio: Studio;
}

let opened: Promise<Opened> | null = null;

/** Opens the store of the answers, once; after a failure the next call tries again. */
async function open(): Promise<Opened> {
  opened ??= openAll();
  try {
    return await opened;
  } catch (error) {
    opened = null;
    throw error;
  }
}

async function openAll(): Promise<Opened> {
  const consent = await Consent.open();
  const studio = new Studio(language, consent, {
    announce,
    onConsentNeeded: () => {
      askAgain('failConsent');
    },
    onCapturing: (capturing) => {
      language.mark = capturing ? '● ' : '';
    },
  });
  consent.onWithdrawn = () => {
    // The grant has ended the session already; this ends what is only shown, such as a still picture.
    studio.stop().catch(reportError);
    askAgain('state_withdrawn');
  };
  return { consent, studio };
}

function askAgain(why: MessageKey): void {
  step.reset();
  show('consent', true);
  announce(why);
}

async function agree(purposes: ReadonlySet<AskedPurpose>): Promise<void> {
  const { consent } = await open();
  await consent.give(purposes, language.tag);
  show('studio', true);
}

async function withdraw(): Promise<void> {
  const { consent } = await open();
  await consent.withdraw();
}

async function begin(): Promise<void> {
  const { consent } = await open();
  show((await consent.grant('live-redacted-view')) === null ? 'consent' : 'studio', false);
}

/** The page cannot go on: says so where the person is looking. */
function fail(error: unknown): void {
  const { text } = describeFailure(error);
  show('consent', false);
  language.write(part('consent-missing', HTMLElement), text);
}

const step = new ConsentStep(language, {
  onAgree: (purposes) => {
    agree(purposes).catch(fail);
  },
  onRefuse: () => {
    show('refused', true);
  },
});
part('reconsider', HTMLButtonElement).addEventListener('click', () => {
  show('consent', true);
});
withdrawButton.addEventListener('click', () => {
  withdraw().catch(fail);
});
part('language', HTMLButtonElement).addEventListener('click', () => {
  language.toggle();
});
language.apply();
begin().catch(fail);
