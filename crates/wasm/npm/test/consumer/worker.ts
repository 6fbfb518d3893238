// Compiled, never run: a worker, whose file is given to an engine as it is.

import { type ColdFile, type Engine } from "everview";

export async function spill(engine: Engine): Promise<ColdFile> {
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle("spilled", { create: true });
  const handle: FileSystemSyncAccessHandle = await file.createSyncAccessHandle();
  engine.limitMemory(64_000_000, handle);
  return handle;
}
