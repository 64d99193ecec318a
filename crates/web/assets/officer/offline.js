/**
 * A check without network: the same verdict function as the node's, over the pack and the trust data that this device keeps.
 */

import { fact } from "./keep.js";
