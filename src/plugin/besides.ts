import { fileURLToPath } from "node:url";

/** The path of a module beside another: `.js` when built, `.ts` when Node runs the source. */
export function besides(url: string, path: string): string {
  const extension = url.slice(url.lastIndexOf("."));
  return fileURLToPath(new URL(path + extension, url));
}
