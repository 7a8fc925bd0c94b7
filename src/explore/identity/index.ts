export { canonicalForm, canonicalState } from "./canonical-form.ts";
export { fingerprint } from "./fingerprint.ts";
export { addConstants } from "./seeds.ts";
export { learn, noKnowledge, startKnowledge, type Knowledge } from "./knowledge.ts";
