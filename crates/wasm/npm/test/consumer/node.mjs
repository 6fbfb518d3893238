import * as everview from "everview";

import { exercise } from "./exercise.mjs";

console.log(JSON.stringify(await exercise(everview)));
