import type { DBSchema, IDBPDatabase } from 'idb';
import { createDeviceKey, keyIdOf } from '../governance/consent/proof.ts';
import type { DeviceKey } from '../governance/consent/store.ts';

/** Where the key pair lies: as `CryptoKey` objects, so that its private half can be used and never read. */
export interface KeySchema extends DBSchema {
  keys: { key: string; value: Omit<DeviceKey, 'keyId'> };
}

const NAME = 'device';

/** The key of this browser and origin, made at the first call. Two tabs that make one at once keep the first. */
export async function loadDeviceKey<Schema extends KeySchema>(db: IDBPDatabase<Schema>): Promise<DeviceKey> {
  const keys = db as unknown as IDBPDatabase<KeySchema>;
  const stored = (await keys.get('keys', NAME)) ?? (await keep(keys, await createDeviceKey()));
  return { ...stored, keyId: await keyIdOf(stored.publicKey) };
}

async function keep(db: IDBPDatabase<KeySchema>, { privateKey, publicKey }: DeviceKey): Promise<Omit<DeviceKey, 'keyId'>> {
  const tx = db.transaction('keys', 'readwrite');
  const first = await tx.store.get(NAME);
  if (first === undefined) await tx.store.put({ privateKey, publicKey }, NAME);
  await tx.done;
  return first ?? { privateKey, publicKey };
}
