// What the scripts share: a browser that gives up in time, an authenticator, steps that say what they did.

import { chromium } from "playwright-core";

const PATIENCE = 600_000;

/** A browser; the whole script ends with a failure if it is not done in time. */
export function launch() {
  setTimeout(() => {
    console.error(`not done after ${PATIENCE / 1000} s`);
    process.exit(1);
  }, PATIENCE).unref();
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    // Containers have neither the privileges of its sandbox nor much shared memory.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}

/** A key built into the device, which verifies its user and holds discoverable passkeys. */
export async function plugIn(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verifies: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

/** Does one thing, and says so. */
export async function step(what, does) {
  const result = await does();
  console.log(`    ${what}`);
  return result;
}
