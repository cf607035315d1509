/** The shells that there are scripts for. */

import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

export const scriptOf = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
