/** The chip of the offline pack, on the officer's other pages. */

import { showChip } from "./state.js";

showChip();
