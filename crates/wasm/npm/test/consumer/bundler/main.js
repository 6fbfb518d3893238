import * as everview from "everview";

import { exercise } from "../exercise.mjs";

globalThis.result = exercise(everview);
