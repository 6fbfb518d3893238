import { defineConfig } from "@playwright/test";

const address = "http://127.0.0.1:4790";

export default defineConfig({
  testDir: ".",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  reporter: "list",
  // Conditions, not speeds, decide: two slow cores share two browsers and what else runs there.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: address,
    browserName: "chromium",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    // What specs answer in the place of the network shall not come out of a store.
    serviceWorkers: "block",
    trace: "retain-on-failure",
  },
  webServer: {
    command: "node server.mjs",
    url: address,
  },
});
