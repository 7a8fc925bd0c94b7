import { rm } from "node:fs/promises";
import { sweepOwned, sweepWorkFolders } from "./folders.ts";
import { sweepDeadOwners } from "./processes.ts";
import { sweepServerFolders } from "../programs/server-folder.ts";
import { sweepTemplates } from "../programs/template.ts";
import { socketFolder } from "../broker/socket-path.ts";

/** Ends and removes what belongs to processes that were killed before they could. */
export async function sweepLeftovers(): Promise<void> {
  sweepDeadOwners();
  await sweepWorkFolders();
  await sweepServerFolders();
  await sweepTemplates();
  await sweepOwned(socketFolder(), (path) => rm(path, { force: true }));
}
