import type { EpochMs } from '../core/time.ts';
import type { AuditCode, AuditIds } from './audit/entry.ts';
import { IncidentWatch, type Incident, type Observation } from './incidents.ts';

/** What a desk writes to and tells. */
export interface IncidentDeskParts {
  /** The time now as it is believed, which never goes back. */
  readonly now: () => EpochMs;
  /** What the clock says. */
  readonly clock: () => EpochMs;
  /** Writes an audit entry. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  readonly note: (code: AuditCode, ids: AuditIds) => Promise<void>;
  /** Tells people; called before the incident is audited, so that a full disk hides nothing. */
  readonly tell: (incident: Incident) => void;
}

/** The one place of a browser tab where observations become incidents: told at once, then audited (MEG-incident). */
export class IncidentDesk {
  readonly #parts: IncidentDeskParts;
  readonly #watch = new IncidentWatch();

  constructor(parts: IncidentDeskParts) {
    this.#parts = parts;
  }

  /** Takes an observation. Resolves when what became of it is durable. @throws FacePrivacyError ERR_STORAGE_FAILED: it was told all the same. */
  async report(observation: Observation): Promise<void> {
    await this.#raise([...this.#watch.tick(this.#parts.now()), ...this.#watch.observe(observation, this.#parts.clock())]);
  }

  /** Looks at the clock alone. @throws as {@link IncidentDesk.report}. */
  async look(): Promise<void> {
    await this.#raise([...this.#watch.tick(this.#parts.now()), ...this.#watch.tick(this.#parts.clock())]);
  }

  async #raise(incidents: readonly Incident[]): Promise<void> {
    for (const incident of incidents) this.#parts.tell(incident);
    for (const { incidentId, kind, severity, about, count, firstAt } of incidents) {
      await this.#parts.note('incident.raised', { incidentId, incident: kind, severity, about, count, firstAt });
    }
  }
}
