import { describeVerdict, readHeads, verifyAuditExport, type AuditVerdict, type SignedHead } from 'bauta/audit';
import { may, type AuditEntry, type Incident } from 'bauta/review';
import { part } from '../dom.ts';
import { saveFile } from '../save-file.ts';
import type { DeskContext } from './desk-context.ts';
import { make, makeOption } from './make.ts';
import { moment } from './times.ts';

/** Parts of the log, by what its codes begin with. */
const GROUPS = ['consent', 'capture', 'recording', 'staff', 'review', 'unmask', 'retention', 'rights', 'sharing', 'incident'] as const;

const BEGINNINGS: Readonly<Record<(typeof GROUPS)[number], readonly string[]>> = {
  consent: ['consent.', 'notice.', 'record.', 'exception.', 'receipt.'],
  capture: ['camera.', 'capture.'],
  recording: ['recording.', 'original.'],
  staff: ['staff.', 'access.'],
  review: ['review.', 'work-order.'],
  unmask: ['unmask.'],
  retention: ['retention.'],
  rights: ['rights.'],
  sharing: ['sharing.'],
  incident: ['incident.', 'clock.'],
};

const ALARMING = /\.(refused|rejected|failed|conflict|invalid|set-back|raised|denied)$/;
const MOST_SHOWN = 200;

/** The auditor's table: the log, its proof, and what somebody should look into. */
export class AuditView {
  readonly #context: DeskContext;
  readonly #filter = part('audit-filter', HTMLSelectElement);
  readonly #list = part('audit-entries', HTMLOListElement);
  #entries: readonly AuditEntry[] = [];
  /** Of this visit; the log has all of them. */
  #incidents: Incident[] = [];
  #verdict: AuditVerdict | null = null;
  /** Of the exports that were seen here: none of them may be missing from a later one. */
  #heads: SignedHead[] = [];

  constructor(context: DeskContext) {
    this.#context = context;
    const { language, desk, attempt } = context;
    this.#filter.addEventListener('change', () => { this.#drawEntries(); });
    part('audit-export', HTMLButtonElement).addEventListener('click', () => { attempt(() => this.#export()); });
    const file = part('audit-file', HTMLInputElement);
    file.addEventListener('change', () => {
      const [chosen] = file.files ?? [];
      if (chosen !== undefined) attempt(async () => { await this.#verify(await chosen.text()); });
      file.value = '';
    });
    desk.addEventListener('incident', ({ detail }) => {
      this.#incidents = [detail, ...this.#incidents];
      this.#drawIncidents();
    });
    language.follow(() => { this.#draw(); });
  }

  async refresh(): Promise<void> {
    const { desk } = this.#context;
    const actor = desk.staff;
    this.#entries = actor !== null && may(actor, 'read', { kind: 'audit-log' }) ? await desk.auditLog() : [];
    this.#draw();
  }

  /** Nobody is there who may see it. */
  clear(): void {
    this.#entries = [];
    this.#verdict = null;
    this.#draw();
  }

  async #export(): Promise<void> {
    const { desk, language } = this.#context;
    const blob = await desk.exportAudit();
    saveFile(blob, `${language.text('vAuditFile')}.jsonl`);
    await this.#verify(await blob.text());
    await this.refresh();
  }

  async #verify(text: string): Promise<void> {
    this.#verdict = await verifyAuditExport(text, { heads: this.#heads });
    if (this.#verdict.intact) this.#heads = [...this.#heads, ...readHeads(text).slice(-1)];
    this.#drawVerdict();
    part('verdict', HTMLElement).scrollIntoView({ block: 'nearest' });
  }

  #draw(): void {
    const { language, desk } = this.#context;
    const actor = desk.staff;
    const reads = actor !== null && may(actor, 'read', { kind: 'audit-log' });
    for (const id of ['audit-title', 'proof-title']) part(id, HTMLElement).closest<HTMLElement>('.card')?.toggleAttribute('hidden', !reads);
    const chosen = this.#filter.value;
    this.#filter.replaceChildren(makeOption('', language.text('vAll')), ...GROUPS.map((group) => makeOption(group, language.text(`vGroup_${group}`))));
    this.#filter.value = chosen;
    this.#drawEntries();
    this.#drawVerdict();
    this.#drawIncidents();
  }

  #drawEntries(): void {
    const { language } = this.#context;
    const group = GROUPS.find((name) => name === this.#filter.value);
    const begins = group === undefined ? null : BEGINNINGS[group];
    const chosen = this.#entries.filter(({ code }) => begins === null || begins.some((beginning) => code.startsWith(beginning))).reverse();
    const shown = chosen.slice(0, MOST_SHOWN);
    this.#list.replaceChildren(
      ...shown.map(({ at, code, ids, sequence }) => {
        const time = make('time', { text: new Date(at).toLocaleString(language.tag, { dateStyle: 'short', timeStyle: 'medium' }) });
        time.dateTime = new Date(at).toISOString();
        const about = Object.entries(ids).map(([name, value]) => `${name} ${name === 'until' && typeof value === 'number' ? moment(language, value) : value}`).join(' · ');
        return make('li', { tone: ALARMING.test(code) ? 'bad' : 'plain' }, time, make('b', { text: language.text(`vCode_${code}`) }), make('small', { text: `#${sequence} ${code} ${about}` }));
      }),
    );
    const words = { shown: language.number(shown.length), all: language.number(this.#entries.length) };
    language.write(part('audit-count', HTMLElement), 'vAuditCount', words);
  }

  #drawVerdict(): void {
    const { language } = this.#context;
    const verdict = this.#verdict;
    const place = part('verdict', HTMLElement);
    place.hidden = verdict === null;
    if (verdict === null) return;
    place.dataset['tone'] = verdict.intact ? 'good' : 'bad';
    language.write(part('verdict-title', HTMLElement), verdict.intact ? 'vIntact' : 'vNotIntact', { count: verdict.faultCount });
    const numbers = { entries: language.number(verdict.entryCount), heads: language.number(verdict.headCount), anchored: language.number(verdict.anchoredUntil) };
    language.write(part('verdict-text', HTMLElement), verdict.anchoredUntil === 0 ? 'vVerdict' : 'vVerdictAnchored', numbers);
    const lines = verdict.intact ? [] : describeVerdict(verdict).slice(1, 1 + Math.min(10, verdict.faults.length + 2));
    const list = part('verdict-lines', HTMLOListElement);
    list.lang = 'en'; // Said by the verifier, which speaks English alone.
    list.replaceChildren(...lines.map((line) => make('li', { text: line.trim() })));
  }

  #drawIncidents(): void {
    const { language, desk } = this.#context;
    const actor = desk.staff;
    const reads = actor !== null && may(actor, 'read', { kind: 'incident' });
    part('incidents-title', HTMLElement).closest<HTMLElement>('.card')?.toggleAttribute('hidden', !reads);
    part('incidents-empty', HTMLElement).hidden = this.#incidents.length > 0;
    part('incidents', HTMLOListElement).replaceChildren(
      ...this.#incidents.map(({ kind, severity, about, at, count }) =>
        make(
          'li',
          { class: 'row-card' },
          make('span', { class: 'row-head' }, make('b', { text: language.text(`vIncident_${kind}`) }), make('span', { class: 'tag', text: language.text(`vSeverity_${severity}`), tone: severity === 'high' ? 'bad' : 'plain' })),
          make('small', { text: `${new Date(at).toLocaleString(language.tag)} · ${about} · ${language.text('logTimes', { count })}` }),
        ),
      ),
    );
  }
}
