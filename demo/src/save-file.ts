/** Hands a file to the person as a download. The page keeps no copy. */
export function saveFile(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The download has taken its own reference by the next turn of the event loop, but not in every engine at once.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
