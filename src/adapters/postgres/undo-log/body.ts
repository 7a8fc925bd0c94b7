/** Quotes the body of a function by a tag that does not occur in it: names may hold anything. */
export function quoteBody(body: string): string {
  let tag = "$explore$";
  for (let n = 1; body.includes(tag); n += 1) tag = `$explore${n}$`;
  return `${tag} ${body} ${tag}`;
}
