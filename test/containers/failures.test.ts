import { expect, test } from "vitest";
import { isWayUnavailable } from "../../src/provision/ways/way.ts";
import { imageOf, probeEngine, start } from "../support/containers/start.ts";
import { optionalLane } from "../support/lane.ts";

optionalLane("containers that cannot be had", probeEngine, () => {
  test("an image that cannot be pulled: the engine's reason", async () => {
    const image = "127.0.0.1:1/vitest-explore/nothing:1";
    const error: unknown = await start("redis", { image }).catch((thrown: unknown) => thrown);
    expect(isWayUnavailable(error)).toBe(true);
    expect(String(error)).toMatch(`${image} cannot be pulled: `);
    expect(String(error)).toMatch(/connection refused|no such host|not found/i);
  });

  test("a server that ends at once: its exit code and what it said", async () => {
    const options = { ...imageOf("redis"), args: ["--no-such-setting", "1"] };
    await expect(start("redis", options)).rejects.toThrow(
      /^the container ended with exit code 1\n {2}[^]*no-such-setting/,
    );
  });
});
