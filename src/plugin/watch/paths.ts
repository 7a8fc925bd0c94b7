/** Whether a file is the one at a path, or in the folder there. */
export function isAt(path: string, file: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}

/** A path as Vite writes it. */
export function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}
