/** Answers with what it was asked, for tests of what the client sends. */
export async function echo(request: Request): Promise<Response> {
  return Response.json({
    method: request.method,
    path: request.url.replace("http://app.localhost", ""),
    headers: Object.fromEntries(request.headers),
    sent: await request.text(),
  });
}

/** What `echo` answers. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sent: string;
}
