// A process to be killed: owns a group of two processes and a folder, and says which. Arguments:
// `leaderless` ends the group's first process, so that only its child is left.
import { spawn } from "node:child_process";
import { createWorkFolder } from "../../../src/provision/ownership/folders.ts";
import { GROUP_MARK, newGroupMark, ownGroup } from "../../../src/provision/ownership/groups.ts";

const mark = newGroupMark();
const group = spawn("sh", ["-c", "sleep 300 & echo $!; wait"], {
  detached: true,
  stdio: ["ignore", "pipe", "ignore"],
  env: { ...process.env, [GROUP_MARK]: mark },
});
const leader = group.pid ?? NaN;
ownGroup(leader, mark);
const child = await new Promise<number>((resolve) => {
  group.stdout.on("data", (text) => resolve(Number(text)));
});
const { path } = await createWorkFolder("test");
if (process.argv.includes("leaderless")) {
  await new Promise((resolve) => {
    group.once("exit", resolve);
    process.kill(leader, "SIGKILL");
  });
}
console.log(JSON.stringify({ leader, child, path }));
if (process.argv.includes("exit")) process.exit();
setInterval(() => {}, 1000);
