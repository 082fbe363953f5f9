// The pages outside the frame: sign-in and its steps.

import { wireReload } from "./reload.js";
import { wireReveal } from "./reveal.js";
import { wireToasts } from "./toasts.js";

document.documentElement.classList.add("js");
wireReload();
wireReveal();
wireToasts();
