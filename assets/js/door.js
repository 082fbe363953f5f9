// The pages outside the frame: sign-in and its steps.

import { one } from "./query.js";
import { wireReload } from "./reload.js";
import { wireReveal } from "./reveal.js";
import { wireToasts } from "./toasts.js";

const RELOAD_MS = 2000;
wireReload();
wireReveal();
wireToasts();
if (one("[data-reload-soon]")) setTimeout(() => location.reload(), RELOAD_MS);
