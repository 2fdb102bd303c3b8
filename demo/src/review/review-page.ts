import type { FacePrivacyError } from 'bauta';
import { may, openReview, type ReviewDesk, type ReviewItem, type StaffMember } from 'bauta/review';
import { openBundle } from 'bauta/sharing';
import type { Consent } from '../consent.ts';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { AuditView } from './audit-view.ts';
import { BundleCase } from './bundle-case.ts';
import { CaseView } from './case-view.ts';
import { DataRequestsView } from './data-requests-view.ts';
import { PEOPLE, type Directory } from './directory.ts';
import type { DeskContext } from './desk-context.ts';
import { OrdersView } from './orders-view.ts';
import { Queue } from './queue.ts';
import { StaffView } from './staff-view.ts';
import { Tabs, type TabName } from './tabs.ts';
import { moment } from './times.ts';
import { Toast } from './toast.ts';

/**
 * Opens the review desk of this browser, and the page around it.
 * @param onClosed the desk has ended by itself; there is no way back but loading the page anew.
 * @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_WORKER_*.
 */
export async function openReviewPage(language: Language, consent: Consent, directory: Directory, onClosed: (error: FacePrivacyError) => void): Promise<ReviewPage> {
  const desk = await openReview({ ledger: consent.ledger, trust: { keys: directory.trustedKeys, audience: directory.audience } });
  desk.addEventListener('closed', ({ detail: { error } }) => {
    if (error !== null) onClosed(error);
  });
  return new ReviewPage(language, consent, desk, directory);
}

/** The desk at which staff sit: who is signed in decides what there is to see. */
export class ReviewPage {
  readonly #language: Language;
  readonly #desk: ReviewDesk;
  readonly #directory: Directory;
  readonly #toast: Toast;
  readonly #queue: Queue;
  readonly #case: CaseView;
  readonly #orders: OrdersView;
  readonly #audit: AuditView;
  readonly #dataRequests: DataRequestsView;
  readonly #tabs: Tabs;
  #staff: StaffMember | null = null;

  constructor(language: Language, consent: Consent, desk: ReviewDesk, directory: Directory) {
    this.#language = language;
    this.#desk = desk;
    this.#directory = directory;
    this.#toast = new Toast(language);
    const attempt = (act: () => Promise<void>): void => { act().catch((error: unknown) => { this.#toast.fail(error); }); };
    const context: DeskContext = { language, desk, directory, toast: this.#toast, attempt, staff: () => this.#signedIn() };
    this.#case = new CaseView(context, consent);
    this.#orders = new OrdersView(context);
    this.#audit = new AuditView(context);
    this.#dataRequests = new DataRequestsView(context, consent);
    new StaffView(language);
    this.#queue = new Queue(language, {
      list: (filter) => desk.queue(filter),
      onOpen: (item) => { attempt(() => this.#open(item)); },
      mayOpen: () => this.#may('play'),
      onFailure: (error) => { this.#toast.fail(error); },
    });
    this.#tabs = new Tabs(() => { attempt(() => this.#refresh()); });
    desk.addEventListener('staff', ({ detail }) => { if (detail === null) this.#signedOut(); });
    desk.addEventListener('change', ({ detail: { recordingId } }) => { attempt(() => this.#changed(recordingId)); });
    desk.addEventListener('error', ({ detail }) => { this.#toast.fail(detail); });
    desk.addEventListener('closed', () => { this.#signedOut(); });
    part('sign-out', HTMLButtonElement).addEventListener('click', () => { attempt(() => desk.signOut()); });
    const bundle = part('bundle', HTMLInputElement);
    bundle.addEventListener('change', () => {
      const [file] = bundle.files ?? [];
      if (file !== undefined) attempt(() => this.#openBundle(file));
      bundle.value = '';
    });
    language.follow(() => { this.#nameStaff(); });
  }

  /** Has the directory answer the desk's nonce. @throws FacePrivacyError ERR_STATEMENT_*. */
  async signIn(staffId: string): Promise<void> {
    const assertion = await this.#directory.assert(staffId, await this.#desk.challenge());
    this.#staff = await this.#desk.signIn(assertion);
    this.#toast.clear();
    this.#case.idle('vIdleTitle', this.#may('play') ? 'vIdleText' : 'vIdleListOnly');
    part('view-sign-in', HTMLElement).hidden = true;
    part('view-desk', HTMLElement).hidden = false;
    this.#nameStaff();
    this.#tabs.allow(this.#allowedTabs());
    part('desk-title', HTMLElement).focus();
    scrollTo({ top: 0 });
  }

  #signedOut(): void {
    if (this.#staff === null) return;
    this.#staff = null;
    this.#queue.clear();
    this.#orders.clear();
    this.#audit.clear();
    this.#dataRequests.clear();
    this.#case.idle('vIdleTitle', 'vIdleText');
    part('view-desk', HTMLElement).hidden = true;
    part('view-sign-in', HTMLElement).hidden = false;
    part('sign-in-title', HTMLElement).focus();
  }

  async #open({ recordingId }: ReviewItem): Promise<void> {
    const shown = await this.#desk.open(recordingId);
    this.#toast.clear();
    this.#queue.current = recordingId;
    await this.#case.open(shown, 'desk', { ask: this.#asks(), hold: this.#holds(), share: this.#may('share') });
  }

  async #openBundle(file: File): Promise<void> {
    this.#toast.say('vBundleChecking');
    const { staffId } = this.#signedIn();
    const { media, manifest } = await openBundle(file);
    await this.#desk.noteBundle(manifest.manifestId);
    this.#queue.current = null;
    await this.#case.open(new BundleCase({ media, manifest }, staffId), 'bundle', { ask: false, hold: false, share: false });
    this.#toast.say('vBundleOpened');
  }

  async #changed(recordingId: string | null): Promise<void> {
    if (this.#staff === null) return;
    await this.#refresh();
    const open = this.#case.recordingId;
    if (open === null || (recordingId !== null && recordingId !== open)) return;
    if ((await this.#desk.queue()).some((item) => item.recordingId === open && !item.restricted)) await this.#case.refresh();
    else {
      this.#queue.current = null;
      this.#case.idle('vGoneTitle', 'vGoneText');
    }
  }

  async #refresh(): Promise<void> {
    if (this.#staff === null) return;
    const refreshing: Readonly<Record<TabName, () => Promise<void>>> = {
      recordings: () => this.#queue.refresh(),
      orders: () => this.#orders.refresh(),
      audit: () => this.#audit.refresh(),
      staff: () => this.#dataRequests.refresh(),
    };
    await refreshing[this.#tabs.shown]();
  }

  #allowedTabs(): TabName[] {
    const staff = this.#signedIn();
    const tabs: Readonly<Record<TabName, boolean>> = {
      recordings: may(staff, 'list', { kind: 'recording' }),
      orders: may(staff, 'read', { kind: 'work-order', assignedTo: [staff.staffId] }),
      audit: may(staff, 'read', { kind: 'audit-log' }) || may(staff, 'read', { kind: 'incident' }),
      staff: may(staff, 'read', { kind: 'directory', staffId: '*' }),
    };
    return (Object.keys(tabs) as TabName[]).filter((name) => tabs[name]);
  }

  #may(action: 'play' | 'share'): boolean {
    return this.#staff !== null && may(this.#staff, action, { kind: 'recording' });
  }

  #asks(): boolean {
    const { staffId, roles } = this.#signedIn();
    return may({ staffId, roles }, 'request', { kind: 'unmask-request', assignedTo: [staffId] });
  }

  #holds(): boolean {
    return may(this.#signedIn(), 'hold', { kind: 'retention' });
  }

  #signedIn(): StaffMember {
    if (this.#staff === null) throw new TypeError('Nobody is signed in.');
    return this.#staff;
  }

  #nameStaff(): void {
    const language = this.#language;
    const staff = this.#staff;
    if (staff === null) return;
    const person = PEOPLE.find(({ staffId }) => staffId === staff.staffId);
    const name = document.createElement('b');
    name.textContent = person === undefined ? staff.staffId : language.text(`vPerson_${person.staffId}`);
    const rest = language.text('vStaffLine', { id: staff.staffId, until: moment(language, staff.validUntil) });
    part('staff-line', HTMLElement).replaceChildren(name, ` · ${rest}`);
  }
}
