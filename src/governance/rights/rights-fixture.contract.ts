import { createDeviceKey, signStatement } from '../consent/proof.ts';
import type { IdentityCheck, RightsEntry } from './request.ts';
import { RightsRegister, type AuditLine, type RightsReceipt, type RightsStore } from './register.ts';

/** Requests in memory, for tests. */
export class MemoryRightsStore implements RightsStore {
  readonly all: RightsEntry[] = [];
  readonly audit: AuditLine[] = [];
  readonly receipts: RightsReceipt[] = [];
  /** Runs before an append: what another tab does in between. */
  meanwhile: (() => void) | null = null;

  async entries(requestId: string): Promise<RightsEntry[]> {
    return structuredClone(this.all.filter((entry) => entry.requestId === requestId));
  }

  async requestIds(): Promise<string[]> {
    return [...new Set(this.all.map(({ requestId }) => requestId))];
  }

  async receipt(requestId: string): Promise<RightsReceipt | null> {
    return this.receipts.find((receipt) => receipt.requestId === requestId) ?? null;
  }

  async append(entry: RightsEntry, audit: AuditLine, receipt: RightsReceipt | null): Promise<boolean> {
    const { meanwhile } = this;
    this.meanwhile = null;
    meanwhile?.();
    if (this.all.some(({ requestId, number }) => requestId === entry.requestId && number === entry.number)) return false;
    this.all.push(structuredClone(entry));
    this.audit.push(audit);
    if (receipt !== null) this.receipts.push(receipt);
    return true;
  }
}

/** A register with a clock that can be set and an identity check that can fail. */
export async function rightsFixture() {
  const store = new MemoryRightsStore();
  const key = await createDeviceKey();
  const world = { now: Date.UTC(2026, 10, 22), check: { method: 'signed-in', outcome: 'confirmed' } as IdentityCheck, asked: [] as string[] };
  const register = new RightsRegister({
    store,
    now: () => world.now,
    sign: (statement) => signStatement(statement, key),
    origin: 'https://app.example',
    checkIdentity: async ({ requestId }) => {
      world.asked.push(requestId);
      return world.check;
    },
  });
  return { store, key, world, register };
}
