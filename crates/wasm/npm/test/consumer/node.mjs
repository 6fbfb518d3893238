import * as everview from "everview";
import * as simulator from "everview/simulator";

import { exercise } from "./exercise.mjs";

console.log(JSON.stringify(await exercise(everview, simulator)));
