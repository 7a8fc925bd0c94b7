import { describe, expect, test } from "vitest";
import { createOutput } from "../../../../src/adapters/http/output.ts";

describe("output", () => {
  test("keeps the end of a long text", () => {
    const output = createOutput(4);

    for (const part of ["ab", "cd", "ef", "ghijkl", "m"]) output.append(part);

    expect(output.text()).toBe("jklm");
  });

  test("gives what came after a mark", () => {
    const output = createOutput(10);
    output.append("before");
    const mark = output.mark();
    expect(output.since(mark)).toBe("");

    output.append("after");

    expect(output.since(mark)).toBe("after");
    expect(output.since(0)).toBe("eforeafter");
  });

  test("gives the last part when more came after the mark than is kept", () => {
    const output = createOutput(3);
    const mark = output.mark();

    for (let digit = 0; digit < 10; digit += 1) output.append(String(digit));

    expect(output.since(mark)).toBe("789");
  });

  test("keeps marks right after text was dropped", () => {
    const output = createOutput(3);
    output.append("a long beginning");
    const mark = output.mark();

    output.append("x");

    expect(output.since(mark)).toBe("x");
  });

  test("has no last lines before something is printed", () => {
    const output = createOutput();
    expect(output.lastLines(3)).toEqual([]);

    output.append("one\ntwo\nthree\nfour\n");

    expect(output.lastLines(3)).toEqual(["two", "three", "four"]);
  });
});
