import type { graphlib, layout } from "@dagrejs/dagre";

/** The part of dagre that is used. */
export interface Dagre {
  readonly graphlib: Pick<typeof graphlib, "Graph">;
  readonly layout: typeof layout;
}

/** Something to be placed: a box, or the texts on an edge. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An edge between two boxes, with the room that its texts need. */
export interface EdgeSize extends Size {
  readonly from: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything is, in pixels; places of boxes and texts are their centres. */
export interface Layout extends Size {
  readonly boxes: ReadonlyMap<string, Point>;
  /** In the order given. */
  readonly edges: readonly { readonly points: readonly Point[]; readonly label: Point }[];
}

/** Space between boxes of a column, between columns, and around all. */
const GAPS = { nodesep: 14, edgesep: 12, ranksep: 24, marginx: 20, marginy: 20 } as const;

/** Places boxes in columns, each edge leading to a column further right. */
export function layOut(
  { graphlib, layout }: Dagre,
  boxes: ReadonlyMap<string, Size>,
  edges: readonly EdgeSize[],
): Layout {
  const graph = new graphlib.Graph({ multigraph: true });
  // Other rankers take minutes for some graphs of this kind.
  graph.setGraph({ rankdir: "LR", ranker: "tight-tree", ...GAPS });
  for (const [name, { width, height }] of boxes) graph.setNode(name, { width, height });
  for (const [index, { from, to, width, height }] of edges.entries()) {
    graph.setEdge(from, to, { width, height, labelpos: "c" }, String(index));
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  const places = new Map([...boxes.keys()].map((name) => [name, pointOf(graph.node(name))]));
  /** The middle of a box's left or right side. */
  const sideOf = (name: string, side: -1 | 1): Point => {
    const { x, y } = places.get(name) ?? { x: 0, y: 0 };
    return { x: x + (side * (boxes.get(name)?.width ?? 0)) / 2, y };
  };
  return {
    width,
    height,
    boxes: places,
    edges: edges.map(({ from, to }, index) => {
      const edge = graph.edge(from, to, String(index)) as Partial<Point> & {
        readonly points?: readonly Point[];
      };
      // Edges leave and enter as they are read, not where a line between centres would.
      const between = (edge.points ?? []).slice(1, -1).map(pointOf);
      return { points: [sideOf(from, 1), ...between, sideOf(to, -1)], label: pointOf(edge) };
    }),
  };
}

function pointOf({ x = 0, y = 0 }: Partial<Point>): Point {
  return { x, y };
}
