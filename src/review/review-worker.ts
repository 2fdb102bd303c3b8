import { expose } from 'comlink';
import { isPolicyEnforced, sealEgress } from '../assets/egress-seal.ts';
import { FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { Reply } from '../core/protocol.ts';
import { observationOf } from '../governance/observation-of.ts';
import { answer } from '../threads/answer.ts';
import { FacePainter } from './face-painter.ts';
import { openParts, type OpenedParts } from './open-parts.ts';
import type { ReviewSetup, ReviewWorkerApi, ReviewWorkerEvent } from './protocol.ts';
import { ReviewOffice } from './review-office.ts';

const HEARTBEAT_MS = 500;

/** The unmask worker: opens what it judges by, shuts its network, and answers for the office in it. */
class UnmaskWorker {
  #events: MessagePort | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #parts: OpenedParts | null = null;
  #office: ReviewOffice | null = null;

  load(setup: ReviewSetup, events: MessagePort): ReturnType<ReviewWorkerApi['load']> {
    return answer('ERR_WORKER_START', async () => {
      if (this.#events !== null) throw new FacePrivacyError('ERR_WORKER_START', 'load() was called twice.');
      this.#events = events;
      this.#heartbeat = setInterval(() => { this.#tell({ kind: 'heartbeat' }); }, HEARTBEAT_MS);
      this.#tell({ kind: 'heartbeat' });
      const parts = await openParts(setup, (event) => { this.#tell(event); });
      this.#parts = parts;
      const office = new ReviewOffice(parts);
      parts.onChange = () => { office.changed(); };
      parts.onLost = () => { office.lose(); };
      // Before the seal listens for violations, of which this is a wanted one.
      const cspEnforced = await isPolicyEnforced();
      sealEgress((incident) => { this.#report(parts, incident); });
      await office.tidy();
      this.#office = office;
      return { cspEnforced };
    });
  }

  run<T>(work: (office: ReviewOffice) => T | Promise<T>): Promise<Reply<T>> {
    return answer('ERR_WORKER_LOST', () => {
      if (this.#office === null) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The review desk is closed.');
      return work(this.#office);
    });
  }

  stop(): ReturnType<ReviewWorkerApi['stop']> {
    return answer('ERR_WORKER_LOST', async () => {
      const [office, parts] = [this.#office, this.#parts];
      this.#office = null;
      this.#parts = null;
      try {
        await office?.close();
      } finally {
        parts?.close();
        clearInterval(this.#heartbeat);
      }
      return { openFrames: 0 };
    });
  }

  #report(parts: OpenedParts, incident: FacePrivacyError): void {
    const observed = observationOf(incident);
    if (observed === null) return;
    parts.consent.report(observed).then(
      () => undefined,
      (error: unknown) => { this.#tell({ kind: 'error', data: toErrorReport(error, 'ERR_STORAGE_FAILED') }); },
    );
  }

  #tell(event: ReviewWorkerEvent): void {
    this.#events?.postMessage(event);
  }
}

/** Exposes the worker's control plane; the one thing its entry does. */
export function exposeReviewWorker(): void {
  const worker = new UnmaskWorker();
  // A listed surface: Comlink would expose every property of the class.
  const api: ReviewWorkerApi = {
    load: (...args) => worker.load(...args),
    challenge: () => worker.run(({ staff }) => staff.challenge()),
    signIn: (assertion) =>
      worker.run(async ({ staff }) => {
        await staff.signIn(assertion);
        return staff.signedIn;
      }),
    signOut: () =>
      worker.run(async ({ staff }) => {
        await staff.signOut('asked');
        return staff.signedIn;
      }),
    queue: (filter) => worker.run(({ cases }) => cases.queue(filter)),
    open: (recordingId) => worker.run(({ cases }) => cases.open(recordingId)),
    gone: (recordingIds) => worker.run(({ cases }) => cases.gone(recordingIds)),
    notesOf: (recordingId) => worker.run(({ cases }) => cases.notesOf(recordingId)),
    addBox: (recordingId, box) => worker.run(({ cases }) => cases.addBox(recordingId, box)),
    addNote: (recordingId, text) => worker.run(({ cases }) => cases.addNote(recordingId, text)),
    decide: (recordingId, outcome, text) => worker.run(({ cases }) => cases.decide(recordingId, outcome, text)),
    submit: (token) => worker.run((office) => office.submit(token)),
    workOrders: () => worker.run((office) => office.workOrders()),
    requests: () => worker.run((office) => office.requests()),
    closeWorkOrder: (workOrderId) => worker.run((office) => office.closeWorkOrder(workOrderId)),
    revokeRequest: (requestId) => worker.run((office) => office.revokeRequest(requestId)),
    hold: (recordingId, hold) => worker.run(({ holds }) => holds.place(recordingId, hold)),
    releaseHold: (recordingId, holdId) => worker.run(({ holds }) => holds.release(recordingId, holdId)),
    holds: (recordingId) => worker.run(({ holds }) => holds.list(recordingId)),
    auditLog: (filter) => worker.run((office) => office.auditLog(filter)),
    exportAudit: () => worker.run((office) => office.exportAudit()),
    noteBundle: (manifestId) => worker.run((office) => office.noteBundle(manifestId)),
    unmask: (requestId, canvas) => worker.run((office) => office.unmask(requestId, (size) => new FacePainter(canvas, size))),
    show: (unmaskingId, timeUs) => worker.run((office) => office.show(unmaskingId, timeUs)),
    endUnmasking: (unmaskingId) => worker.run((office) => { office.endUnmasking(unmaskingId); }),
    present: (visible) => worker.run((office) => { office.present(visible); }),
    swept: () => worker.run((office) => office.swept()),
    stop: () => worker.stop(),
  };
  expose(api);
}
