import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ensureLibraryLinks } from "../../../../src/provision/ways/library-links.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";

const LINKS = [
  { source: "native/lib/libpq.so.5.17", target: "native/lib/libpq.so.5" },
  { source: "native/lib/libpq.so.5.17", target: "native/lib/postgresql/libpq.so" },
];

/** A package as npm unpacks it: one library, and a list of the links that it needs. */
function createPackage(links: unknown): string {
  const folder = join(ownTemporaryFolder(), "package");
  mkdirSync(join(folder, "native", "lib", "postgresql"), { recursive: true });
  writeFileSync(join(folder, "native", "lib", "libpq.so.5.17"), "library");
  if (links !== undefined) {
    writeFileSync(join(folder, "native", "pg-symlinks.json"), JSON.stringify(links));
  }
  return folder;
}

describe("library links", () => {
  test("are made, relative, and lead to the library", () => {
    const folder = createPackage(LINKS);
    ensureLibraryLinks(folder);
    expect(readlinkSync(join(folder, "native/lib/libpq.so.5"))).toBe("libpq.so.5.17");
    expect(readlinkSync(join(folder, "native/lib/postgresql/libpq.so"))).toBe("../libpq.so.5.17");
    expect(readFileSync(join(folder, "native/lib/postgresql/libpq.so"), "utf8")).toBe("library");
  });

  test("that are there stay, and so does a file in a link's place", () => {
    const folder = createPackage(LINKS);
    symlinkSync("libpq.so.5.17", join(folder, "native/lib/libpq.so.5"));
    writeFileSync(join(folder, "native/lib/postgresql/libpq.so"), "a copy");
    ensureLibraryLinks(folder);
    ensureLibraryLinks(folder);
    expect(readFileSync(join(folder, "native/lib/postgresql/libpq.so"), "utf8")).toBe("a copy");
  });

  test("a package without a list needs none", () => {
    expect(() => ensureLibraryLinks(createPackage(undefined))).not.toThrow();
  });

  test.for([
    { source: "native/lib/libpq.so.5.17", target: "../outside.so" },
    { source: "/etc/passwd", target: "native/lib/libpq.so.5" },
    { source: "native/../../package-2/x", target: "native/lib/libpq.so.5" },
    { source: 1, target: "native/lib/libpq.so.5" },
    null,
  ])("a list that leads out of the package is refused: %j", (entry) => {
    const folder = createPackage([entry]);
    expect(() => ensureLibraryLinks(folder)).toThrow("which is not in the package");
    expect(() => readlinkSync(join(dirname(folder), "outside.so"))).toThrow("ENOENT");
  });

  test("one that cannot be made is named", () => {
    const folder = createPackage([
      { source: "native/lib/libpq.so.5.17", target: "native/lib/missing/libpq.so" },
    ]);
    expect(() => ensureLibraryLinks(folder)).toThrow(
      `the link ${join(folder, "native/lib/missing/libpq.so")} cannot be made (ENOENT)`,
    );
  });
});
