/** The rule of the option `server`, as the backends' tables of rules have them. */
export const SERVER_RULE = {
  must: "an object with no more than `way`, `image` and `folder`",
  holds: (value: unknown): boolean =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).every(([name, part]) => part === undefined || isPart(name, part)),
  cure: 'Give e.g. { way: "container", image: "postgres:17" }; `way` is binary, container or embedded.',
} as const;

function isPart(name: string, part: unknown): boolean {
  if (name === "way") return part === "binary" || part === "container" || part === "embedded";
  return (name === "image" || name === "folder") && typeof part === "string" && part !== "";
}
