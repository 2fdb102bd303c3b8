import type { BautaIndicator } from 'bauta/elements';
import { part } from './dom.ts';

/** The page as it stands in a public place: the sign large and always in sight, the camera, start and stop, nothing else (MEG-sign). */
export function enterKiosk(indicator: BautaIndicator): void {
  document.documentElement.dataset['kiosk'] = '';
  indicator.toggleAttribute('kiosk', true);
  part('content', HTMLElement).prepend(indicator);
  const camera = document.querySelector<HTMLInputElement>('input[name=source][value=camera]');
  if (camera !== null) camera.checked = true;
  const link = part('kiosk', HTMLAnchorElement);
  link.href = './';
  link.dataset['t'] = 'kioskEnd';
}
