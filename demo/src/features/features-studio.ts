import { FacePrivacyError } from 'bauta';
import type { BautaIndicator } from 'bauta/elements';
import { openFaceGallery, type FaceClaim, type FaceFeatures, type FaceGallery, trackAt, type QualityFault } from 'bauta/features';
import type { ErasureReceipt } from 'bauta/receipts';
import type { Consent } from '../consent.ts';
import { part } from '../dom.ts';
import { FaceChips } from '../face-chips.ts';
import { describeFailure } from '../failure.ts';
import { FeaturesDesk } from '../features-desk.ts';
import type { Language } from '../language.ts';
import { en, type MessageKey } from '../messages/en.ts';
import { ModelLoading } from '../model-loading.ts';
import type { PageFrame, Workplace } from '../page.ts';
import { ReceiptCard } from '../receipt-card.ts';
import { CallLog } from './call-log.ts';
import { faultText, Guidance } from './guidance.ts';
import { LivePicture, type Shown } from './live-picture.ts';
import type { People } from './people.ts';
import { ResultCard } from './result-card.ts';

const GALLERY = 'demo';
const LOOK_TIMEOUT_MS = 20_000;
const SAMPLES = 3;
const LOOKS = ['enrol', 'verify', 'identify'] as const;
const ERASURES = ['remove', 'renew', 'erase'] as const;

type Look = (typeof LOOKS)[number];
type Erasure = (typeof ERASURES)[number];

/** Joins the redacted picture, the claim on one of its faces, and what is done with that face. */
export class FeaturesStudio implements Workplace {
  readonly #language: Language;
  readonly #consent: Consent;
  readonly #people: People;
  readonly #frame: PageFrame;
  readonly #picture: LivePicture;
  readonly #chips: FaceChips;
  readonly #desk: FeaturesDesk<FaceGallery>;
  readonly #loading: ModelLoading;
  readonly #guidance: Guidance;
  readonly #result: ResultCard;
  readonly #receipt: ReceiptCard;
  readonly #calls: CallLog;
  #shown: Shown | null = null;
  #claim: FaceClaim | null = null;
  /** What is being done; aborts when it is cancelled. */
  #busy: AbortController | null = null;

  constructor(language: Language, consent: Consent, indicator: BautaIndicator, people: People, frame: PageFrame) {
    this.#language = language;
    this.#consent = consent;
    this.#people = people;
    this.#frame = frame;
    this.#loading = new ModelLoading(language);
    this.#guidance = new Guidance(language);
    this.#result = new ResultCard(language);
    this.#receipt = new ReceiptCard(language);
    this.#calls = new CallLog(language);
    this.#chips = new FaceChips(language, {
      onClaim: (trackId) => { this.#toggleClaim(trackId).catch((error: unknown) => { this.#fail(error); }); },
      trackAt,
    });
    this.#picture = new LivePicture(language, consent, indicator, {
      announce: (text) => { frame.announce(text); },
      onShown: (shown) => { this.#follow(shown); },
      onFaces: (report) => {
        const before = this.#chips.count;
        this.#chips.show(report);
        const { count } = this.#chips;
        if (count === before) return;
        if (before === 0 || count === 0) this.#sayClaim();
        else this.#sayReady();
      },
    });
    this.#desk = new FeaturesDesk({
      openStore: (features) => openFaceGallery(features, { name: GALLERY }),
      onProgress: (progress) => { this.#loading.show(progress); },
      onOpen: (features) => { this.#listen(features); },
      onClosed: (features) => { this.#ended(features); },
    });
    for (const look of LOOKS) part(look, HTMLButtonElement).addEventListener('click', () => { this.#look(look).catch(reportError); });
    for (const erasure of ERASURES) part(erasure, HTMLButtonElement).addEventListener('click', () => { this.#erase(erasure).catch(reportError); });
    part('work-cancel', HTMLButtonElement).addEventListener('click', () => { this.#busy?.abort(); });
    this.#offerPeople();
    language.follow(() => {
      this.#sayClaim();
      this.#sayKept();
    });
  }

  resume(): void {
    this.#open().catch((error: unknown) => {
      this.#loading.hide();
      this.#fail(error);
    });
  }

  /** The features end by themselves with the grant, and erase then what was kept under it: they are not closed from here. */
  async stop(): Promise<void> {
    this.#busy?.abort();
    this.#result.clear();
    this.#receipt.clear();
    await this.#picture.stop();
  }

  async #open(): Promise<void> {
    await this.#picture.showWhatIsAllowed();
    const grant = await this.#consent.grant('comparison');
    if (grant === null) return;
    await this.#desk.open(grant);
    this.#loading.hide();
    this.#sayKept();
    this.#sayClaim();
  }

  #listen(features: FaceFeatures): void {
    this.#language.write(part('erased-note', HTMLElement), null);
    features.addEventListener('quality', ({ detail }) => {
      if (this.#busy !== null) this.#guidance.show(detail.report);
    });
    features.addEventListener('embedded', ({ detail }) => { this.#calls.add(detail); });
    features.addEventListener('error', ({ detail }) => { this.#fail(detail); });
    features.addEventListener('incident', ({ detail }) => { this.#fail(detail); });
  }

  /** Worker gone; where consent has ended, what was kept is erased, too. */
  #ended(features: FaceFeatures): void {
    if (features.grant.signal.aborted) this.#language.write(part('erased-note', HTMLElement), 'fErased');
    this.#sayKept();
    this.#sayClaim();
  }

  #follow(shown: Shown | null): void {
    this.#shown = shown;
    if (shown === null) this.#busy?.abort();
    this.#drop();
    this.#chips.show(null);
    this.#sayClaim();
  }

  /** Claims a face, or lets it go. */
  async #toggleClaim(trackId: number): Promise<void> {
    const own = this.#claim?.trackId;
    await this.#claim?.release();
    if (own === trackId) this.#sayClaim();
    else await this.#claimTrack(trackId);
  }

  /** @param trackId left out: the only face in the picture. */
  async #claimTrack(trackId?: number): Promise<FaceClaim> {
    const { features } = this.#desk;
    if (features === null || this.#shown?.kind !== 'live') throw new FacePrivacyError('ERR_SESSION_CLOSED', 'Nothing is open.');
    this.#language.write(part('claim-text', HTMLElement), 'fClaiming');
    try {
      const claim = await features.claim(this.#shown.session, trackId === undefined ? {} : { trackId });
      this.#claim = claim;
      claim.addEventListener('ended', ({ detail: { reason } }) => {
        if (this.#claim !== claim) return;
        this.#drop();
        this.#language.write(part('claim-text', HTMLElement), `claimEnd_${reason}`);
      });
      this.#chips.own = claim.trackId;
      this.#picture.stage.own = claim.trackId;
      return claim;
    } finally {
      this.#sayClaim();
    }
  }

  #drop(): void {
    this.#claim = null;
    this.#chips.own = null;
    this.#picture.stage.own = null;
    this.#sayReady();
  }

  async #look(look: Look): Promise<void> {
    const gallery = this.#desk.store;
    const hint = this.#hint;
    if (this.#busy !== null || gallery === null) return;
    if (hint !== null) {
      this.#frame.announce(hint);
      return;
    }
    const busy = new AbortController();
    this.#begin(busy, look);
    try {
      const probe = this.#shown?.kind === 'picture' ? this.#shown.file : (this.#claim ?? (await this.#claimTrack()));
      const options = { timeoutMs: LOOK_TIMEOUT_MS, signal: busy.signal };
      if (look === 'enrol') await this.#enrol(gallery, probe, options);
      else if (look === 'verify') {
        this.#result.showVerification(await gallery.verify(probe, options));
      } else {
        this.#result.showCandidates(await gallery.identify(probe, options), (dataSubject) => this.#nameOf(dataSubject));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#end(busy, look);
    }
  }

  async #enrol(gallery: FaceGallery, probe: FaceClaim | File, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void> {
    const { expiresAt, replaced } = await gallery.enrol(probe, {
      ...options,
      samples: SAMPLES,
      onProgress: ({ taken, wanted }) => { this.#sayProgress(taken, wanted); },
    });
    this.#result.show('good', 'fResultEnrolled', replaced ? 'fResultReplaced' : 'fResultEnrolledText', { date: () => this.#date(expiresAt) });
  }

  async #erase(erasure: Erasure): Promise<void> {
    const gallery = this.#desk.store;
    if (gallery === null || this.#busy !== null) return;
    const busy = new AbortController();
    this.#busy = busy;
    this.#receipt.clear();
    try {
      const receipt = await this.#carryOut(erasure, gallery);
      await this.#receipt.show(receipt);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = null;
      this.#sayKept();
      this.#sayReady();
    }
  }

  async #carryOut(erasure: Erasure, gallery: FaceGallery): Promise<ErasureReceipt> {
    if (erasure === 'remove') {
      const receipt = await gallery.remove(this.#consent.dataSubject);
      this.#result.show('plain', 'fResultRemoved', receipt.erased.templates === 0 ? 'fResultNothing' : null);
      return receipt;
    }
    if (erasure === 'renew') {
      const receipt = await gallery.renew();
      this.#result.show('plain', 'fResultRenewed', 'fResultRenewedText');
      return receipt;
    }
    const receipt = await gallery.erase();
    await this.#desk.reopenStore();
    this.#result.show('plain', 'fResultErased', 'fResultErasedText');
    return receipt;
  }

  #begin(busy: AbortController, look: Look): void {
    this.#busy = busy;
    this.#result.clear();
    this.#receipt.clear();
    this.#guidance.clear();
    const bar = part('work-bar', HTMLProgressElement);
    bar.removeAttribute('value');
    if (look === 'enrol') this.#sayProgress(0, this.#shown?.kind === 'picture' ? 1 : SAMPLES);
    else this.#language.write(part('work-text', HTMLElement), `fLooking_${look}`);
    const work = part('work', HTMLElement);
    work.hidden = false;
    part('work-cancel', HTMLButtonElement).focus({ preventScroll: true });
    work.scrollIntoView({ block: 'nearest' });
    this.#sayReady();
  }

  #end(busy: AbortController, look: Look): void {
    if (this.#busy !== busy) return;
    this.#busy = null;
    this.#guidance.clear();
    const hadFocus = part('work', HTMLElement).contains(document.activeElement);
    part('work', HTMLElement).hidden = true;
    if (hadFocus) part(look, HTMLButtonElement).focus();
    this.#sayKept();
    this.#sayReady();
  }

  #sayProgress(taken: number, wanted: number): void {
    const bar = part('work-bar', HTMLProgressElement);
    bar.max = wanted;
    bar.value = taken;
    this.#language.write(part('work-text', HTMLElement), 'fLooking_enrol', { taken, wanted });
  }

  /** Why no face can be looked at now; null when one can. */
  get #hint(): MessageKey | null {
    if (this.#shown === null) return 'fFirstPicture';
    return this.#shown.kind === 'picture' || this.#claim !== null || this.#chips.count === 1 ? null : 'fFirstFace';
  }

  #sayClaim(): void {
    const { features } = this.#desk;
    const text = part('claim-text', HTMLElement);
    if (this.#shown === null || features === null) this.#language.write(text, 'fClaimIdle');
    else if (this.#shown.kind === 'picture') this.#language.write(text, 'fClaimPicture');
    else if (this.#claim !== null) this.#language.write(text, 'fClaimed', { track: this.#claim.trackId });
    else this.#language.write(text, this.#chips.count === 0 ? 'fClaimNone' : 'fClaimAsk');
    this.#sayReady();
  }

  #sayReady(): void {
    const open = this.#desk.store !== null && this.#busy === null;
    for (const look of LOOKS) part(look, HTMLButtonElement).setAttribute('aria-disabled', String(!open || this.#hint !== null));
    for (const erasure of ERASURES) part(erasure, HTMLButtonElement).setAttribute('aria-disabled', String(!open));
    this.#language.write(part('action-hint', HTMLElement), this.#desk.store === null || this.#busy !== null ? null : this.#hint);
  }

  #sayKept(): void {
    const gallery = this.#desk.store;
    const mine = gallery?.enrolments().find(({ dataSubject }) => dataSubject === this.#consent.dataSubject);
    part('people-count', HTMLElement).textContent = gallery === null ? '–' : this.#language.number(gallery.count);
    part('people-mine', HTMLElement).textContent = gallery === null ? '–' : this.#language.text(mine === undefined ? 'fNo' : 'fYes');
    const enrolment = part('enrolment', HTMLElement);
    if (gallery === null) this.#language.write(enrolment, null);
    else if (mine === undefined) this.#language.write(enrolment, 'fNotEnrolled');
    else this.#language.write(enrolment, 'fEnrolledUntil', { date: () => this.#date(mine.expiresAt) });
  }

  #fail(error: unknown): void {
    const { code, title, text } = describeFailure(error);
    this.#result.show('bad', title, 'plain', { text: () => this.#detailOf(error) ?? this.#language.text(text) });
    if (code === 'ERR_CONSENT_WITHDRAWN' || code === 'ERR_CONSENT_EXPIRED') this.#frame.follow();
    // Erased or renewed in another tab: what comes after it is opened.
    if (code === 'ERR_SESSION_CLOSED') this.#desk.reopenStore().then(() => { this.#sayKept(); }).catch(reportError);
  }

  /** What the library says besides the code: by how much a view missed, why a claim ended. */
  #detailOf(error: unknown): string | null {
    if (!(error instanceof FacePrivacyError)) return null;
    if (error.code === 'ERR_FACE_QUALITY') return faultText(this.#language, error.details as unknown as QualityFault);
    const ended = `claimEnd_${String(error.details['reason'])}`;
    return error.code === 'ERR_CLAIM_ENDED' && Object.hasOwn(en, ended) ? this.#language.text(ended as MessageKey) : null;
  }

  #offerPeople(): void {
    const who = part('who', HTMLSelectElement);
    const people = this.#people;
    this.#language.follow(() => {
      const here = people.numberOf(people.current);
      who.replaceChildren(
        ...Array.from({ length: people.count }, (_, index) => {
          const number = index + 1;
          return new Option(this.#language.text(number === here ? 'fPersonYou' : 'fPerson', { number }), String(number), number === here, number === here);
        }),
      );
    });
    // Everybody has a consent, a worker and a page of their own.
    who.addEventListener('change', () => {
      people.choose(Number(who.value));
      location.reload();
    });
    part('next-person', HTMLButtonElement).addEventListener('click', () => {
      people.add();
      location.reload();
    });
  }

  #nameOf(dataSubject: string): string {
    const number = this.#people.numberOf(dataSubject);
    return this.#language.text(dataSubject === this.#consent.dataSubject ? 'fPersonYou' : 'fPerson', { number });
  }

  #date(epochMs: number): string {
    return new Date(epochMs).toLocaleString(this.#language.tag, { dateStyle: 'medium', timeStyle: 'short' });
  }
}
