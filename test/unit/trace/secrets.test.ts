import { describe, expect, test } from "vitest";
import { createSecrets } from "../../../src/trace/secrets.ts";

describe("a name", () => {
  test.for([
    "Authorization",
    "set-cookie",
    "password",
    "newPassword",
    "PASSWORD_HASH",
    "client_secret",
    "accessToken",
    "x-api-key",
    "Private Key",
  ])("%s is of a secret", (name) => {
    expect(createSecrets().isSecret(name)).toBe(true);
  });

  test.for(["name", "pass", "author", "key", "id"])("%s is of none", (name) => {
    expect(createSecrets().isSecret(name)).toBe(false);
  });

  test("is of a secret when the spec says so", () => {
    expect(createSecrets(["card-number"]).isSecret("cardNumber")).toBe(true);
  });
});

test.for([
  ["password=hunter2 ok", "password=<secret> ok"],
  ["user=ann&password=hunter2&page=2", "user=ann&password=<secret>&page=2"],
  ['{"password":"a b","name":"ann"', '{"password":"<secret>","name":"ann"'],
  ['{"name":"ann","password":"cut of', '{"name":"ann","password":"<secret>'],
  ["Authorization: Bearer abc.def", "Authorization: Bearer <secret>"],
  ["api_key : 'x y'", "api_key : '<secret>'"],
  ["password=<secret>", "password=<secret>"],
  ["no secret here", "no secret here"],
] as const)("in %j secrets are masked", ([text, told]) => {
  expect(createSecrets().hide(text)).toBe(told);
});

test("a value that was secret once is masked wherever it stands", () => {
  const secrets = createSecrets();

  expect(secrets.hide("token=correct-horse")).toBe("token=<secret>");
  expect(secrets.hide("got correct-horse back")).toBe("got <secret> back");
});

test("a short value may be a word, and is masked only under its name", () => {
  const secrets = createSecrets();

  expect(secrets.mask("open")).toBe("<secret>");
  expect(secrets.hide("the order is open")).toBe("the order is open");
});
