import * as everview from "everview";
import * as simulator from "everview/simulator";

import { exercise } from "../exercise.mjs";

globalThis.result = exercise(everview, simulator);
