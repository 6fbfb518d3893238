// Serves a built dashboard as a web host would: its files, and its page for every other path.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const root = process.env.DASHBOARD ?? join(import.meta.dirname, "../../target/dashboard");
const types = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const asked = join(root, normalize(decodeURIComponent(pathname)));
  const file = existsSync(asked) && statSync(asked).isFile() ? asked : join(root, "index.html");
  const type = types[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "Content-Type": type });
  createReadStream(file).pipe(response);
}).listen(4790, "127.0.0.1");
