/** Watches the browser's setting for the camera. */
export interface PermissionWatch {
  /** Whether the setting is still what it was when the camera opened, or better; asks the browser. */
  stillHolds(): Promise<boolean>;
  close(): void;
}

/**
 * Watches the setting under which the camera was opened (TAF-5.1e). To be called when the camera is open: before, the
 * question itself would be one too early (TAF-5.1b).
 *
 * Some browsers say `prompt` while a camera that was allowed for once is running: then only `denied` counts as a change.
 * Where the setting cannot be asked for, the end of the track is the only sign, and the session ends by that.
 * @param onChanged called once.
 */
export async function watchCameraPermission(onChanged: () => void): Promise<PermissionWatch> {
  const status = await queryCamera();
  if (status === null) return { stillHolds: () => Promise.resolve(true), close: () => undefined };
  const atStart = status.state;
  const holds = (state: PermissionState): boolean => state === 'granted' || (state === 'prompt' && atStart === 'prompt');
  let told = false;
  const look = (): void => {
    if (told || holds(status.state)) return;
    told = true;
    onChanged();
  };
  status.addEventListener('change', look);
  // It may have been taken back between the opening and this question.
  look();
  return {
    stillHolds: async () => holds((await queryCamera())?.state ?? status.state),
    close() {
      told = true;
      status.removeEventListener('change', look);
    },
  };
}

async function queryCamera(): Promise<PermissionStatus | null> {
  const { permissions } = navigator as { readonly permissions?: Permissions };
  try {
    return (await permissions?.query({ name: 'camera' })) ?? null;
  } catch {
    return null; // Engines without this name of a permission throw a TypeError.
  }
}
