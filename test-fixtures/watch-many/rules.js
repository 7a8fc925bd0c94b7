export function mayAdd(word) {
  return word !== "cabca!";
}
