/** A form up to this many characters is its own fingerprint: a digest would not be shorter. */
const MAX_PLAIN = 64;

/**
 * The name of a state: equal exactly when the canonical forms are equal.
 *
 * @param hash - A collision-resistant digest, e.g. SHA-256 in hexadecimal. Without it the
 * fingerprint of a long form is the form.
 */
export function fingerprint(form: string, hash?: (text: string) => string): string {
  if (form.length <= MAX_PLAIN || hash === undefined) return form;
  // The mark keeps a digest apart from a short form that happens to read the same.
  return `~${hash(form)}`;
}
