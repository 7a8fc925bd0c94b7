import { tellRequest, type Oracle } from "./oracle.ts";

/** No request may be answered with a status of 500 or above. */
export const noServerErrors: Oracle = {
  isDefault: true,
  judge: ({ exchanges }) => {
    const failed = exchanges.find(({ status = 0 }) => status >= 500);
    return failed && `${tellRequest(failed)} was answered ${failed.status}`;
  },
};
