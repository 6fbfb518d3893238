// How large files are, each compressed on its own as a web server would: node size.mjs FILE…

import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const sizes = { raw: 0, gzip: 0, brotli: 0 };
for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  sizes.raw += bytes.length;
  sizes.gzip += gzipSync(bytes, { level: 9 }).length;
  sizes.brotli += brotliCompressSync(bytes).length;
}
console.log(JSON.stringify(sizes));
