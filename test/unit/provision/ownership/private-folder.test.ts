import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { privateFolder } from "../../../../src/provision/ownership/private-folder.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";

const uid = process.getuid?.() ?? 0;
const base = (): string => join(ownTemporaryFolder(), `vitest-explore-${uid}`);

test("makes a folder for this user alone, and finds it again", () => {
  const folder = join(base(), "work");

  expect(privateFolder("work")).toBe(folder);
  expect(privateFolder("work")).toBe(folder);
  expect(lstatSync(folder).mode & 0o777).toBe(0o700);
});

test("refuses a folder that others may write to", () => {
  const folder = base();
  mkdirSync(folder);
  chmodSync(folder, 0o777);

  expect(() => privateFolder("work")).toThrow(
    expect.objectContaining({
      code: "EXPLORE_FOLDER_UNSAFE",
      message:
        `The folder ${folder} cannot be trusted: others may write to it (mode 777).\n` +
        "Remove it, or set TMPDIR to a folder that only you can write to.",
    }),
  );
});

test("refuses a link, whatever it leads to", () => {
  const folder = base();
  mkdirSync(`${folder}-target`, { mode: 0o700 });
  symlinkSync(`${folder}-target`, folder);

  expect(() => privateFolder("work")).toThrow("cannot be trusted: it is not a folder");
});

test("refuses a folder of another user", () => {
  const folder = base();
  mkdirSync(folder, { mode: 0o700 });
  // The folder stays this user's; who asks becomes another one, under the same name.
  vi.spyOn(process, "getuid")
    .mockReturnValueOnce(uid)
    .mockReturnValue(uid + 1);

  expect(() => privateFolder("work")).toThrow(
    `it belongs to user ${uid}, and this is user ${uid + 1}`,
  );
  vi.restoreAllMocks();
});

test("refuses a file in the place of the folder", () => {
  const folder = base();
  writeFileSync(folder, "");

  expect(() => privateFolder("work")).toThrow("cannot be trusted: it is not a folder");
});
