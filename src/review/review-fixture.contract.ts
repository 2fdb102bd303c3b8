import type { Box } from '../core/geometry.ts';
import type { OriginalCrop } from '../core/originals.ts';
import { createRecordingKey, type TrackSample } from '../core/recording.ts';
import { sha256Hex } from '../core/canonical-json.ts';
import { AccessFixture } from '../governance/access/access-fixture.contract.ts';
import type { Role } from '../governance/access/roles.ts';
import { signStaffAssertion } from '../governance/access/staff-assertion.ts';
import { decideUnmask, issueWorkOrder, requestUnmask } from '../governance/access/staff-acts.ts';
import { verifyStatement } from '../governance/access/statement.ts';
import type { AuditCode, AuditEntry } from '../governance/audit/entry.ts';
import { FakeTabs, adult } from '../governance/consent/ledger-fixture.contract.ts';
import { LedgerClock } from '../governance/consent/ledger-clock.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import { MemoryPlace, MemoryStore } from '../governance/consent/memory-store.contract.ts';
import { FIXTURE_NOW, noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { createManifest } from '../governance/manifest/manifest.ts';
import type { OriginalRow } from '../vault/originals-store.ts';
import type { RecordingRow } from '../vault/recording-rows.ts';
import type { ReviewRow, ReviewRowKind } from '../vault/review-store.ts';
import type { FacePicture, FaceSurface } from './face-painter.ts';
import type { ReviewAdditions, ReviewOriginals, ReviewParts, ReviewRecordings } from './ports.ts';
import type { ReviewWorkerEvent } from './protocol.ts';
import { consentOf } from './review-consent.ts';
import { ReviewOffice } from './review-office.ts';

const MEDIA = new TextEncoder().encode('redacted pictures');
const DAY_MS = 86_400_000;

/** Rows in memory, in the place of a `ReviewStore`. */
export class MemoryAdditions implements ReviewAdditions {
  readonly rows: { kind: ReviewRowKind; id: string; row: ReviewRow<ReviewRowKind>; addedAt: number }[] = [];

  async add<K extends ReviewRowKind>(kind: K, id: string, row: ReviewRow<K>, addedAt: number): Promise<boolean> {
    if (this.rows.some((each) => each.kind === kind && each.id === id)) return false;
    this.rows.push(structuredClone({ kind, id, row, addedAt }));
    return true;
  }

  async list<K extends ReviewRowKind>(kind: K, recordingId?: string): Promise<ReviewRow<K>[]> {
    return structuredClone(this.rows.filter((each) => each.kind === kind && (recordingId === undefined || each.row.recordingId === recordingId)).map(({ row }) => row as ReviewRow<K>));
  }

  async find<K extends ReviewRowKind>(kind: K, id: string): Promise<ReviewRow<K> | null> {
    return structuredClone((this.rows.find((each) => each.kind === kind && each.id === id)?.row as ReviewRow<K> | undefined) ?? null);
  }

  async notesOf(ids: readonly string[]) {
    return Promise.all(
      ids.map(async (id) => ({
        boxes: (await this.list('box', id)).map(({ value }) => value),
        notes: (await this.list('note', id)).map(({ value }) => value),
        decisions: (await this.list('decision', id)).map(({ value }) => value),
      })),
    );
  }

  async recordingIds(): Promise<string[]> {
    return [...new Set(this.rows.map(({ row }) => row.recordingId))];
  }

  async count(ids: readonly string[]): Promise<number> {
    return this.rows.filter(({ row }) => ids.includes(row.recordingId)).length;
  }

  async erase(ids: readonly string[]): Promise<number> {
    const before = this.rows.length;
    this.rows.splice(0, before, ...this.rows.filter(({ row }) => !ids.includes(row.recordingId)));
    return before - this.rows.length;
  }
}

/** A surface that remembers what was done to it. */
export class FakeSurface implements FaceSurface {
  readonly done: string[] = [];
  words: readonly string[] = [];

  async decode(jpeg: Uint8Array<ArrayBuffer>): Promise<FacePicture> {
    this.done.push(`decode ${jpeg[0]}`);
    return { close: () => undefined };
  }

  draw(_picture: FacePicture, _box: Box, words: readonly string[]): void {
    this.words = words;
    this.done.push('draw');
  }

  clear(): void {
    this.done.push('clear');
  }
}

/** A device with one recording of subject-1 (`rec-1`, track 3 sealed), a directory of staff, and an office over both. */
export class ReviewFixture {
  readonly access: AccessFixture;
  readonly place: MemoryPlace;
  readonly ledger: ConsentLedger;
  readonly office: ReviewOffice;
  readonly recordings = new Map<string, RecordingRow>();
  readonly originals = new Map<string, OriginalRow>();
  readonly additions = new MemoryAdditions();
  readonly events: ReviewWorkerEvent[] = [];
  readonly surface = new FakeSurface();
  /** What the stores throw from now on. */
  fault: Error | null = null;
  /** Happens while a recording is read. */
  onRead: () => unknown = () => undefined;
  readonly #clock: { now: number };

  private constructor(access: AccessFixture, place: MemoryPlace, ledger: ConsentLedger, clock: { now: number }, ledgerClock: LedgerClock) {
    this.access = access;
    this.place = place;
    this.ledger = ledger;
    this.#clock = clock;
    const tell = (event: ReviewWorkerEvent): void => { this.events.push(event); };
    const parts: ReviewParts = {
      consent: consentOf(ledger, ledgerClock),
      recordings: this.#recordingsPort(),
      originals: this.#originalsPort(),
      additions: this.additions,
      trust: { trustedKeys: access.trustedKeys, audience: access.signer.audience, approvalsNeeded: 1 },
      exclusively: (work) => work(),
      tell,
      tellChange: (recordingId) => { tell({ kind: 'change', data: { recordingId } }); },
    };
    this.office = new ReviewOffice(parts);
    this.office.present(true);
    parts.consent.onChange(() => { this.office.changed(); }, new AbortController().signal);
    ledger.addEventListener('incident', ({ detail }) => { tell({ kind: 'incident', data: detail }); });
  }

  static async make(): Promise<ReviewFixture> {
    const clock = { now: FIXTURE_NOW };
    const place = new MemoryPlace();
    const notice = noticeFixture({ purposes: [purposeFixture('live-redacted-view'), purposeFixture('redacted-recording'), purposeFixture('sealed-originals', { retention: { category: 'sealed-regions', periodDays: 30, text: { 'zh-CN': '三十日', en: 'Thirty days' } } })] });
    const store = new MemoryStore(place);
    const key = await store.deviceKey();
    const ledgerClock = new LedgerClock(() => clock.now);
    const ledger = await ConsentLedger.open({ store, key, clock: ledgerClock, tabs: new FakeTabs().open(), origin: 'https://app.example', exceptions: [] }, notice);
    await ledger.request({ dataSubject: 'subject-1', language: 'en' });
    await ledger.answer({ ...adult(notice, 'given') });
    const fixture = new ReviewFixture(await AccessFixture.make(), place, ledger, clock, ledgerClock);
    await fixture.record('rec-1');
    fixture.seal('rec-1', 3);
    return fixture;
  }

  get now(): number {
    return this.#clock.now;
  }

  set now(now: number) {
    this.#clock.now = now;
  }

  /** Adds a recording of a second, with a manifest of this browser. */
  async record(recordingId: string, change: Partial<RecordingRow> = {}): Promise<RecordingRow> {
    const about = { models: [], settings: { engine: 'fake', margin: 1, holdMs: 1, delayFrames: 0, maxAgeMs: 1, threshold: 0.3 }, styles: [], selfTests: [], source: 'recording', audioTracksDropped: 0 } as const;
    const media = { mimeType: 'video/webm', width: 640, height: 480, frames: 30, durationUs: 1_000_000, bytes: MEDIA.length, sha256: await sha256Hex(MEDIA) };
    const covers = [{ second: 0, frames: 30, regions: 60, wholeFrames: 0 }];
    const { sign } = ConsentLedger.keeping(this.ledger);
    const manifest = await createManifest({ ...about, covers, madeAt: this.now, origin: 'https://app.example', recordingId, complete: true, basedOn: null, media }, sign);
    const row: RecordingRow = {
      recordingId,
      category: 'redacted-recording',
      purpose: 'redacted-recording',
      dataSubject: 'subject-1',
      consentRecordId: 'record',
      createdAt: this.now,
      expiresAt: this.now + 10 * DAY_MS,
      holds: [],
      ending: null,
      restriction: null,
      state: 'complete',
      formerIds: [],
      format: { container: 'webm', codec: 'vp8', mimeType: 'video/webm' },
      key: await createRecordingKey(),
      pieces: 1,
      bytes: MEDIA.length,
      frames: 30,
      durationUs: 1_000_000,
      width: 640,
      height: 480,
      about,
      manifest,
      ...change,
    };
    this.recordings.set(recordingId, row);
    return row;
  }

  /** Seals a track of a recording. */
  seal(recordingId: string, trackId: number, change: Partial<OriginalRow> = {}): void {
    const originalId = `${recordingId}-${trackId}`;
    this.originals.set(originalId, {
      originalId,
      recordingId,
      trackId,
      dataSubject: 'subject-1',
      category: 'sealed-regions',
      purpose: 'sealed-originals',
      consentRecordId: 'record',
      createdAt: this.now,
      expiresAt: this.now + 10 * DAY_MS,
      ending: null,
      wrappedKey: new ArrayBuffer(0),
      chunks: 1,
      crops: 10,
      bytes: 10,
      ...change,
    });
  }

  /** An assertion of the directory that answers a challenge. */
  async assertion(staffId: string, roles: readonly Role[], { nonce = this.office.staff.challenge(), validForMs = 4 * 3_600_000 } = {}): Promise<string> {
    return signStaffAssertion({ staffId, roles, nonce, validForMs }, { ...this.access.signer, ...this.access.directory, issuer: this.access.trustedKeys[0]!.issuer }, this.now);
  }

  async signIn(staffId: string, roles: readonly Role[], options: { validForMs?: number } = {}): Promise<void> {
    await this.office.staff.signIn(await this.assertion(staffId, roles, options));
  }

  /** A work order by sam for rita, as the directory signs it. */
  async order(change: Partial<Parameters<typeof issueWorkOrder>[1]> = {}): Promise<{ readonly id: string; readonly token: string }> {
    const staff = await this.access.login('sam', ['supervisor'], this.now);
    return issueWorkOrder(staff, { recordingId: 'rec-1', trackIds: [3], assignedTo: ['rita'], maxUnmasks: 2, validForMs: 8 * 3_600_000, ...change }, this.access.signer, this.now);
  }

  /** A request under an order. */
  async request(order: { readonly token: string }, by = 'rita', change: Partial<Parameters<typeof requestUnmask>[2]> = {}): Promise<{ readonly id: string; readonly token: string }> {
    const staff = await this.access.login(by, ['reviewer'], this.now);
    const asked = { trackId: 3, reason: 'complaint', reasonText: 'who signed for the parcel', windowMinutes: 10, ...change } as const;
    return requestUnmask(staff, await verifyStatement(order.token, 'work-order', this.access.expected, this.now), asked, this.access.signer, this.now);
  }

  /** Somebody's word on a request. */
  async decision(request: { readonly token: string }, by = 'sue', decision: 'approve' | 'reject' = 'approve'): Promise<{ readonly id: string; readonly token: string }> {
    const staff = await this.access.login(by, ['supervisor'], this.now);
    return decideUnmask(staff, await verifyStatement(request.token, 'unmask-request', this.access.expected, this.now), decision, this.access.signer, this.now);
  }

  /** Everything that an unmask needs, handed in by rita, who is signed in then. @returns ids of order and request. */
  async approved(order: Partial<Parameters<typeof issueWorkOrder>[1]> = {}): Promise<{ readonly orderId: string; readonly requestId: string }> {
    await this.signIn('rita', ['reviewer']);
    const ordered = await this.order(order);
    await this.office.submit(ordered.token);
    const requested = await this.request(ordered);
    await this.office.submit(requested.token);
    await this.office.submit((await this.decision(requested)).token);
    return { orderId: ordered.id, requestId: requested.id };
  }

  /** Entries of the log with this code. */
  async audited(code: AuditCode): Promise<AuditEntry[]> {
    return this.place.audit.filter((entry) => entry.code === code);
  }

  #throwFault(): void {
    if (this.fault !== null) throw this.fault;
  }

  #recordingsPort(): ReviewRecordings {
    const happen = async (): Promise<void> => { await this.onRead(); };
    const samples: TrackSample[] = [0, 100_000, 200_000].map((timeUs) => ({ timeUs, tracks: [{ trackId: 3, box: { x: 10, y: 10, width: 50, height: 60 } }] }));
    return {
      list: async () => [...this.recordings.values()],
      find: async (id) => {
        this.#throwFault();
        return this.recordings.get(id) ?? null;
      },
      read: async function* () {
        await happen();
        yield MEDIA.slice();
      },
      covers: async () => [],
      timeline: async () => samples,
      update: async (id, change) => {
        const row = this.recordings.get(id);
        if (row === undefined) return null;
        const next = { ...row, ...change(row) };
        this.recordings.set(id, next);
        return next;
      },
    };
  }

  #originalsPort(): ReviewOriginals {
    const open = async function* (): AsyncGenerator<OriginalCrop[], void> {
      yield [0, 100_000, 200_000].map((timeUs, index) => ({ timeUs, box: { x: 10, y: 10, width: 50, height: 60 }, jpeg: new Uint8Array([index + 1]) }));
    };
    return {
      list: async (id) => [...this.originals.values()].filter(({ recordingId }) => id === undefined || id === recordingId),
      contentKey: async () => {
        this.#throwFault();
        return createRecordingKey();
      },
      read: () => open(),
    };
  }
}
