import { ExploreError } from "../../errors.ts";
import type { LiveDatabase } from "./epoch.ts";
import type { Epoch, Node } from "./history.ts";
import { wayTo } from "./history.ts";

/** Where the current state stands: its epoch, and the checkpoints above it there. */
export interface Standing {
  readonly epoch: () => Epoch;
  /** The nearest checkpoint above. */
  readonly nearest: () => Node;
  /** Whether the epoch's log holds everything written since its base; asked inside a transaction. */
  readonly isLogged: () => boolean;
  /** The current state is a checkpoint now. */
  readonly add: (node: Node) => void;
  /** The current state is an epoch's base now. Returns the epoch that was left. */
  readonly enter: (next: Epoch) => Epoch;
  /** Goes to a checkpoint of this epoch; the result makes it known once that is committed. */
  readonly travel: (to: Node) => () => void;
  /** Forgets checkpoints that are no longer in the tree. */
  readonly tidy: () => void;
}

export function createStanding({ system, control }: LiveDatabase, first: Epoch): Standing {
  const version = control.prepare("PRAGMA main.schema_version").pluck();
  let epoch = first;
  /** Base first. */
  let line: Node[] = [first.base];

  return {
    epoch: () => epoch,
    nearest: () => line.at(-1) ?? epoch.base,
    isLogged: () => epoch.log !== undefined && version.get() === epoch.schemaVersion,
    add: (node) => void line.push(node),
    enter: (next) => {
      const left = epoch;
      for (const node of line) node.position = undefined;
      epoch = next;
      line = [next.base];
      next.base.position = 0;
      return left;
    },
    travel: (to) => {
      const { log, counters } = epoch;
      const [meeting, ...way] = wayTo(to);
      if (log === undefined || meeting?.position === undefined) throw leadsNowhere(system, to);
      log.undo(meeting.position);
      const positions = way.map((node) => {
        log.redo(node.id, node.tables);
        return log.position();
      });
      counters.write(to.counters);
      // Putting the app's triggers aside has changed it.
      const schemaVersion = version.get() as number;
      return () => {
        epoch.schemaVersion = schemaVersion;
        for (const node of line.splice(line.indexOf(meeting) + 1)) node.position = undefined;
        for (const [index, node] of way.entries()) node.position = positions[index];
        line.push(...way);
      };
    },
    tidy: () => {
      line = line.filter(
        ({ parent }, index) => index === 0 || parent?.children.has(line[index] as Node),
      );
    },
  };
}

function leadsNowhere(system: string, { id }: Node): ExploreError {
  return new ExploreError(
    "EXPLORE_BUG",
    `${system}: no way leads to checkpoint node ${id}. Report it with the spec.`,
    { details: { system, node: id } },
  );
}
