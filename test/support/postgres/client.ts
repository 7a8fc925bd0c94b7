import { Client } from "pg";
import { onTestFinished } from "vitest";

/** An app's own connection; closed when the test ends. */
export async function connectClient(url: string): Promise<Client> {
  const made = new Client({ connectionString: url, application_name: "shop" });
  // A database that is dropped ends its connections.
  made.on("error", () => {});
  await made.connect();
  onTestFinished(() => made.end());
  return made;
}
