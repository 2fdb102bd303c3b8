import { CLOCK_TOLERANCE_MS, type EpochMs, type Milliseconds } from '../core/time.ts';

/** What can go wrong in a way that somebody should look into (MEG-incident). Closed. */
export const INCIDENT_KINDS = Object.freeze(['integrity-failed', 'egress-attempted', 'refusals-repeated', 'forgery-attempted', 'clock-tampered', 'storage-lost'] as const);

/** One of {@link INCIDENT_KINDS}. */
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** What was seen. A single one may be an accident: {@link INCIDENT_THRESHOLDS} say from when on it is an incident. */
export interface Observation {
  readonly kind: IncidentKind;
  /** What it happened to or who did it: a file, a store, an id of staff. Never a name, a picture or a vector. */
  readonly about: string;
}

/** From when on observations are an incident. */
export interface IncidentThreshold {
  /** So many about the same thing … */
  readonly count: number;
  /** … within so long. */
  readonly withinMs: Milliseconds;
  /** Not told again before this is over; what happens meanwhile is counted. */
  readonly quietMs: Milliseconds;
  readonly severity: 'high' | 'medium';
}

const MINUTE_MS = 60_000;

/** Numbers are decided in docs/decisions/0009. */
export const INCIDENT_THRESHOLDS: Readonly<Record<IncidentKind, IncidentThreshold>> = Object.freeze({
  'integrity-failed': threshold(1, MINUTE_MS, MINUTE_MS, 'high'),
  'egress-attempted': threshold(1, MINUTE_MS, MINUTE_MS, 'high'),
  'forgery-attempted': threshold(1, MINUTE_MS, MINUTE_MS, 'high'),
  'refusals-repeated': threshold(5, 10 * MINUTE_MS, 10 * MINUTE_MS, 'medium'),
  'clock-tampered': threshold(1, MINUTE_MS, 10 * MINUTE_MS, 'medium'),
  'storage-lost': threshold(1, MINUTE_MS, 10 * MINUTE_MS, 'medium'),
});

/** An incident: to be shown, audited (`incident.raised`) and answered by people. */
export interface Incident {
  readonly incidentId: string;
  readonly kind: IncidentKind;
  readonly severity: IncidentThreshold['severity'];
  readonly about: string;
  readonly at: EpochMs;
  /** The first observation that it rests on. */
  readonly firstAt: EpochMs;
  /** Observations since the last incident of this kind about this, this one included. */
  readonly count: number;
}

/** Someone who makes up a thousand ids must not fill the memory. */
const MAX_TRACES = 1000;

interface Trace {
  /** Times of the latest observations, oldest first, no more than the threshold counts. */
  times: EpochMs[];
  count: number;
  firstAt: EpochMs;
  quietUntil: EpochMs;
}

/** Turns observations into incidents. Pure but for what it remembers; times are handed in. */
export class IncidentWatch {
  readonly #traces = new Map<string, Trace>();
  readonly #thresholds: Readonly<Record<IncidentKind, IncidentThreshold>>;
  #seen: EpochMs = -Infinity;

  constructor(thresholds: Readonly<Record<IncidentKind, IncidentThreshold>> = INCIDENT_THRESHOLDS) {
    this.#thresholds = thresholds;
  }

  /**
   * Takes an observation. A clock that has gone back since the last one is an observation of its own.
   * @param now what the clock says; it may go back.
   * @returns what became an incident by it, mostly nothing.
   * @throws TypeError for an unknown kind or an `about` that is no short text.
   */
  observe({ kind, about }: Observation, now: EpochMs): Incident[] {
    if (!INCIDENT_KINDS.includes(kind)) throw new TypeError(`kind must be one of ${INCIDENT_KINDS.join(', ')}, got '${String(kind)}'.`);
    if (typeof about !== 'string' || about === '' || about.length > 200) throw new TypeError('about must be a text of 1 to 200 characters.');
    const clock = this.tick(now);
    return [...clock, ...this.#count(kind, about)];
  }

  /** Looks at the clock alone. */
  tick(now: EpochMs): Incident[] {
    const back = this.#seen - now > CLOCK_TOLERANCE_MS;
    this.#seen = Math.max(this.#seen, now);
    return back ? this.#count('clock-tampered', 'clock') : [];
  }

  #count(kind: IncidentKind, about: string): Incident[] {
    const { count, withinMs, quietMs, severity } = this.#thresholds[kind];
    const at = this.#seen;
    const key = `${kind} ${about}`;
    const trace = this.#traces.get(key) ?? { times: [], count: 0, firstAt: at, quietUntil: -Infinity };
    trace.times = [...trace.times, at].filter((time) => at - time <= withinMs).slice(-count);
    if (trace.count === 0) trace.firstAt = at;
    trace.count += 1;
    this.#remember(key, trace);
    if (trace.times.length < count || at < trace.quietUntil) return [];
    const incident: Incident = Object.freeze({ incidentId: crypto.randomUUID(), kind, severity, about, at, firstAt: Math.min(trace.firstAt, trace.times[0] ?? at), count: trace.count });
    trace.quietUntil = at + quietMs;
    trace.count = 0;
    return [incident];
  }

  #remember(key: string, trace: Trace): void {
    this.#traces.delete(key);
    const [oldest] = this.#traces.keys();
    if (this.#traces.size >= MAX_TRACES && oldest !== undefined) this.#traces.delete(oldest);
    this.#traces.set(key, trace);
  }
}

function threshold(count: number, withinMs: Milliseconds, quietMs: Milliseconds, severity: IncidentThreshold['severity']): IncidentThreshold {
  return Object.freeze({ count, withinMs, quietMs, severity });
}
