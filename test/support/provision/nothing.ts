import type { Provide } from "../../../src/provision/server-request.ts";

/** For systems that are given all they need. */
export const provideNothing: Provide = ({ kind }) =>
  Promise.reject(new Error(`no ${kind} server is provided here`));
