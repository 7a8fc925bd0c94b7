import { describe, expect, test } from "vitest";
import {
  beginClaim,
  type Marker,
  readMarker,
  standingOf,
} from "../../../../src/adapters/redis/marker.ts";
import { contentsOf, encodeContent, tellTexts } from "../../../../src/adapters/redis/values.ts";
import { ownIdentity } from "../../../../src/provision/ownership/owner.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("contents of keys", () => {
  test("a missing key has none", () => {
    expect(contentsOf(["none", -2, null])).toEqual([undefined]);
  });

  test("names that are no text become pairs", () => {
    const name = Buffer.from([0xff]);

    expect(contentsOf(["hash", -1, [[name, bytes("1")], []]])).toEqual([
      { type: "hash", hasTtl: false, value: [[new Uint8Array([0xff]), "1"]] },
    ]);
  });

  test("a hash is the same in any order", () => {
    const [first, second] = contentsOf([
      "hash",
      5,
      [["b", "1", "a", "2"].map(bytes), ["a", "b"].map(bytes)],
      "hash",
      7,
      [["a", "2", "b", "1"].map(bytes), ["b", "a"].map(bytes)],
    ]);

    expect(first).toEqual(second);
    expect(first && encodeContent(first)).toBe(second && encodeContent(second));
  });

  test("numbers of a stream's ids stay exact", () => {
    const id = bytes("5-18446744073709551615");

    expect(contentsOf(["stream", -1, [[], id, []]])[0]?.value).toMatchObject({
      last: { at: 5, seq: 18446744073709551615n },
    });
  });

  test("only equal contents are written alike", () => {
    const [first, second, third] = [new Uint8Array([1]), "\u0001", "a"].map((value) =>
      encodeContent({ type: "string", hasTtl: false, value }),
    );

    expect(first).not.toBe(second);
    expect(third).not.toBe(encodeContent({ type: "string", hasTtl: true, value: "a" }));
  });

  test("every text is told", () => {
    const told: string[] = [];

    tellTexts({ a: ["b", new Uint8Array([1]), { c: "d", e: 5 }] }, (text) => told.push(text));

    expect(told).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("the marker of a database", () => {
  const { textOf, end } = beginClaim("1");
  const marker = readMarker(textOf("empty")) as Marker;

  test("is read again", () => {
    expect(marker).toMatchObject({ slot: "1", stage: "empty", owner: ownIdentity() });
  });

  test.for(["", "x", "null", "5", "{}", JSON.stringify({ ...marker, stage: "other" })])(
    "%s is none",
    (text) => {
      expect(readMarker(text)).toBeUndefined();
    },
  );

  test("tells a world at work from one that was killed", () => {
    const { owner } = marker;
    const elsewhere = { ...marker, owner: { ...owner, place: "elsewhere" } };

    expect(standingOf(marker)).toBe("working");
    expect(standingOf({ ...marker, owner: { ...owner, start: "0" } })).toBe("left");
    expect(standingOf(elsewhere)).toBe("working");
    expect(standingOf({ ...elsewhere, since: 0 })).toBe("left");
    // This process lives, but could not clean up.
    end();
    expect(standingOf(marker)).toBe("left");
    expect(standingOf({ ...marker, thread: marker.thread + 1 })).toBe("working");
  });
});
