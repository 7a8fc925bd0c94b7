import type { Vitest } from "vitest/node";
import { openBroker } from "../provision/broker/broker.ts";
import { createServers } from "../provision/provision.ts";

const addresses = new WeakMap<Vitest, string>();

/**
 * Where workers ask for servers. All projects share one broker, which lives until Vitest closes, so
 * that servers stay warm between the runs of watch mode.
 *
 * @returns `undefined` when there can be none; that matters only to who asks for a server.
 */
export function brokerAddress(vitest: Vitest): string | undefined {
  const known = addresses.get(vitest);
  if (known !== undefined) return known;
  const { logger } = vitest;
  const warn = (error: unknown): void =>
    logger.warn(`vitest-explore cannot start servers: ${String(error)}`);
  try {
    const say = (line: string): void => logger.log(`vitest-explore: ${line}`);
    const broker = openBroker(createServers({ say }), warn);
    addresses.set(vitest, broker.address);
    vitest.onClose(async () => {
      // Vitest starts again when its configuration changes: with a new broker.
      addresses.delete(vitest);
      await broker.close();
    });
    return broker.address;
  } catch (error) {
    warn(error);
    return undefined;
  }
}
