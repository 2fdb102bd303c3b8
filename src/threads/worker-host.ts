import { releaseProxy, wrap, type Remote } from 'comlink';
import { asFacePrivacyError, FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { Reply, StopReport } from '../core/protocol.ts';

/** A silent worker is given up after this long; its heartbeat comes twice a second. */
const SILENCE_MS = 5000;
/** Until its first answer: the script may be on the way, and compiling models blocks the thread that would tell. */
const START_MS = 30_000;
const WATCH_MS = 1000;
/** A worker that is stopping gets this long before it is terminated. */
const STOP_MS = 2000;

/** What every worker can be told. */
export interface StoppableApi {
  /** Ends everything in it, in order. Idempotent. */
  stop(): Promise<Reply<StopReport>>;
}

/** A sign of life on the port of events; it goes no further. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
}

/** What the host tells its owner. */
export interface WorkerHostListeners<Event> {
  onEvent(event: Event): void;
  /** Called once when the worker is lost: script missing, crashed, killed or silent. Every pending call is rejected, too. */
  onLost(error: FacePrivacyError): void;
}

/**
 * The main thread's handle of one worker: starts it, watches it, settles every pending call when it is lost, and ends it.
 */
export class WorkerHost<Api extends StoppableApi, Event extends { readonly kind: string }> {
  readonly #name: string;
  readonly #worker: Worker;
  readonly #remote: Remote<Api>;
  readonly #events = new MessageChannel();
  readonly #pending = new Set<(error: FacePrivacyError) => void>();
  readonly #watch: ReturnType<typeof setInterval>;
  readonly #listeners: WorkerHostListeners<Event>;
  #lastSign = performance.now();
  #started = false;
  #answered = false;
  #overdue = false;
  #ended: FacePrivacyError | null = null;

  /**
   * @param name what the worker is called in messages: `redaction`.
   * @throws FacePrivacyError ERR_WORKER_START when the browser refuses to make the worker.
   */
  constructor(name: string, createWorker: () => Worker, listeners: WorkerHostListeners<Event>) {
    this.#name = name;
    this.#listeners = listeners;
    try {
      this.#worker = createWorker();
    } catch (cause) {
      throw new FacePrivacyError('ERR_WORKER_START', `The ${name} worker could not be created; check worker-src in the page's policy.`, { cause });
    }
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const code = this.#started ? 'ERR_WORKER_LOST' : 'ERR_WORKER_START';
      this.#lose(new FacePrivacyError(code, code === 'ERR_WORKER_START' ? `The ${name} worker did not start; is its script served?` : `The ${name} worker failed: ${event.message}`));
    };
    this.#worker.onmessageerror = () => {
      this.#lose(new FacePrivacyError('ERR_WORKER_LOST', `A message of the ${name} worker could not be read.`));
    };
    this.#remote = wrap<Api>(this.#worker);
    this.#events.port1.onmessage = ({ data }: MessageEvent<Event | Heartbeat>) => {
      this.#lastSign = performance.now();
      this.#overdue = false;
      this.#started = true;
      if (!isHeartbeat(data) && this.#ended === null) listeners.onEvent(data);
    };
    this.#watch = setInterval(() => {
      this.#checkSilence();
    }, WATCH_MS);
  }

  /** The port on which the worker reports; to be transferred with `load`. */
  get eventPort(): MessagePort {
    return this.#events.port2;
  }

  /**
   * Calls the worker. @throws FacePrivacyError with the worker's code, ERR_WORKER_LOST when it is lost meanwhile,
   * ERR_SESSION_CLOSED after close().
   */
  async call<T>(run: (remote: Remote<Api>) => Promise<Reply<T>>): Promise<T> {
    if (this.#ended !== null) throw this.#ended;
    let reject: (error: FacePrivacyError) => void = () => undefined;
    const lost = new Promise<never>((_resolve, rejectLost) => {
      reject = rejectLost;
    });
    this.#pending.add(reject);
    try {
      const reply = await Promise.race([run(this.#remote), lost]);
      this.#answered = true;
      this.#lastSign = performance.now();
      if (reply.ok) return reply.value;
      throw fromErrorReport(reply.error);
    } catch (error) {
      throw asFacePrivacyError(error, 'ERR_WORKER_LOST');
    } finally {
      this.#pending.delete(reject);
    }
  }

  /** Stops the worker in order if it still answers, then terminates it. Idempotent; never throws. Answers the raw frames left open, 0 unless it had to be killed. */
  async close(): Promise<number | null> {
    if (this.#ended !== null) return null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => {
        resolve(null);
      }, STOP_MS);
    });
    const stopped = this.call((remote) => remote.stop()).then(
      (report) => report.openFrames,
      () => null, // It is being terminated anyway; the loss itself was told by onLost.
    );
    const openFrames = await Promise.race([stopped, late]);
    clearTimeout(timer);
    this.#end(new FacePrivacyError('ERR_SESSION_CLOSED', 'It was closed.'));
    return openFrames;
  }

  #checkSilence(): void {
    if (performance.now() - this.#lastSign < (this.#answered ? SILENCE_MS : START_MS)) return;
    // After sleep both threads wake together and this timer may be first: give the worker one more turn.
    if (!this.#overdue) {
      this.#overdue = true;
      return;
    }
    this.#lose(
      this.#answered
        ? new FacePrivacyError('ERR_WORKER_LOST', `The ${this.#name} worker has stopped answering.`)
        : new FacePrivacyError('ERR_WORKER_START', `The ${this.#name} worker did not start in time.`),
    );
  }

  #lose(error: FacePrivacyError): void {
    if (this.#ended !== null) return;
    this.#end(error);
    this.#listeners.onLost(error);
  }

  #end(error: FacePrivacyError): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    clearInterval(this.#watch);
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
    this.#remote[releaseProxy]();
    this.#events.port1.close();
    this.#worker.terminate();
  }
}

function isHeartbeat(event: { readonly kind: string }): event is Heartbeat {
  return event.kind === 'heartbeat';
}
