import { BautaConsent, BautaIndicator, defineConsent, defineIndicator } from 'bauta/elements';
import { Consent } from './consent.ts';
import { part } from './dom.ts';
import { describeFailure } from './failure.ts';
import { enterKiosk } from './kiosk.ts';
import { Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';
import { OwnRecords } from './own-records.ts';
import { Studio } from './studio.ts';

defineConsent();
defineIndicator();

const language = new Language();
const element = part('consent', BautaConsent);
const indicator = part('indicator', BautaIndicator);
const announcer = part('announcer', HTMLElement);
const withdraw = part('withdraw', HTMLButtonElement);

function announce(text: MessageKey): void {
  language.write(announcer, text);
}

/** Who has said yes sees the studio; everybody else the letter, which asks, or accepts that nothing is wanted. */
type View = 'welcome' | 'refused' | 'studio';
let shown: View | null = null;

/** Shows one view; with `focus` keyboard and screen reader go on at its heading. */
function show(view: View, focus: boolean): void {
  const changed = view !== shown;
  shown = view;
  for (const name of ['welcome', 'refused'] as const) part(name, HTMLElement).hidden = name !== view;
  part('view-letter', HTMLElement).hidden = view === 'studio';
  part('view-studio', HTMLElement).hidden = view !== 'studio';
  withdraw.hidden = view !== 'studio';
  if (!changed) return;
  // One place for the person's answers: in the letter before, beside the picture after.
  part(view === 'studio' ? 'studio-place' : 'letter-place', HTMLElement).append(part('own', HTMLElement));
  if (!focus) return;
  part(`${view}-title`, HTMLElement).focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

async function begin(): Promise<void> {
  const consent = await Consent.open();
  const studio = new Studio(language, consent, indicator, {
    announce,
    onConsentNeeded: () => { follow(true).catch(fail); },
    onCapturing: (capturing) => { language.mark = capturing ? '● ' : ''; },
  });
  new OwnRecords(consent, language);

  /** The view follows from what the ledger says and what the element shows, whatever has happened. */
  let turn = 0;
  const follow = async (focus: boolean): Promise<void> => {
    const mine = ++turn;
    const granted = (await consent.grant('live-redacted-view')) !== null;
    if (mine !== turn) return; // Something has happened since: what was asked is out of date.
    // The end of the grant has ended a session already; this ends what is only shown, such as a still picture.
    if (!granted) await studio.stop();
    show(granted ? 'studio' : element.phase === 'answered' ? 'refused' : 'welcome', focus);
  };

  for (const type of ['bauta-phase', 'bauta-answer', 'bauta-refuse', 'bauta-error']) element.addEventListener(type, () => { follow(shown !== null).catch(fail); });
  element.addEventListener('bauta-withdraw', () => { announce('state_withdrawn'); });
  for (const type of ['change', 'ended'] as const) consent.ledger.addEventListener(type, () => { follow(shown !== null).catch(fail); });
  withdraw.addEventListener('click', () => { element.withdraw(); });
  language.follow(() => { element.language = language.tag; });
  indicator.notice = consent.notice;
  element.notice = consent.notice;
  element.ledger = consent.ledger;
  element.dataSubject = consent.dataSubject;
}

/** The page cannot go on: says so where the person is looking. */
function fail(error: unknown): void {
  show('welcome', false);
  language.write(part('trouble', HTMLElement), describeFailure(error).text);
}

part('language', HTMLButtonElement).addEventListener('click', () => { language.toggle(); });
if (new URLSearchParams(location.search).has('kiosk')) enterKiosk(indicator);
language.apply();
begin().catch(fail);
